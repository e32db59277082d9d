"""bare.py: make begins on a machine with a python3 that lacks pip, and says at once what it cannot do without."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

import bare

ROOT = Path(__file__).parents[1]


def an_index(folder: Path, content: bytes, name: str = bare.PIP) -> str:
    """A package index of files, as PyPI is one of pages; its URL."""
    (folder / "pip").mkdir()
    (folder / "pip" / name).write_bytes(content)
    # PyPI's pages lead to another host, a mirror's often beside themselves.
    (folder / "pip/index.html").write_text(f'<a href="other-1.0.whl">o</a><a href="{name}#sha256=0">{name}</a>')
    return folder.as_uri()


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder's page, as a server of files answers one."""
    read = bare._read
    monkeypatch.setattr(bare, "_read", lambda url: read(f"{url}index.html" if url.endswith("/") else url))


def test_the_pip_of_an_index_is_taken_by_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: None) -> None:
    monkeypatch.setattr(bare, "PIP_SHA256", hashlib.sha256(b"pip").hexdigest())
    assert bare.pip_wheel(f"{an_index(tmp_path, b'pip')}/") == b"pip"


def test_another_pip_under_its_name_is_not_run(tmp_path: Path, pages: None) -> None:
    with pytest.raises(SystemExit, match="another pip"):
        bare.pip_wheel(an_index(tmp_path, b"not pip"))


def test_an_index_without_it_or_out_of_reach_is_told_with_the_remedy(tmp_path: Path, pages: None) -> None:
    with pytest.raises(SystemExit, match=r"has no pip-.*: install python3-venv"):
        bare.pip_wheel(an_index(tmp_path, b"", "pip-1.0-py3-none-any.whl"))
    with pytest.raises(SystemExit, match=r"cannot be read .*: install python3-venv, or uv"):
        bare.pip_wheel((tmp_path / "nowhere").as_uri())


def a_uv(folder: Path, status: int) -> str:
    """A uv that finds a Python, or none."""
    found = folder / "uv"
    found.write_text(f"#!/bin/sh\nexit {status}\n")
    found.chmod(0o755)
    return str(found)


@pytest.mark.parametrize(
    ("status", "mirror", "reached", "goes_on"),
    [(0, "", False, True), (2, "", True, True), (2, "https://mirror.example", False, True), (2, "", False, False)],
)
def test_a_python_is_there_or_can_be_had_or_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, mirror: str, reached: bool, goes_on: bool
) -> None:
    monkeypatch.delenv("UV_PYTHON_INSTALL_MIRROR", raising=False)
    if mirror:
        monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", mirror)
    monkeypatch.setattr(bare, "_reached", lambda url: reached)
    assert bare.has_python(a_uv(tmp_path, status)) is goes_on


def test_who_is_out_of_reach_is_known_in_seconds_and_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not bare._reached("http://127.0.0.1:9")
    monkeypatch.setattr(bare, "FORGE_SECONDS", 0.001)
    assert not bare._reached("http://127.0.0.1:9")
    text = (ROOT / "bare.py").read_text().replace(bare.FORGE, "http://127.0.0.1:9")
    (tmp_path / "bare.py").write_text(text)
    told = subprocess.run(
        [sys.executable, str(tmp_path / "bare.py"), "python", a_uv(tmp_path, 2)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert (told.returncode, told.stderr.strip()) == (1, bare.NO_PYTHON)


@pytest.mark.parametrize("given", [[], ["uv"], ["pip", "here"]])
def test_who_calls_it_wrongly_reads_what_it_takes(given: list[str]) -> None:
    ran = subprocess.run([sys.executable, str(ROOT / "bare.py"), *given], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "python3 bare.py uv FOLDER" in ran.stderr
    assert "Traceback" not in ran.stderr
