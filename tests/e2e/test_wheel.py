"""The wheel holds all that the command needs: installed by itself, it plays a story and draws a page from anywhere."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from deployed import ROOT

from tests.patience import PATIENCE
from tests.wire.served import clean_environment, uv


class Installed:
    """`onramp` in an environment of its own; `folder` is somewhere else."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        # Nothing of the clone is in reach: neither its folder nor its packages.
        environment = clean_environment(COLUMNS="100")
        environment.pop("PYTHONPATH", None)
        environment["PATH"] = os.pathsep.join([str(self.program.parent), "/usr/bin", "/bin"])
        return subprocess.run(
            [self.program, *words],
            capture_output=True,
            text=True,
            env=environment,
            cwd=self.folder,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    environment = clean_environment(UV_TOOL_DIR=str(folder / "tools"), UV_TOOL_BIN_DIR=str(folder / "bin"))
    for words in (
        ("build", "--quiet", "--wheel", "--out-dir", str(folder / "dist"), str(ROOT)),
        ("tool", "install", "--quiet", "--python", "3.13", "WHEEL"),
    ):
        wheel = next(iter((folder / "dist").glob("*.whl")), "") if (folder / "dist").is_dir() else ""
        typed = [str(wheel) if word == "WHEEL" else word for word in words]
        ran = subprocess.run(
            [uv(), *typed], capture_output=True, text=True, env=environment, timeout=PATIENCE, check=False
        )
        assert ran.returncode == 0, ran.stderr
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    return Installed(folder / "bin" / "onramp", elsewhere)


def test_it_plays_the_walk_through_from_another_folder(installed: Installed) -> None:
    ran = installed.run("replay", "walkthrough")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "200 from nginx" in ran.stdout
    assert "Nothing is left over" in ran.stdout


def test_it_knows_its_stories_and_its_version(installed: Installed) -> None:
    assert "walkthrough" in installed.run("replay", "walktrough").stderr
    assert installed.run("--version").stdout.startswith("onramp ")


def test_it_carries_the_page_and_its_picture(installed: Installed) -> None:
    python = installed.program.resolve().parent / "python"
    script = (
        "from cli import topology\n"
        "from onramp.core.topology import Network, Topology\n"
        "seen = Topology(networks=(Network(id='sn-1', arn='a', account='1', name='shared'),))\n"
        "print(topology.page(seen).count('</html>'), topology.picture(seen).count('<svg '))\n"
    )
    ran = subprocess.run(
        [python, "-c", script], capture_output=True, text=True, cwd=installed.folder, timeout=PATIENCE, check=False
    )
    assert ran.stdout.split() == ["1", "1"], ran.stderr
