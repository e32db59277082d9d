"""The releases that upgrades are tried from: what each deployed, kept as an archive beside this file.

    python -m tests.releases.kept 0.1.0 a2bdd3b     packs a release out of the history, once, when it is made

The archive holds templates, functions and layer as they were: the same names, tags, items and states.
"""

import lzma
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
DEPLOYED = ("template.yaml", "member.yaml", "samconfig.toml", "functions", "layers")


def releases() -> list[str]:
    """The versions that are kept, oldest first."""
    found = [path.name.removesuffix(".tar.xz") for path in HERE.glob("*.tar.xz")]
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])


def unpacked(version: str, folder: Path) -> Path:
    """The release in a folder of its own under `folder`; answers that folder."""
    into = folder / version
    with tarfile.open(HERE / f"{version}.tar.xz") as archive:
        archive.extractall(into, filter="data")
    return into


def keep(version: str, commit: str) -> None:
    """Pack what that commit deploys. The same commit gives the same bytes."""
    packed = subprocess.run(
        ("git", "archive", "--format=tar", commit, *DEPLOYED), capture_output=True, check=True, cwd=HERE.parents[1]
    ).stdout
    (HERE / f"{version}.tar.xz").write_bytes(lzma.compress(packed, preset=9))


if __name__ == "__main__":
    keep(*sys.argv[1:])
