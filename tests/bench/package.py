"""Build the package twice as `sam deploy` would get it: its sizes, its hashes, and whether its handlers work."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import msgspec

from tests.bench.cold import ISOLATED, ROOT, msgspec_for_this_machine, run_child, written
from tests.bench.recording import Recording
from tests.patience import PATIENCE

SAM = ("tool", "run", "--quiet", "--from", "aws-sam-cli==1.170.0", "--with", "pip==25.3", "sam")
LAYER = "OnrampLayer"
LAYER_LIMIT = 3_500_000
"""Bytes, zipped: what a new sandbox of Lambda fetches and unpacks before anything runs."""
SOURCES = ("template.yaml", "samconfig.toml", "functions", "layers")


class Part(msgspec.Struct, frozen=True):
    """A function or the layer as built: bytes as they lie there, as a zip, and a hash of names and contents."""

    name: str
    files: int
    size: int
    zipped: int
    digest: str
    again: bool
    """The second build has the same."""


class Package(msgspec.Struct, frozen=True):
    """`content`: what the layer's bytes are, largest first. `handled`: by function, '' or why its handler fails.

    `skipped` says why nothing could be built here, `failed` why the build failed; else they are ''.
    """

    parts: list[Part] = []
    content: dict[str, int] = {}
    handled: dict[str, str] = {}
    skipped: str = ""
    failed: str = ""

    @property
    def over(self) -> list[str]:
        """What is not as it must be, in words."""
        return [
            *(f"{part.name}: two builds differ" for part in self.parts if not part.again),
            *(
                f"{part.name}: {part.zipped:,} bytes zipped, at most {LAYER_LIMIT:,} allowed"
                for part in self.parts
                if part.name == LAYER and part.zipped > LAYER_LIMIT
            ),
            *(f"{name}: its handler fails as built: {problem}" for name, problem in self.handled.items() if problem),
            *([f"`sam build` failed: {self.failed}"] if self.failed else []),
        ]


def package(recordings: dict[str, Recording]) -> Package:
    """Two builds of the same sources, compared; the recorded events handled by what was built."""
    uv = shutil.which("uv") or (str(ROOT / ".tools/bin/uv") if (ROOT / ".tools/bin/uv").is_file() else "")
    if not uv:
        return Package(skipped="uv, which fetches the SAM CLI, is not here")
    problem = _run([uv, *SAM, "--version"], ROOT)
    if problem:
        return Package(skipped=f"the SAM CLI cannot be had: {problem}")
    with tempfile.TemporaryDirectory(prefix="onramp-bench-") as temporary:
        folder = Path(temporary)
        _copy_sources(folder / "sources")
        builds = []
        for number in ("1", "2"):
            target = ("--build-dir", str(folder / number), "--cache-dir", str(folder / f"cache-{number}"))
            problem = _run([uv, *SAM, "build", *target], folder / "sources")
            if problem:
                return Package(failed=problem)
            builds.append(folder / number)
        first, second = builds
        parts = [_part(found, second) for found in sorted(first.iterdir()) if found.is_dir()]
        return Package(parts=parts, content=_content(first / LAYER), handled=_handled(first, recordings, folder))


def _copy_sources(folder: Path) -> None:
    """Both builds are of one moment, and neither leaves anything in the working copy."""
    folder.mkdir()
    leave = shutil.ignore_patterns("__pycache__")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=leave)
        else:
            shutil.copy(source, folder / name)


def _run(command: list[str], folder: Path) -> str:
    """'' or what went wrong: the last line that it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "ap-northeast-1", "AWS_CONFIG_FILE": os.devnull}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        return str(failed)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it said nothing"])[-1]


def _part(built: Path, again: Path) -> Part:
    files = _files(built)
    digest = _digest(built)
    return Part(
        name=built.name,
        files=len(files),
        size=sum(file.stat().st_size for file in files),
        zipped=zipped(built, files),
        digest=digest,
        again=digest == _digest(again / built.name),
    )


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _digest(folder: Path) -> str:
    """SHA-256 over names and contents, as SAM decides by them whether a part has changed; dates are none of it."""
    sha = hashlib.sha256()
    for file in _files(folder):
        sha.update(f"{file.relative_to(folder)}\0{file.stat().st_size}\0".encode())
        sha.update(file.read_bytes())
    return sha.hexdigest()


def zipped(folder: Path, files: list[Path]) -> int:
    """Bytes of these files of the folder as a zip."""
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.relative_to(folder))
        return packed.tell()


def _content(layer: Path) -> dict[str, int]:
    """Bytes by what they are for, largest first."""
    top = layer / "python"
    sizes: Counter[str] = Counter()
    for file in _files(top):
        sizes[_kind(file.relative_to(top))] += file.stat().st_size
    return dict(sizes.most_common())


def _kind(file: Path) -> str:
    """`botocore/data/ec2`, a package, `PACKAGE, bytecode`, or what belongs to no package."""
    first = re.sub(r"\.py$|\.cpython-.*$", "", file.name) if len(file.parts) == 1 else file.parts[0]
    if first.endswith(".dist-info"):
        return "licences and metadata of packages"
    if file.suffix == ".pyc":
        return "bytecode of all packages"
    if file.parts[:2] == ("botocore", "data"):
        return f"botocore/data/{file.parts[2]}"
    return first


def _handled(build: Path, recordings: dict[str, Recording], folder: Path) -> dict[str, str]:
    """By handler, as built and with nothing but the layer: '' when it does what it did in the replay, or why not."""
    shim = msgspec_for_this_machine(folder)
    layer = str(build / LAYER / "python")
    handled = {}
    for name, recording in sorted(recordings.items()):
        code = build / f"{name.capitalize()}Function"
        file = written(folder / f"{name}.json", recording, [str(code), str(shim), layer])
        try:
            done = run_child("handler", recording, file, *ISOLATED)
        except ValueError as failed:
            handled[name] = str(failed).splitlines()[-1]
        else:
            same = not done["left"] and done["result"] == recording.result
            handled[name] = "" if same else "it did something else than in the replay"
    return handled
