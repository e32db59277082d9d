"""Replay recorded events against a deployed stack: its queue gets them, its runs are followed and told as a replay."""

from __future__ import annotations

import contextlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from onramp.core import triggers
from onramp.core.tags import DEFAULT_PREFIX
from onramp.core.text import counted

from localcloud.ground.journal import ExecutionRecord, InvocationRecord, Journal, Record, StateRecord
from replay import chronicle
from replay.standing import Standing
from replay.story import NoStory, Recorded, World, load_events
from replay.telling import Delivered, Heard, Looked, Result, Telling, Unmet

POLL = 2.0
"""Seconds between two looks: a look is one ListExecutions and one GetExecutionHistory for each run that goes on."""

QUIET = 15.0
"""Seconds without news after which no further run is expected: the queue gathers for 5, and the intake starts cold."""

WANTED = ("NetworkName", "QueueUrl", "StateMachineArn")
LONGEST_REASON = 500
"""Characters of a failed execution's cause that are shown; it can be a whole traceback."""


class NoDeployment(Exception):
    """The stack cannot be replayed against: it is not there, is no stack of ours, or may not be read."""


class WrongOption(Exception):
    """What was typed with --deployed makes no sense; says why."""


@dataclass(frozen=True)
class Pace:
    """Real time: how to let seconds pass, and a clock of seconds that only goes forward."""

    sleep: Callable[[float], object] = time.sleep
    now: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Deployment:
    """A deployed stack. `members`: the accounts that may ring; None when an organisation decides."""

    stack: str
    network: str
    prefix: str
    queue: str
    machine: str
    members: frozenset[str] | None
    sqs: Any
    states: Any


def connect(stack: str, region: str = "", profile: str = "") -> Deployment:
    """Find the stack and its outputs; NoDeployment says what is missing and what to do."""
    with _explained(stack):
        session = boto3.Session(profile_name=profile or None, region_name=region or None)
        config = Config(retries={"mode": "standard", "total_max_attempts": 5})
        found = session.client("cloudformation", config=config).describe_stacks(StackName=stack)["Stacks"][0]
        sqs, states = (session.client(service, config=config) for service in ("sqs", "stepfunctions"))
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}
    missing = [name for name in WANTED if not outputs.get(name)]
    if missing:
        raise NoDeployment(
            f"stack {stack} is {found['StackStatus']} and has no output {' or '.join(missing)}: "
            "it is not one of the network's stacks (template.yaml)"
        )
    given = {it["ParameterKey"]: it.get("ParameterValue", "") for it in found.get("Parameters", ())}
    listed = [account.strip() for account in given.get("MemberAccounts", "").split(",") if account.strip()]
    known = not given.get("OrganizationId") and listed
    return Deployment(
        stack=stack,
        network=outputs["NetworkName"],
        prefix=outputs.get("TagPrefix", DEFAULT_PREFIX),
        queue=outputs["QueueUrl"],
        machine=outputs["StateMachineArn"],
        members=frozenset([*listed, outputs["StateMachineArn"].split(":")[4]]) if known else None,
        sqs=sqs,
        states=states,
    )


def recorded_in(found: Path) -> list[Recorded]:
    """The recorded events of a file, or of a folder or story in the order of their files' names."""
    folder = found if found.is_dir() else found.parent
    files = [found]
    if found.is_dir() or found.suffix in (".yaml", ".yml"):
        files = sorted(folder.glob("*.json"))
    if not files:
        raise NoStory(f"{folder} holds no recorded events (*.json), and only those can be sent to a deployment")
    return [event for file in files for event in load_events(file)]


def mapping(pairs: Iterable[str], recorded: Iterable[Recorded]) -> dict[str, str]:
    """`OLD=NEW` account ids as a mapping; WrongOption when one is none, or no event names OLD."""
    accounts: dict[str, str] = {}
    text = json.dumps([event.document for event in recorded])
    for pair in pairs:
        match = re.fullmatch(r"(\d{12})=(\d{12})", pair)
        if match is None:
            raise WrongOption(f"--account {pair}: write two account ids of 12 digits, OLD=NEW")
        old, new = match.groups()
        if old in accounts:
            raise WrongOption(f"--account {pair}: {old} is mapped twice")
        if old not in text:
            raise WrongOption(f"--account {pair}: no event names account {old}")
        accounts[old] = new
    return accounts


