"""`onramp replay --deployed` as it is typed, against the product on a local cloud: in process, and over HTTP."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from localcloud import world as worlds
from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault
from localcloud.door.http import serve
from localcloud.ground.journal import CallRecord, ExecutionRecord, InvocationRecord, StateRecord
from replay.deployed import Pace, mapping, records, renewed
from replay.stage import deploy, make_true
from replay.story import ROOT, STORIES, Recorded, load_events, load_story
from tests.patience import PATIENCE

INFRA, TEAM, STRANGER = "111111111111", "222222222222", "333333333333"
NETWORK = "adways-vpc-lattice-network"
STACK = f"onramp-{NETWORK}"
SERVICE = "development-aws-ec2-vpc-lattice-yabuki"
WALK = STORIES / "walkthrough"
ALB_TAGGED = WALK / "02-alb-tagged.json"


def event_of(file: Path) -> Recorded:
    [event] = load_events(file)
    return event


@contextlib.contextmanager
def product(story: str = "walkthrough") -> Iterator[LocalCloud]:
    """The story's world with the product in it, where both owners have tagged and no event has come of it."""
    world = load_story(STORIES / story / "story.yaml").script.world
    assert world.network is not None
    with LocalCloud() as cloud:
        worlds.build(cloud, world)
        deploy(cloud, world.network, world.members)
        cloud.settle()
        for name in ("01-vpc-tagged.json", "02-alb-tagged.json"):
            make_true(cloud, event_of(WALK / name), {})
        yield cloud


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with product() as cloud:
        yield cloud


@pytest.fixture
def empty() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def replay(cloud: LocalCloud, *words: str | Path, stack: str = STACK, key: str | None = INFRA) -> Result:
    pace = Pace(sleep=cloud.clock.advance, now=lambda: cloud.clock.now)
    env = {"COLUMNS": "100", "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": key and "local"}
    return CliRunner().invoke(app, ["replay", *map(str, words), "--deployed", stack], env=env, obj=pace)


def document(ran: Result) -> dict[str, Any]:
    assert ran.exit_code == 0, ran.output
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def sent(cloud: LocalCloud) -> list[dict[str, Any]]:
    calls = cloud.journal.of(CallRecord)
    return [json.loads(it.params["MessageBody"]) for it in calls if (it.operation, it.function) == ("SendMessage", "")]


# --- what comes of it ---


