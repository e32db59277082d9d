"""The version stands in one place, and every other place says the same."""

import logging
import re
import subprocess
import tomllib

import pytest
from onramp import __version__
from onramp.log import logger
from typer.testing import CliRunner
from vocabulary import ROOT, parsed

from cli.app import app

SEMANTIC = r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"
TEMPLATES = ("template.yaml", "member.yaml")
FIRST = "a2bdd3b"


def test_the_version_is_semantic() -> None:
    assert re.fullmatch(SEMANTIC, __version__)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_its_version_wherever_it_says_one(name: str) -> None:
    text = (ROOT / name).read_text().partition("Conditions:")
    others = {
        found for found in re.findall(rf"(?<![\d.]){SEMANTIC}(?![\d.])", text[0] + text[2]) if found != __version__
    }
    assert others == set()
    template = parsed(name)
    assert str(template["Description"]).startswith(f"Lattice Onramp {__version__}, ")
    assert template["Metadata"]["LatticeOnramp"] == {"Version": __version__}
    assert template["Outputs"]["Version"]["Value"] == __version__


def test_what_is_deployed_bears_its_version_as_a_tag() -> None:
    key = "lattice-onramp:version"
    assert parsed("template.yaml")["Globals"]["Function"]["Tags"] == {key: __version__}
    resources = parsed("member.yaml")["Resources"]
    for role in ("ReaderRole", "WriterRole"):
        assert resources[role]["Properties"]["Tags"] == [{"Key": key, "Value": __version__}], role


def test_the_package_takes_its_version_from_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    place = ROOT / project["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{__version__}"' in place.read_text()
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    [own] = [one for one in lock["package"] if one["name"] == "lattice-onramp"]
    assert "version" not in own


def test_the_command_tells_the_version() -> None:
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.output) == (0, f"onramp {__version__}\n")


def test_every_line_of_a_runs_log_has_the_version() -> None:
    record = logging.LogRecord("onramp", logging.INFO, __file__, 1, "looked", None, None)
    assert f'"version":"{__version__}"' in logger.registered_formatter.format(record).replace(": ", ":")


def test_the_changelog_knows_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", text, flags=re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    released = [tuple(map(int, version.split("."))) for version, _ in headings[1:]]
    assert released == sorted(released, reverse=True)
    assert all(date for _, date in headings[1:])
    ours = tuple(int(part) for part in re.findall(r"\d+", __version__))
    assert ours == released[0] or (ours > released[0] and f"The next version is {__version__}." in text)


def test_the_first_release_is_a_commit_of_this_history() -> None:
    """Upgrades from it are tested: it has to be found in a clone, but for one without history."""
    assert f"commit `{FIRST}`" in (ROOT / "CHANGELOG.md").read_text()
    known = subprocess.run(["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, text=True)
    if known.stdout.strip() == "false":
        found = subprocess.run(["git", "cat-file", "-t", FIRST], cwd=ROOT, capture_output=True, text=True)
        assert found.stdout.strip() == "commit"
