"""`onramp replay` as it is typed: what it prints, and with which exit status it ends."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from cli.render.document import Replayed
from replay.story import STORIES, story_names
from tests.patience import PATIENCE


def onramp(*words: str) -> Result:
    return CliRunner().invoke(app, ["replay", *words], env={"COLUMNS": "100"})


def document(*words: str, ends: int = 0) -> dict[str, Any]:
    ran = onramp(*words, "--json")
    assert ran.exit_code == ends, ran.output
    found: dict[str, Any] = json.loads(ran.stdout)
    msgspec.convert(found, Replayed)
    return found


@pytest.fixture(scope="module")
def walkthrough() -> dict[str, Any]:
    return document("walkthrough")


def test_the_document_has_these_keys_and_no_others(walkthrough: dict[str, Any]) -> None:
    assert list(walkthrough) == [
        "story",
        "events",
        "runs",
        "services",
        "clients",
        "requests",
        "calls",
        "transitions",
        "invocations",
        "leftovers",
    ]
    assert {key for run in walkthrough["runs"] for key in run} == {"account", "trigger", "rounds", "steps"}
    assert {key for run in walkthrough["runs"] for step in run["steps"] for key in step} == {
        "account",
        "kind",
        "name",
        "because",
        "outcome",
    }
    assert {key for request in walkthrough["requests"] for key in request} == {"from", "url", "status", "stopped_at"}
    assert set(walkthrough["calls"]) == {"total", "mutating", "by_operation"}


def test_the_walk_through_tells_its_requests_and_leaves_nothing_over(walkthrough: dict[str, Any]) -> None:
    assert [(it["from"], it["status"], it["stopped_at"]) for it in walkthrough["requests"]] == [
        ("10.1.33.54", None, "service association"),
        ("10.1.33.54", 200, None),
        ("10.1.33.55", None, "security group"),
        ("10.1.33.54", None, "dns"),
    ]
    assert walkthrough["leftovers"] == []
    assert walkthrough["calls"]["total"] == sum(walkthrough["calls"]["by_operation"].values())
    assert {step["outcome"] for run in walkthrough["runs"] for step in run["steps"]} == {"done"}


def test_a_connected_service_and_client_stand_in_the_document() -> None:
    found = document("organisation-sharing")
    assert [(it["account"], it["status"], it["network"]) for it in found["services"]] == [
        ("222222222222", "connected", "adways-vpc-lattice-network")
    ]
    assert set(found["services"][0]) == {"account", "name", "domain", "status", "network"}
    assert found["services"][0]["domain"].endswith(".on.aws")
    assert set(found["clients"][0]) == {"account", "vpc", "status", "network"}


def test_the_timeline_shows_events_rounds_steps_requests_picture_and_counts() -> None:
    ran = onramp("walkthrough", "--no-color")
    assert ran.exit_code == 0, ran.output
    assert "\x1b[" not in ran.stdout
    for part in (
        "aws.tag · Tag Change on Resource in 222222222222",
        "run 2, round 1",
        "CreateService",
        "✓ stopped at service association, as it should be: the association of service",
        "lattice-onramp:status = connected",
        "In between: The two accounts, connected",
        "Try next:",
        "200 from nginx",
        "✓ WriteStatus yabuki-lattice-internal-alb",
        "shared with (1)",
        "222222222222 (development)  ASSOCIATED",
        "callers (1)",
        "services (1)",
        "Nothing is left over",
        "the product used",
        "Everything came out as the story says.",
    ):
        assert part in ran.stdout
    # Only what is copied, an address or a command, is longer than a line: it is never broken.
    longer = [line for line in ran.stdout.splitlines() if len(line) > 100]
    assert all("vpc-lattice-svcs" in line or line.startswith("  onramp ") for line in longer)
    assert any(line.strip().startswith("http://") and line.endswith(".on.aws/") for line in longer)


def test_a_stop_that_nobody_foretold_looks_like_one(tmp_path: Path) -> None:
    text = (STORIES / "not-internal" / "story.yaml").read_text()
    shutil.copytree(STORIES / "not-internal", tmp_path / "story")
    asks = "  - request: {from: 10.1.113.20, to: 'http://nobody.example/'}\nexpect:"
    (tmp_path / "story" / "story.yaml").write_text(text.replace("\nexpect:", f"\n{asks}", 1))
    ran = onramp(str(tmp_path / "story"))
    assert "✗ stopped at dns: no service has the name nobody.example" in ran.stdout, ran.output


@pytest.mark.parametrize(("words", "more"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"})], ids=["option", "NO_COLOR"])
def test_without_colours_a_terminal_gets_text_and_nothing_else(words: list[str], more: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("onramp"), "replay", "not-internal", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color", **more},
        )
    finally:
        os.close(theirs)
    shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert process.wait(PATIENCE) == 0
    assert b"Everything came out as the story says." in shown
    assert b"\x1b" not in shown


def _read(terminal: int) -> bytes:
    """What comes next; nothing when the other side has closed (Linux says so by an error)."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_verbose_shows_every_hop_and_rule() -> None:
    ran = onramp("organisation-sharing", "--verbose")
    assert "load balancer: load balancer" in ran.stdout
    assert "→ rule" in ran.stdout