def seconds(text: str) -> float:
    """`90s`, `10m`, `1h` in seconds; WrongOption for anything else."""
    match = re.fullmatch(r"(\d+)([smh])", text)
    if match is None or not int(match[1]):
        raise WrongOption(f"--timeout {text}: write 90s, 10m or 1h")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


def renewed(recorded: Recorded, accounts: dict[str, str], at: datetime) -> Recorded:
    """The event as if it happened `at`: a fresh id and time, other account ids where asked for, else verbatim."""
    document: dict[str, Any] = _mapped(recorded.document, accounts)
    fresh = {"id": str(uuid.uuid4()), "time": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    document |= fresh
    event = msgspec.structs.replace(recorded.event, account=document["account"], **fresh)
    return msgspec.structs.replace(recorded, event=event, document=document)


def _mapped(value: Any, accounts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(item, accounts) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, accounts) for item in value]
    if isinstance(value, str) and accounts:
        # All at once, so that two accounts can change places; only where the digits stand alone.
        wanted = "|".join(accounts)
        return re.sub(rf"(?<![0-9A-Za-z])({wanted})(?![0-9A-Za-z])", lambda found: accounts[found[0]], value)
    return value


def _meaning(event: Recorded, deployment: Deployment) -> triggers.Trigger:
    """What the stack makes of the event, its bus policy included, which the queue does not ask."""
    account = event.event.account
    if deployment.members is not None and account not in deployment.members:
        return triggers.Ignored(why=f"account {account} is no member of stack {deployment.stack}")
    return triggers.parse(msgspec.convert(event.document, triggers.Event), deployment.network, prefix=deployment.prefix)


def play(
    name: str,
    recorded: list[Recorded],
    accounts: dict[str, str],
    deployment: Deployment,
    tell: Callable[[Telling], None],
    progress: Callable[[str], None],
    pace: Pace,
    timeout: float,
) -> Result:
    """Send the events that mean something, follow the runs until they end, and sum up. `timeout`: seconds."""
    follower = _Follower(deployment, tell, progress, pace)
    with _explained(deployment.stack):
        follower.look_around()
    heard: list[chronicle.Heard] = []
    delivered: dict[str, str] = {}
    rung: dict[str, None] = {}
    touched: set[str] = set()
    for event in recorded:
        sent = renewed(event, accounts, datetime.now(UTC))
        trigger = _meaning(sent, deployment)
        why = trigger.why if isinstance(trigger, triggers.Ignored) else ""
        if isinstance(trigger, triggers.Ignored):
            made = "not sent"
        else:
            with _explained(deployment.stack, f"events of {counted(len(touched), 'account')} were sent before"):
                deployment.sqs.send_message(
                    QueueUrl=deployment.queue, MessageBody=json.dumps(sent.document, ensure_ascii=False)
                )
            made = f"sent to the queue as {sent.event.id}"
            touched.add(trigger.account)
            if isinstance(trigger, triggers.Ring):
                rung[trigger.account] = None
        tell(Delivered(at=time.time(), recorded=sent, made=made))
        heard.append(_heard(sent, why))
        tell(Heard(event=heard[-1]))
        delivered[sent.event.id] = sent.file.name
    unmet: list[Unmet] = []
    if touched:
        with _explained(deployment.stack, "the events were sent; the runs go on"):
            unmet = [Unmet(where=deployment.stack, reason=reason) for reason in follower.follow(rung, touched, timeout)]
    for failure in unmet:
        tell(failure)
    runs = chronicle.runs(follower.journal)
    services, clients, refusals = chronicle.last_word(runs)
    nothing = Standing(things={}, networks=(), services=(), clients=())
    return Result(
        name=name,
        title=name,
        world=World(accounts=()),
        seed=0,
        disturbed=False,
        events=heard,
        delivered=delivered,
        runs=runs,
        requests=[],
        counts=chronicle.counts(follower.journal),
        chapters={},
        services=services,
        clients=clients,
        refusals=refusals,
        start=nothing,
        end=nothing,
        leftovers=[],
        unmet=unmet,
    )


def _heard(sent: Recorded, why: str) -> chronicle.Heard:
    return chronicle.Heard(
        at=time.time(),
        id=sent.event.id,
        account=sent.event.account,
        source=sent.event.source,
        detail_type=sent.event.detail_type,
        resources=sent.event.resources,
        rules=(),
        why=why,
        document=sent.document,
        announced=False,
        echo=False,
    )