def test_the_document_is_that_of_a_local_replay_with_null_for_what_a_deployment_does_not_tell(
    cloud: LocalCloud,
) -> None:
    since = len(cloud.journal)
    found = document(replay(cloud, ALB_TAGGED, "--json"))
    assert list(found) == [
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
    assert (found["calls"], found["leftovers"], found["requests"]) == (None, None, [])
    [event] = found["events"]
    assert (event["file"], event["outcome"], event["account"]) == (ALB_TAGGED.name, "heard", TEAM)
    [run] = found["runs"]
    assert (run["account"], run["trigger"]["event_id"]) == (TEAM, event["id"])
    assert {"CreateService", "CreateListener"} <= {step["kind"] for step in run["steps"]}
    assert all(step["because"] and step["outcome"] == "done" for step in run["steps"])
    assert [(it["name"], it["status"]) for it in found["services"]] == [(SERVICE, "connected")]
    assert found["transitions"] == len(cloud.journal.of(StateRecord, since))
    inside = [it for it in cloud.journal.of(InvocationRecord, since) if it.run]
    assert found["invocations"] == len(inside)


def test_events_are_sent_verbatim_but_for_id_and_time(cloud: LocalCloud) -> None:
    replay(cloud, ALB_TAGGED)
    recorded = event_of(ALB_TAGGED).document
    [message] = sent(cloud)
    assert {key for key in recorded if recorded[key] != message[key]} == {"id", "time"}
    assert list(message) == list(recorded)


def test_the_timeline_tells_events_rounds_because_and_counts(cloud: LocalCloud) -> None:
    ran = replay(cloud, "walkthrough", "--no-color")
    assert ran.exit_code == 0, ran.output
    for part in (
        "4 recorded events",
        "event file 02-alb-tagged.json",
        "sent to the queue as",
        "round 1",
        "CreateService",
        f"service  {SERVICE}",
        "Every run ended well.",
        "2 runs, ",
    ):
        assert part in ran.stdout
    assert len(sent(cloud)) == 4


def test_events_that_mean_nothing_are_shown_with_why_and_not_sent(cloud: LocalCloud) -> None:
    found = document(replay(cloud, "noise", "--json"))
    ignored = {event["file"]: event["why"] for event in found["events"] if event["outcome"] == "ignored"}
    assert ignored["07-unknown-kind.json"] == "no one listens to aws.vpc-lattice / Something New Happened"
    assert "is no member of stack" in ignored["11-stranger.json"]
    assert len(sent(cloud)) == len(found["events"]) - len(ignored) > 0
    assert all(message["account"] == TEAM for message in sent(cloud))


def test_when_nothing_is_sent_nothing_is_waited_for(cloud: LocalCloud) -> None:
    now = cloud.clock.now
    ran = replay(cloud, STORIES / "noise" / "07-unknown-kind.json")
    assert (ran.exit_code, cloud.clock.now) == (0, now)
    assert "ignored: no one listens to" in ran.stdout
    assert "Nothing was to be done." in ran.stdout


def test_the_command_itself_only_reads_and_sends_messages(cloud: LocalCloud) -> None:
    since = len(cloud.journal)
    replay(cloud, ALB_TAGGED)
    own = {it.operation for it in cloud.journal.of(CallRecord, since) if (it.account, it.role) == (INFRA, "")}
    assert own == {"DescribeStacks", "ListExecutions", "SendMessage", "GetExecutionHistory"}


def test_it_polls_every_two_seconds(cloud: LocalCloud) -> None:
    since = len(cloud.journal)
    replay(cloud, ALB_TAGGED)
    looks = [
        it.at
        for it in cloud.journal.of(CallRecord, since)
        if it.operation == "ListExecutions" and it.params.get("statusFilter") is None
    ]
    pauses = [round(later - earlier) for earlier, later in itertools.pairwise(looks[1:])]
    # A function that itself waits, for an invitation, keeps a poll of this simulated time; it brings none forward.
    assert min(pauses) == statistics.mode(pauses) == 2


def test_runs_of_before_are_not_told_again(cloud: LocalCloud) -> None:
    first = document(replay(cloud, ALB_TAGGED, "--json"))
    second = document(replay(cloud, ALB_TAGGED, "--json"))
    assert [len(first["runs"]), len(second["runs"])] == [1, 1]
    assert second["runs"][0]["steps"] == []
    assert second["events"][0]["id"] != first["events"][0]["id"]


def test_a_run_that_holds_the_account_already_is_followed(cloud: LocalCloud) -> None:
    event = renewed(event_of(ALB_TAGGED), {}, datetime.now(UTC))
    queue = cloud.client("sqs", INFRA).get_queue_url(QueueName=STACK)["QueueUrl"]
    cloud.client("sqs", INFRA).send_message(QueueUrl=queue, MessageBody=json.dumps(event.document))
    while not cloud.machines.running(INFRA):
        cloud.clock.step()
    found = document(replay(cloud, ALB_TAGGED, "--json"))
    [run] = found["runs"]
    assert run["trigger"]["event_id"] == event.event.id
    assert found["services"][0]["status"] == "connected"


# --- other accounts ---


def test_account_ids_are_mapped_arns_included_and_two_may_change_places() -> None:
    event = event_of(ALB_TAGGED)
    there = renewed(event, mapping([f"{TEAM}={STRANGER}"], [event]), datetime.now(UTC))
    assert (there.event.account, there.document["account"]) == (STRANGER, STRANGER)
    assert TEAM not in json.dumps(there.document)
    assert there.document["resources"][0].split(":")[4] == STRANGER
    back = renewed(there, {STRANGER: TEAM, TEAM: STRANGER}, datetime.now(UTC))
    assert back.document["resources"] == event.document["resources"]


def test_digits_within_other_words_are_no_account() -> None:
    event = event_of(ALB_TAGGED)
    odd = event.document | {"detail": {"a": f"x{TEAM}", "b": f"1{TEAM}", "c": f"logs-{TEAM}"}}
    there = renewed(
        Recorded(file=event.file, line=1, event=event.event, document=odd), {TEAM: STRANGER}, datetime.now(UTC)
    )
    assert there.document["detail"] == {"a": f"x{TEAM}", "b": f"1{TEAM}", "c": f"logs-{STRANGER}"}


def test_a_mapped_event_rings_the_other_account(cloud: LocalCloud) -> None:
    found = document(replay(cloud, ALB_TAGGED, "--account", f"{TEAM}={INFRA}", "--json"))
    assert [run["account"] for run in found["runs"]] == [INFRA]


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--account", "42=43"), "write two account ids of 12 digits"),
        (("--account", f"{STRANGER}={TEAM}"), f"no event names account {STRANGER}"),
        (("--timeout", "soon"), "write 90s, 10m or 1h"),
        (("--twice",), "--twice is for the local cloud"),
    ],
)
def test_wrong_options_end_with_status_2(empty: LocalCloud, words: tuple[str, ...], reason: str) -> None:
    ran = replay(empty, ALB_TAGGED, *words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert reason in " ".join(ran.stderr.split())


def test_options_of_deployed_make_no_sense_without_it() -> None:
    ran = CliRunner().invoke(app, ["replay", "walkthrough", "--region", "eu-west-1"])
    assert (ran.exit_code, ran.stderr.strip()) == (2, "--region is only for --deployed")


def test_a_story_without_recorded_events_cannot_be_sent(empty: LocalCloud) -> None:
    ran = replay(empty, "by-hand")
    assert ran.exit_code == 2
    assert "holds no recorded events" in ran.stderr


def test_without_credentials(empty: LocalCloud) -> None:
    ran = replay(empty, ALB_TAGGED, key=None)
    assert ran.exit_code == 2
    assert "no AWS credentials" in ran.stderr


def test_an_unknown_profile(empty: LocalCloud) -> None:
    ran = replay(empty, ALB_TAGGED, "--profile", "nobody")
    assert (ran.exit_code, ran.stderr.strip()) == (2, "The config profile (nobody) could not be found")


def test_no_such_stack(empty: LocalCloud) -> None:
    ran = replay(empty, ALB_TAGGED, stack="onramp-nowhere")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "there is no stack onramp-nowhere in this account and region" in ran.stderr


def test_a_stack_of_something_else(empty: LocalCloud) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    empty.client("cloudformation", INFRA).create_stack(StackName="other", TemplateBody=json.dumps(template))
    ran = replay(empty, ALB_TAGGED, stack="other")
    assert ran.exit_code == 2
    assert "has no output NetworkName or QueueUrl or StateMachineArn" in ran.stderr


@pytest.mark.parametrize("operation", ["ListExecutions", "SendMessage", "GetExecutionHistory"])
def test_access_denied(cloud: LocalCloud, operation: str) -> None:
    cloud.faults.add(Fault("refuse", operation=operation, account=INFRA, role=""))
    ran = replay(cloud, ALB_TAGGED)
    assert ran.exit_code == 2, ran.output
    assert "access denied" in ran.stderr
    assert ("the events were sent" in ran.stderr) == (operation == "GetExecutionHistory")


def test_a_run_that_fails_ends_with_status_1_and_its_error(cloud: LocalCloud) -> None:
    machine = cloud.client("stepfunctions", INFRA)
    found: list[str] = []

    def stop(passed: float) -> None:
        for one in cloud.machines.running(INFRA):
            found.append(one.arn)
            machine.stop_execution(executionArn=one.arn, error="Stopped", cause="by hand")
        cloud.clock.advance(passed)

    pace = Pace(sleep=stop, now=lambda: cloud.clock.now)
    env = {"AWS_ACCESS_KEY_ID": INFRA, "AWS_SECRET_ACCESS_KEY": "local"}
    ran = CliRunner().invoke(app, ["replay", str(ALB_TAGGED), "--deployed", STACK, "--json"], env=env, obj=pace)
    assert ran.exit_code == 1, ran.output
    assert f"{STACK}: execution {found[0].rpartition(':')[2]} ABORTED: Stopped by hand" in ran.stderr


@pytest.mark.parametrize(("timeout", "reason"), [("2s", "no run of account"), ("10s", "did not end within 10 s")])
def test_what_takes_too_long_ends_with_status_1(cloud: LocalCloud, timeout: str, reason: str) -> None:
    ran = replay(cloud, ALB_TAGGED, "--timeout", timeout)
    assert ran.exit_code == 1, ran.output
    assert reason in " ".join(ran.stdout.split())


# --- histories ---


def test_a_history_says_how_it_ended_and_what_each_function_met() -> None:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    plan = "arn:aws:lambda:ap-northeast-1:111111111111:function:onramp-plan"
    history: list[dict[str, Any]] = [
        {"type": "ExecutionStarted", "executionStartedEventDetails": {"input": '{"account": "2"}'}},
        {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Plan", "input": "{}"}},
        {"type": "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails": {"resource": plan, "input": "{}"}},
        {"type": "LambdaFunctionStarted"},
        {"type": "LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails": {"error": "States.Timeout"}},
        {"type": "ExecutionTimedOut", "executionTimedOutEventDetails": {"error": "States.Timeout", "cause": "an hour"}},
    ]
    for number, event in enumerate(history, 1):
        event |= {"id": number, "previousEventId": number - 1, "timestamp": at}
    begun, state, invoked, ended = records("arn:run", history)
    assert isinstance(begun, ExecutionRecord)
    assert (begun.status, begun.input) == ("RUNNING", {"account": "2"})
    assert isinstance(state, StateRecord)
    assert (state.state, state.kind) == ("Plan", "Task")
    assert isinstance(invoked, InvocationRecord)
    assert (invoked.function, invoked.account, invoked.error) == ("onramp-plan", INFRA, "States.Timeout")
    assert isinstance(ended, ExecutionRecord)
    assert (ended.status, ended.error, ended.cause) == ("TIMED_OUT", "States.Timeout", "an hour")


# --- over HTTP ---

FASTER = 200.0

TYPED = f"""
import sys, time
from cli.app import app
from replay.deployed import Pace
app(sys.argv[1:], obj=Pace(sleep=lambda s: time.sleep(s / {FASTER}), now=lambda: time.monotonic() * {FASTER}))
"""


def test_over_http_by_the_sdks_own_variables() -> None:
    foreign = ("AWS_", "PYTHONPATH")
    env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    with product() as cloud, serve(cloud, speed=FASTER) as url:
        env |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": INFRA,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1",
        }
        words = ["replay", str(ALB_TAGGED), "--deployed", STACK, "--region", cloud.region, "--json"]
        words += ["--timeout", "10h"]  # minutes of a busy machine
        command = [sys.executable, "-c", TYPED, *words]
        ran = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(ran.stdout)
    assert [(it["name"], it["status"]) for it in found["services"]] == [(SERVICE, "connected")]
    assert [event["file"] for event in found["events"]] == [ALB_TAGGED.name]
    # Time does not stand still here: an hour is some seconds, so that the account's sweep may ring as well.
    assert {run["account"] for run in found["runs"]} == {TEAM}
