"""What `make release` writes: the same bytes each time, and deployed by the AWS CLI alone."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from onramp import __version__

from localcloud.services.cloudformation.read import read
from release.__main__ import LINK, about, asked, led, notes, packed_template
from release.aliases import unrolled
from replay.story import ROOT
from tests.bill import fault_of
from tests.patience import PATIENCE
from tests.wire.served import AWS, shell, up

NETWORK, TEAM, NAME = "111111111111", "222222222222", "adways-vpc-lattice-network"
BALANCER = (
    f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
)


def release(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "release", *words], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )


def written(into: Path) -> Path:
    done = release(str(into))
    assert done.returncode == 0, done.stderr[-2000:]
    return into


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("release") / "one")


def test_two_runs_write_the_same_bytes(made: Path, tmp_path: Path) -> None:
    again = written(tmp_path / "another")
    assert (again / "SHA256SUMS").read_text() == (made / "SHA256SUMS").read_text()


def test_the_checksums_are_of_all_that_is_there(made: Path) -> None:
    told = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=made, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    listed = {line.split("  ")[1] for line in (made / "SHA256SUMS").read_text().splitlines()}
    there = {str(file.relative_to(made)) for file in made.rglob("*") if file.is_file()}
    assert there == listed | {"SHA256SUMS"}


def test_it_says_what_it_is_and_what_it_is_made_of(made: Path) -> None:
    template = read((made / "template.yaml").read_text())
    about = template["Metadata"]["AWS::ServerlessRepo::Application"]
    assert about["SemanticVersion"] == __version__
    assert all((made / about[key]).is_file() for key in ("LicenseUrl", "ReadmeUrl"))
    assert fault_of((made / "sbom.cdx.json").read_text()) == ""
    assert (made / "NOTES.md").read_text().startswith(f"# Lattice Onramp {__version__}\n")
    members = template["Resources"]["Members"]["Properties"]
    assert read(members["TemplateBody"]) == read((ROOT / "member.yaml").read_text())
    assert "TemplateURL" not in members
    places = [
        one["Properties"].get("CodeUri") or one["Properties"].get("ContentUri")
        for one in template["Resources"].values()
        if one["Type"] in ("AWS::Serverless::Function", "AWS::Serverless::LayerVersion")
    ]
    assert len(places) > 4
    assert all(zipfile.is_zipfile(made / place) for place in places)


def test_its_template_is_taken_as_it_is(made: Path) -> None:
    """By Terraform, or by the API: CloudFormation takes no aliases, which the CLIs write out and nobody else does."""
    text = (made / "template.yaml").read_text()
    assert not [one for one in yaml.parse(text) if getattr(one, "anchor", None)]
    source = read((ROOT / "template.yaml").read_text())["Resources"]
    for name in ("ApplyFunction", "ApplyRole", "OperatorRole", "ApproverRole", "ReconcileRole"):
        kept, was = (dict(one[name]["Properties"]) for one in (read(text)["Resources"], source))
        assert kept.pop("CodeUri", "") == (f"{was['CodeUri']}.zip" if "CodeUri" in was else "")
        was.pop("CodeUri", "")
        assert kept == was
    assert text.count("# X-Ray knows no resources") > 1, "comments are written out with what they stand in"


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("a: &x\n  b: 1 # one\n# next\nc:\n  d: *x\n", "a:\n  b: 1 # one\n# next\nc:\n  d:\n    b: 1 # one\n"),
        ("a:\n  - &x !If\n    - b\n    - |\n      c\n\n      d\ne: [1, &y f]\ng:\n  h:\n    - *x\n    - *y\n",
         "a:\n  - !If\n    - b\n    - |\n      c\n\n      d\ne: [1, f]\ng:\n  h:\n"
         "    - !If\n      - b\n      - |\n        c\n\n        d\n    - f\n"),
        ("a: &x { b: '*c' }\nd: *x\n", "a: { b: '*c' }\nd: { b: '*c' }\n"),
    ],
)  # fmt: skip
def test_what_an_alias_stands_for_is_written_in_its_place(text: str, out: str) -> None:
    assert unrolled(text) == out


@pytest.mark.parametrize("text", ["a: &x\n  b: &y 1\nc: *x\n", "a: &x 1\nb: &y\n  c: *x\nd: *y\n"])
def test_an_alias_within_an_anchor_is_written_by_hand(text: str) -> None:
    with pytest.raises(SystemExit, match="write it out"):
        unrolled(text)


def test_every_link_of_its_pages_leads_to_what_is_in_it(made: Path) -> None:
    pages = sorted(made.rglob("*.md"))
    assert {made / "README.md", made / "NOTES.md", made / "docs/deploy.md", made / "docs/ja/deploy.md"} <= set(pages)
    links = [(page, link[3].partition("#")[0]) for page in pages for link in LINK.finditer(page.read_text())]
    inside = [(page, name) for page, name in links if name and "://" not in name]
    assert len(inside) > 100
    assert [(str(page.relative_to(made)), name) for page, name in inside if not (page.parent / name).exists()] == []
    assert "](NOTES.md)" in (made / "README.md").read_text().partition("\n## ")[0]
    assert "](docs/" in (made / "NOTES.md").read_text()


@pytest.mark.parametrize(
    ("page", "led_to"),
    [
        ("[a](docs/tags.md#x) [b](events/y)", "[a](docs/tags.md#x) b"),
        ("[c](https://example.com/) [d](#e) ![f](docs/no.svg)", "[c](https://example.com/) [d](#e) f"),
    ],
)
def test_a_link_to_what_a_clone_alone_has_is_left_out(page: str, led_to: str) -> None:
    assert led(page, Path("README.md"), frozenset({Path("docs"), Path("docs/tags.md")})) == led_to


def test_its_help_teaches_and_makes_nothing() -> None:
    before = set((ROOT / "dist").rglob("*"))
    told = release("--help")
    assert told.returncode == 0
    assert "FOLDER" in told.stdout
    assert "NOTES.md" in told.stdout
    assert set((ROOT / "dist").rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [(("--hlep",), "--hlep"), (("--home-page", "example"), "no address"), (("one", "two"), "two")],
)
def test_what_is_mistyped_is_told_and_makes_nothing(words: tuple[str, ...], why: str) -> None:
    refused = release(*words)
    assert refused.returncode == 2
    assert why in refused.stderr
    assert not (ROOT / "one").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    refused = release(str(tmp_path))
    assert refused.returncode != 0
    assert "no release" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_the_addresses_of_who_publishes_it_are_in_the_template() -> None:
    words = ["--home-page", "https://example.com/onramp", "--source-code", "https://example.com/git/onramp"]
    assert (asked(words).home_page, asked(words).source_code) == (words[1], words[3])
    template = packed_template(
        (ROOT / "template.yaml").read_text(),
        (ROOT / "member.yaml").read_text(),
        about("1.2.3", {"HomePageUrl": words[1], "SourceCodeUrl": words[3]}),
    )
    told = read(template)["Metadata"]["AWS::ServerlessRepo::Application"]
    assert (told["HomePageUrl"], told["SourceCodeUrl"]) == (words[1], words[3])
    # What leads nowhere is worse than nothing.
    assert "Url: http" not in about("1.2.3", {})


def test_the_notes_are_the_changelog_s_of_that_version_or_of_the_next() -> None:
    log = "# Changelog\n\n## [Unreleased]\n\nsoon\n\n## [0.2.0] - 2026-01-01\n\nnew\n\n## [0.1.0] - 2025-01-01\n\nold\n"
    assert "\nnew\n" in notes(log, "0.2.0")
    assert "old" not in notes(log, "0.2.0")
    assert "\nsoon\n" in notes(log, "0.3.0")
    coming = notes(log.replace("soon", "The next version is 0.3.0.\n\nsoon"), "0.3.0")
    assert "The next version" not in coming, "there it is this one"
    assert coming.index("## Deploy it") < coming.index("soon"), "who has it wants to know that first"
    with pytest.raises(SystemExit, match=r"nothing of 0\.9\.0"):
        notes("# Changelog\n", "0.9.0")


def test_it_is_deployed_by_the_aws_cli_alone_and_joins_what_is_tagged(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "downloaded")
    how = [line.strip() for line in (folder / "NOTES.md").read_text().splitlines() if line.startswith("    ")]
    commands = "\n".join(how).replace("ACCOUNT,ACCOUNT", f"{NETWORK},{TEAM}").replace("BUCKET", "releases")
    with up("--story", "by-hand", "--speed", "0") as served, shell(folder, served, AWS) as bash:

        def typed(account: str, command: str) -> str:
            status, out, err = bash.type(f"export AWS_ACCESS_KEY_ID={account}; {command}")
            assert status == 0, f"{command}\n{out}\n{err}"
            return out

        typed(NETWORK, "aws s3 mb s3://releases")
        typed(NETWORK, commands.replace("onramp-NETWORK", f"onramp-{NAME}").replace("=NETWORK", f"={NAME}"))
        outputs = typed(
            NETWORK, f"aws cloudformation describe-stacks --stack-name onramp-{NAME} --query 'Stacks[0].Outputs'"
        )
        given = {one["OutputKey"]: one["OutputValue"] for one in json.loads(outputs)}
        assert given["Version"] == __version__
        wanted = read((folder / "member.yaml").read_text())["Parameters"].keys() & given.keys()
        parameters = " ".join(f"{key}={given[key]}" for key in sorted(wanted))
        for account in (NETWORK, TEAM):
            typed(
                account,
                f"aws cloudformation deploy --stack-name onramp-{NAME}-member --template-file member.yaml"
                f" --capabilities CAPABILITY_NAMED_IAM --parameter-overrides {parameters}",
            )
        served.ask("advance")
        tags = f"Key=lattice:network,Value={NAME} Key=lattice:listen,Value=HTTP:80"
        typed(TEAM, f"aws elbv2 add-tags --resource-arns {BALANCER} --tags {tags}")
        served.ask("advance")
        told = typed(
            TEAM, f"aws elbv2 describe-tags --resource-arns {BALANCER} --query TagDescriptions[0].Tags --output json"
        )
        assert {one["Key"]: one["Value"] for one in json.loads(told)}["lattice-onramp:status"] == "connected"