@dataclass
class _Follower:
    """Finds the executions that began since `look_around`, and reads their histories until they ended.

    New is what the state machine did not list before, not what is younger than our clock says: two clocks differ.
    """

    deployment: Deployment
    tell: Callable[[Telling], None]
    progress: Callable[[str], None]
    pace: Pace
    journal: Journal = field(default_factory=Journal)
    _known: frozenset[str] = frozenset()
    _going_on: list[str] = field(default_factory=list)
    _histories: dict[str, list[Record]] = field(default_factory=dict)
    _told: set[tuple[str, int]] = field(default_factory=set)

    def look_around(self) -> None:
        """Remember what there is already."""
        page = self.deployment.states.list_executions(stateMachineArn=self.deployment.machine, maxResults=100)
        self._known = frozenset(one["executionArn"] for one in page["executions"])
        running = self._pages("list_executions", "executions", statusFilter="RUNNING")
        self._going_on = [one["executionArn"] for page in running for one in page]

    def follow(self, rung: Iterable[str], touched: set[str], timeout: float) -> list[str]:
        """Until every account of `rung` had a run and none goes on; answers what failed or did not end in time."""
        began = news = self.pace.now()
        # A run that holds its account when somebody rings starts no other one: it looks once more itself.
        for arn in self._going_on:
            if _account(arn) in touched:
                self._histories[arn] = []
        while True:
            if self._look(touched):
                news = self.pace.now()
            waiting = [account for account in rung if account not in {_account(arn) for arn in self._histories}]
            going_on = [arn for arn in self._histories if not self._ended(arn)]
            now = self.pace.now()
            if not waiting and not going_on and now - news >= QUIET:
                return self._failures()
            if now - began >= timeout:
                late = [f"no run of account {account} began within {timeout:.0f} s" for account in waiting]
                late += [f"execution {_name(arn)} did not end within {timeout:.0f} s" for arn in going_on]
                # In time, although perhaps not quiet for long enough to be sure that nothing follows.
                return self._failures() + late
            self.progress(self._progress(now - began, waiting, going_on))
            self.pace.sleep(POLL)

    def _look(self, touched: set[str]) -> bool:
        """Read what is new; answers whether anything is."""
        for arn in reversed(list(self._new())):
            if _account(arn) in touched:
                self._histories.setdefault(arn, [])
        news = False
        for arn, before in self._histories.items():
            if self._ended(arn):
                continue
            pages = self._pages("get_execution_history", "events", machine=False, executionArn=arn, maxResults=1000)
            read = list(records(arn, (event for page in pages for event in page)))
            if len(read) != len(before):
                self._histories[arn] = read
                news = True
        if news:
            self._tell_rounds()
        return news

    def _new(self) -> Iterator[str]:
        """The executions that were not there at the beginning, newest first."""
        for page in self._pages("list_executions", "executions", maxResults=100):
            found = [one["executionArn"] for one in page]
            yield from (arn for arn in found if arn not in self._known)
            if not self._known.isdisjoint(found):
                return

    def _pages(self, operation: str, part: str, *, machine: bool = True, **given: Any) -> Iterator[list[Any]]:
        if machine:
            given["stateMachineArn"] = self.deployment.machine
        for page in self.deployment.states.get_paginator(operation).paginate(**given):
            yield page[part]

    def _tell_rounds(self) -> None:
        self.journal = Journal()
        everything = [record for history in self._histories.values() for record in history]
        for record in sorted(everything, key=lambda record: record.at):
            self.journal.add(record)
        for run in chronicle.runs(self.journal):
            for round_ in run.rounds:
                key = (run.execution, round_.plan.round)
                if round_.settled and key not in self._told:
                    self._told.add(key)
                    self.tell(Looked(run=run, round=round_))

    def _ended(self, arn: str) -> bool:
        last = next((it for it in reversed(self._histories[arn]) if isinstance(it, ExecutionRecord)), None)
        return last is not None and last.status != "RUNNING"

    def _failures(self) -> list[str]:
        return [
            f"execution {_name(record.execution)} {record.status}: {record.error} {record.cause}"[:LONGEST_REASON]
            for record in self.journal.of(ExecutionRecord)
            if record.status not in ("RUNNING", "SUCCEEDED")
        ]

    def _progress(self, passed: float, waiting: list[str], going_on: list[str]) -> str:
        parts = [f"{passed:.0f} s, {counted(len(self._histories), 'run')}"]
        if waiting:
            parts.append(f"waiting for a run of {', '.join(waiting)}")
        for arn in going_on:
            entered = [record.state for record in self._histories[arn] if isinstance(record, StateRecord)]
            parts.append(f"{_account(arn)}: {entered[-1] if entered else 'starting'}")
        if not waiting and not going_on:
            parts.append("seeing whether another run begins")
        return "  ".join(parts)


ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}