def test_one_recorded_event_happens_in_the_world_of_the_story_beside_it() -> None:
    found = document(str(STORIES / "walkthrough" / "02-alb-tagged.json"))
    assert [(it["name"], it["status"]) for it in found["services"]] == [
        ("development-aws-ec2-vpc-lattice-yabuki", "connected")
    ]
    assert found["events"][0]["file"] == "02-alb-tagged.json"


def test_events_without_a_story_happen_in_the_world_given_or_the_walk_throughs(tmp_path: Path) -> None:
    for name in ("01-public-alb-tagged.json",):
        shutil.copy(STORIES / "not-internal" / name, tmp_path)
    lost = document(str(tmp_path), ends=1)
    assert lost["services"] == []
    said = onramp(str(tmp_path))
    assert "NOT AS EXPECTED 01-public-alb-tagged.json: nothing can come of it: the tags of" in said.stdout
    assert "by --world" in said.stdout
    assert "Everything came out" not in said.stdout
    found = document(str(tmp_path), "--world", str(STORIES / "not-internal" / "story.yaml"))
    assert [step["kind"] for run in found["runs"] for step in run["steps"]] == ["WriteStatus"]


def test_an_unknown_event_is_shown_as_ignored_with_why(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    shutil.copy(STORIES / "noise" / "07-unknown-kind.json", file)
    event = document(str(file))["events"][0]
    assert (event["outcome"], event["why"]) == ("ignored", "no one listens to aws.vpc-lattice / Something New Happened")
    ran = onramp(str(file))
    assert "ignored: no one listens to" in ran.stdout
    assert "Nothing came of it: no event led to a run." in ran.stdout
    assert "Everything came out" not in ran.stdout


def test_an_event_of_an_account_that_is_no_member_is_told_as_such(tmp_path: Path) -> None:
    event = json.loads((STORIES / "walkthrough" / "02-alb-tagged.json").read_text())
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event | {"account": "999999999999"}))
    ran = onramp(str(file))
    assert ran.exit_code == 1
    assert "account 999999999999 is not in the world that it is played in" in " ".join(ran.stdout.split())
    story = (STORIES / "walkthrough" / "story.yaml").read_text()
    alone = tmp_path / "story.yaml"
    alone.write_text(story.replace('members: ["111111111111", "222222222222"]', 'members: ["111111111111"]'))
    shutil.copytree(STORIES / "walkthrough", tmp_path / "events", ignore=shutil.ignore_patterns("story.yaml"))
    for recorded in (tmp_path / "events").glob("*.json"):
        shutil.copy(recorded, tmp_path)
    ran = onramp(str(STORIES / "walkthrough" / "02-alb-tagged.json"), "--world", str(alone))
    assert ran.exit_code == 1
    assert "account 222222222222 is no member in the world" in " ".join(ran.stdout.split())


@pytest.mark.parametrize(
    ("change", "outcome", "ends"),
    [
        ({"resources": ["garbage"]}, "ignored", 0),
        ({"resources": []}, "ignored", 0),
        ({"account": "999999999999"}, "ignored", 1),
        ({"region": "eu-west-1"}, "ignored", 0),
        ({"detail": {"tags": {"": "x"}}}, "heard", 1),
        ({"detail": {"tags": {"lattice:network": "a,b*"}}}, "heard", 1),
        ({"detail": {"tags": {f"key-{number}": "x" for number in range(60)}}}, "heard", 1),
        ({"detail": {"tags": {"lattice:network": "x" * 300}}}, "heard", 1),
    ],
    ids=str,
)
def test_an_event_that_tells_of_what_cannot_be_is_no_accident(
    tmp_path: Path, change: dict[str, Any], outcome: str, ends: int
) -> None:
    event = json.loads((STORIES / "walkthrough" / "02-alb-tagged.json").read_text())
    detail = event["detail"] | change.pop("detail", {})
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event | change | {"detail": detail}))
    found = document(str(file), ends=ends)
    assert (found["events"][0]["outcome"], found["services"], found["leftovers"]) == (outcome, [], [])


