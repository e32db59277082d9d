"""What `make` needs on a machine with nothing but git, make and some python3: uv, and word of a Python 3.13.

    python3 bare.py uv FOLDER    uv into FOLDER, by pip; where the distribution left pip out, that is fetched first
    python3 bare.py python UV    status 1 and what to do, where there is no Python 3.13 and uv could not get one

Runs on any Python 3.9 or later, on its standard library alone.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

UV = "uv==0.13.9"
PIP = "pip-25.3-py3-none-any.whl"
PIP_SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
FORGE = "https://github.com"
"""From where uv fetches Pythons, unless it is told of a mirror."""
FORGE_SECONDS = 8

NO_PYTHON = """\
There is no Python 3.13 here, and GitHub, from where uv would fetch one, is not reached.
Install one, then make again:
  Debian 13    apt install python3
  Debian 12    apt install -t trixie python3.13, as docs/support.md has it
  elsewhere    your distribution's python3.13, or one made from python.org's source
  a mirror     UV_PYTHON_INSTALL_MIRROR=URL make ..."""


def get_uv(folder: Path) -> None:
    """Debian has venv without pip: its ensurepip is in python3-venv."""
    has_pip = importlib.util.find_spec("ensurepip") is not None
    subprocess.run(
        [sys.executable, "-m", "venv", "--clear", *([] if has_pip else ["--without-pip"]), str(folder)], check=True
    )
    environment = dict(os.environ)
    if not has_pip:
        wheel = folder / PIP
        wheel.write_bytes(pip_wheel(os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple")))
        environment["PYTHONPATH"] = str(wheel.resolve())
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV]
    subprocess.run(pip, env=environment, check=True)


def pip_wheel(index: str) -> bytes:
    """pip itself, from a package index as PyPI is one; SystemExit for another one than is pinned."""
    page = f"{index.rstrip('/')}/pip/"
    found = re.search(f'href="([^"]*{re.escape(PIP)})', _read(page).decode())
    if found is None:
        raise SystemExit(f"{page} has no {PIP}: install python3-venv, then make again.")
    wheel = _read(urllib.parse.urljoin(page, found[1]))
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        raise SystemExit(f"{page} has another {PIP} than the one that is known here.")
    return wheel


def _read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  the index that pip itself would ask
            content: bytes = answer.read()
            return content
    except OSError as error:
        raise SystemExit(f"{url} cannot be read ({error}): install python3-venv, or uv, then make again.") from None


def has_python(uv: str) -> bool:
    """Is there one, or somewhere to get one from?"""
    there = subprocess.run([uv, "python", "find", "--no-python-downloads"], capture_output=True, check=False)
    return there.returncode == 0 or "UV_PYTHON_INSTALL_MIRROR" in os.environ or _reached(FORGE)


def _reached(url: str) -> bool:
    # In a process of its own: looking up a name has no time limit.
    ask = f"import urllib.request; urllib.request.urlopen({url!r}, timeout={FORGE_SECONDS})"
    try:
        subprocess.run([sys.executable, "-c", ask], capture_output=True, check=True, timeout=FORGE_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return False
    return True


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in {"uv", "python"}:
        raise SystemExit(__doc__)
    if sys.argv[1] == "uv":
        get_uv(Path(sys.argv[2]))
    elif not has_python(sys.argv[2]):
        raise SystemExit(NO_PYTHON)