INVOKED = ("LambdaFunctionSucceeded", "LambdaFunctionFailed", "LambdaFunctionTimedOut")


def records(arn: str, history: Iterable[dict[str, Any]]) -> Iterator[Record]:
    """An execution's history (GetExecutionHistory's events, oldest first) as the journal would hold it."""
    scheduled: dict[int, dict[str, Any]] = {}
    given: Any = None
    for event in history:
        kind, at = event["type"], event["timestamp"].timestamp()
        details = event.get(f"{kind[0].lower()}{kind[1:]}EventDetails", {})
        previous = event.get("previousEventId", 0)
        if kind == "ExecutionStarted":
            given = json.loads(details.get("input", "null"))
            yield ExecutionRecord(at=at, run=arn, execution=arn, status="RUNNING", input=given)
        elif kind in ENDS:
            yield ExecutionRecord(
                at=at,
                run=arn,
                execution=arn,
                status=ENDS[kind],
                input=given,
                output=json.loads(details.get("output", "null")),
                error=details.get("error", ""),
                cause=details.get("cause", ""),
            )
        elif kind.endswith("StateEntered"):
            entered = event["stateEnteredEventDetails"]
            value = json.loads(entered.get("input", "null"))
            yield StateRecord(
                at=at,
                run=arn,
                execution=arn,
                state=entered["name"],
                kind=kind.removesuffix("StateEntered"),
                input=value,
            )
        elif kind == "LambdaFunctionScheduled":
            scheduled[event["id"]] = details
        elif kind == "LambdaFunctionStarted":
            scheduled[event["id"]] = scheduled.get(previous, {})
        elif kind in INVOKED:
            yield _invocation(arn, at, kind, scheduled.get(previous, {}), details)


def _invocation(arn: str, at: float, kind: str, scheduled: dict[str, Any], details: dict[str, Any]) -> InvocationRecord:
    function = scheduled.get("resource", "").split(":")
    return InvocationRecord(
        at=at,
        run=arn,
        function=function[6] if len(function) > 6 else "",
        account=function[4] if len(function) > 6 else "",
        request_id="",
        cold=False,
        error="" if kind == "LambdaFunctionSucceeded" else details.get("error", kind),
        payload=json.loads(scheduled.get("input", "null")),
        result=json.loads(details.get("output", "null")),
    )


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _account(arn: str) -> str:
    """The intake names a run ACCOUNT-…; one that somebody started by hand is of no account."""
    name = _name(arn)
    return name[:12] if name[12:13] == "-" else ""


_NOT_LET_IN = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "KMS.AccessDeniedException")

_STRANGERS = (
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
)


@contextlib.contextmanager
def _explained(stack: str, so_far: str = "") -> Iterator[None]:
    """What AWS or the SDK answers, as a NoDeployment that says what to do."""
    after = f" ({so_far})" if so_far else ""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as wrong:
        raise NoDeployment(f"there are no AWS credentials: {wrong}; set them up, or give --profile") from wrong
    except ProfileNotFound as wrong:
        raise NoDeployment(f"{wrong}") from wrong
    except NoRegionError as wrong:
        raise NoDeployment("no region is chosen; give --region") from wrong
    except ClientError as wrong:
        code, message = wrong.response["Error"]["Code"], wrong.response["Error"]["Message"]
        if code == "ValidationError" and "does not exist" in message:
            raise NoDeployment(f"there is no stack {stack} in this account and region") from wrong
        if code in _NOT_LET_IN:
            raise NoDeployment(f"access denied{after}: {message}") from wrong
        if code in _STRANGERS:
            raise NoDeployment(f"AWS does not accept the credentials{after}: {message}") from wrong
        raise NoDeployment(f"{wrong.operation_name} met {code}{after}: {message}") from wrong
    except BotoCoreError as wrong:
        raise NoDeployment(f"AWS cannot be reached{after}: {wrong}") from wrong
    except msgspec.ValidationError as wrong:
        raise NoDeployment(f"stack {stack} is of a version whose runs cannot be read{after}: {wrong}") from wrong