def test_recorded_events_end_in_one_world_in_any_order_though_versions_are_equal(tmp_path: Path) -> None:
    tagged, untagged = (
        json.loads((STORIES / "walkthrough" / name).read_text())
        for name in ("02-alb-tagged.json", "03-alb-untagged.json")
    )
    untagged["detail"]["version"] = tagged["detail"]["version"]
    ends = []
    for number, order in enumerate(([tagged, untagged], [untagged, tagged])):
        file = tmp_path / f"events-{number}.json"
        file.write_text(json.dumps(order))
        ends.append(document(str(file))["leftovers"])
    # Where it was tagged first, the name that was made meanwhile is kept for a while, and the share with it.
    assert [[thing.partition(" ")[2].partition(" ")[0] for thing in end] for end in ends] == [
        ["resource", "service"],
        [],
    ]


def test_what_was_answered_when_an_event_was_recorded_is_not_written_again() -> None:
    """The answers on a resource are the product's; a recorded one that comes last must not stay."""
    folder = STORIES / "noise"
    first = document(str(folder / "03-our-own-answer.json"))
    assert [thing for thing in first["leftovers"] if "lattice-onramp:" in thing] == []


def test_a_folder_may_be_called_by_a_dot_and_holds_what_it_will(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(STORIES / "noise" / "07-unknown-kind.json", tmp_path)
    (tmp_path / "notes.txt").write_text("no event")
    (tmp_path / "folder.json").mkdir()
    monkeypatch.chdir(tmp_path)
    assert [event["file"] for event in document(".")["events"]] == ["07-unknown-kind.json"]


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_malformed_event_ends_with_status_2_file_line_and_reason_and_nothing_happens(
    tmp_path: Path, as_json: list[str]
) -> None:
    file = tmp_path / "event.json"
    file.write_text('{\n  "version": "0",\n  "id": 7\n}\n')
    ran = onramp(str(file), *as_json)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.replace("\n", "").startswith(f"{file}:3: id: expected `str`, got `int`")


def test_a_missing_story_is_answered_with_the_list_of_stories() -> None:
    ran = onramp("walkthru")
    assert ran.exit_code == 2
    assert all(name in ran.stderr for name in story_names())


def test_a_profile_of_this_machine_is_left_alone() -> None:
    """In a process of its own: moto asks for the profile already when it is imported."""
    ran = subprocess.run(
        [Path(sys.executable).parent / "onramp", "replay", "not-internal"],
        env={**os.environ, "AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_an_empty_folder_is_no_story(tmp_path: Path) -> None:
    ran = onramp(str(tmp_path))
    assert ran.exit_code == 2
    assert "holds neither a story.yaml nor *.json" in " ".join(ran.stderr.split())


def test_what_does_not_come_out_as_the_story_says_ends_with_status_1_and_names_the_line(tmp_path: Path) -> None:
    folder = tmp_path / "story"
    shutil.copytree(STORIES / "not-internal", folder)
    story = folder / "story.yaml"
    text = story.read_text().replace("code: not-internal", "code: something-else")
    story.write_text(text.replace("- wait: settled", "- wait: settled\n  - wait: {until: {service: x, within: 5s}}"))
    ran = onramp(str(folder), "--json")
    assert ran.exit_code == 1
    line = next(n for n, it in enumerate(story.read_text().splitlines(), 1) if "something-else" in it)
    told = ran.stderr
    assert f"{story}:{line}: nothing was refused as something-else" in told
    assert "it did not come about within 5s that service x is ACTIVE and listens" in told


@pytest.mark.parametrize(
    ("part", "instead", "where", "reason"),
    [
        ("ip: 10.1.113.20", "ip: 10.9.9.9", "world:", "10.9.9.9 of instance storefront lies in no subnet"),
        ("MemberAccounts:", "MemberAcounts:", "  network:", "MemberAcounts] do not exist in the template"),
        ("cidr: 10.1.112.0/20", "cidr: 10.1.112.0/8", "world:", "InvalidVpc"),
    ],
)
def test_a_world_that_cannot_be_built_ends_with_status_2_and_its_line(
    tmp_path: Path, part: str, instead: str, where: str, reason: str
) -> None:
    story = tmp_path / "story.yaml"
    shutil.copytree(STORIES / "not-internal", tmp_path, dirs_exist_ok=True)
    assert part in story.read_text()
    story.write_text(story.read_text().replace(part, instead))
    line = story.read_text().splitlines().index(where) + 1
    ran = onramp(str(tmp_path), "--json")
    assert ran.exit_code == 2, ran.output
    assert ran.stderr.startswith(f"{story}:{line}: ")
    assert reason in ran.stderr
