"""docs/support.md, docs/limits.md and NOTICE say what the project's own files say."""

import re
import tomllib

import boto3
import pytest
from onramp.core import quotas
from vocabulary import ROOT, parsed

SUPPORT = (ROOT / "docs/support.md").read_text()
LIMITS = (ROOT / "docs/limits.md").read_text()
QUOTA = re.compile(r"\bL-[0-9A-F]{8}\b")


def pinned(package: str) -> str:
    """The version that pyproject.toml pins."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    [found] = [one.partition("==")[2] for one in wanted if re.match(rf"{re.escape(package)}(\[|==)", one)]
    return found


def fetched(package: str) -> str:
    """The version that the Makefile fetches."""
    [found] = set(re.findall(rf"\b{re.escape(package)}==([\w.]+)", (ROOT / "Makefile").read_text()))
    return found


def row(first: str) -> str:
    [found] = re.findall(rf"^\| {re.escape(first)}.*$", SUPPORT, flags=re.MULTILINE)
    return found


def test_the_regions_are_those_that_the_sdk_has_endpoints_for() -> None:
    written = re.findall(
        r"`([a-z]+-[a-z]+-\d)`", SUPPORT.partition("<!-- regions -->")[2].partition("<!-- /regions -->")[0]
    )
    assert written == sorted(boto3.Session().get_available_regions("vpc-lattice"))


def test_no_partition_but_the_first_has_lattice() -> None:
    session = boto3.Session()
    others = [one for one in session.get_available_partitions() if one != "aws"]
    assert others
    assert [one for one in others if session.get_available_regions("vpc-lattice", partition_name=one)] == []


@pytest.mark.parametrize("zone", ["use1-az3", "usw1-az2", "apne1-az3", "cac1-az3", "euw1-az4", "ilc1-az2"])
def test_zones_without_lattice_are_those_of_the_facts(zone: str) -> None:
    facts = (ROOT / "docs/aws-facts.md").read_text()
    assert zone in facts
    assert f"`{zone}`" in SUPPORT


def test_versions_are_those_that_are_pinned() -> None:
    assert pinned("boto3") in row("boto3, botocore in the layer")
    assert fetched("aws-sam-cli") in row("AWS SAM CLI")
    assert re.findall(r"uv==([\d.]+)", (ROOT / "bare.py").read_text())[0] in row("uv")
    assert pinned("aws-sam-translator") in row("SAM's transform")
    assert pinned("cfn-lint") in row("cfn-lint")
    assert fetched("checkov") in row("cfn-lint")
    assert pinned("moto") in row("moto")
    typed = (ROOT / "tests/e2e/typed.py").read_text()
    assert re.findall(r"awscli==([\d.]+)", typed)[0] in row("AWS CLI")
    assert re.findall(r"ministack==([\d.]+)", (ROOT / "tests/e2e/deployed.py").read_text())[0] in row("MiniStack")
    terraform = (ROOT / "tests/wire/terraform/by_tag/main.tf").read_text()
    assert f"`{re.findall(r'version = "([^"]+)"', terraform)[0]}`" in row("Terraform")


def test_the_runtime_is_that_of_the_template() -> None:
    function = parsed("template.yaml")["Globals"]["Function"]
    assert f"`{function['Runtime']}`" in row("Lambda runtime")
    assert f"`{function['Architectures'][0]}`" in row("Lambda runtime")
    assert (ROOT / ".python-version").read_text().strip() in row("Python for the command and the tests")


def test_every_quota_that_the_code_or_the_facts_name_is_on_the_page_of_limits() -> None:
    rooms = ("layers", "functions", "localcloud", "cli")
    code = [path.read_text() for room in rooms for path in (ROOT / room).rglob("*.py")]
    named = set(QUOTA.findall("\n".join([*code, (ROOT / "docs/aws-facts.md").read_text()])))
    assert len(named) > 10
    assert named - set(QUOTA.findall(LIMITS)) == set()


def test_a_quota_that_a_run_may_meet_is_told_by_the_name_that_the_page_has() -> None:
    rows = (line.strip("| ").split(" | ") for line in LIMITS.splitlines() if line.startswith("| "))
    table = {cells[2]: cells[0] for cells in rows if len(cells) > 4 and QUOTA.fullmatch(cells[2])}
    ours = {code: name for code, name in table.items() if not re.match("endpoints|resource", name)}
    assert ours == quotas.NAMES


def test_every_package_of_the_layer_is_named_in_the_notice() -> None:
    packages = re.findall(r"^([\w-]+)==", (ROOT / "layers/onramp/requirements.txt").read_text(), flags=re.MULTILINE)
    notice = re.findall(r"^  ([a-z][\w-]+) {2,}", (ROOT / "NOTICE").read_text(), flags=re.MULTILINE)
    assert packages == notice
