"""The same as one JSON document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from replay.telling import Result


class _Value(msgspec.Struct, frozen=True, kw_only=True):
    """Of a document, whose shape is the command's interface (docs/schemas/replay.json)."""


class EventTold(_Value, frozen=True):
    """`file`: the recorded one's, '' of what AWS or the product put itself; `why` nothing came of an ignored one."""

    at: str
    id: str
    account: str
    source: str
    detail_type: str
    resources: list[str]
    file: str
    outcome: Literal["heard", "announced", "ignored"]
    why: str


class StepTold(_Value, frozen=True):
    """`outcome`: done, not_yet, refused, failed, or '' of one that was not tried."""

    account: str
    kind: str
    name: str
    because: str
    outcome: str


class RunTold(_Value, frozen=True):
    account: str
    trigger: dict[str, Any]
    rounds: int
    steps: list[StepTold]


class ServiceTold(_Value, frozen=True):
    account: str
    name: str
    domain: str
    status: str
    network: str


class ClientTold(_Value, frozen=True):
    account: str
    vpc: str
    status: str
    network: str


class RequestTold(_Value, frozen=True, rename={"from_": "from"}):
    """`status` null where nobody answered, `stopped_at` null where no hop stopped it."""

    from_: str
    url: str
    status: int | None
    stopped_at: str | None


class CallsTold(_Value, frozen=True):
    total: int
    mutating: int
    by_operation: dict[str, int]


class Replayed(_Value, frozen=True):
    """What a replay came to; `leftovers`: what stands at its end and did not at its begin.

    `calls` and `leftovers` are null of a replay on a deployment, which nobody counts.
    """

    story: str
    events: list[EventTold]
    runs: list[RunTold]
    services: list[ServiceTold]
    clients: list[ClientTold]
    requests: list[RequestTold]
    calls: CallsTold | None
    transitions: int
    invocations: int
    leftovers: list[str] | None


def document(result: Result) -> Replayed:
    return Replayed(
        story=result.name,
        events=[
            EventTold(
                at=iso(event.at),
                id=event.id,
                account=event.account,
                source=event.source,
                detail_type=event.detail_type,
                resources=list(event.resources),
                file=result.delivered.get(event.id, ""),
                outcome="announced" if event.announced else "ignored" if event.why else "heard",
                why=event.why,
            )
            for event in result.events
        ],
        runs=[
            RunTold(
                account=run.account,
                trigger=run.trigger,
                rounds=len(run.rounds),
                steps=[
                    StepTold(
                        account=step.account,
                        kind=step.kind,
                        name=step.name,
                        because=step.because,
                        outcome=step.outcome,
                    )
                    for round_ in run.rounds
                    for step in round_.steps
                ],
            )
            for run in result.runs
        ],
        services=[
            ServiceTold(account=it.account, name=it.name, domain=it.domain, status=it.status, network=it.network)
            for it in result.services
        ],
        clients=[
            ClientTold(account=it.account, vpc=it.vpc, status=it.status, network=it.network) for it in result.clients
        ],
        requests=[
            RequestTold(
                from_=asked.from_, url=asked.url, status=asked.status or None, stopped_at=asked.stopped_at or None
            )
            for asked in result.requests
        ],
        calls=CallsTold(
            total=result.counts.calls, mutating=result.counts.mutating, by_operation=result.counts.by_operation
        ),
        transitions=result.counts.transitions,
        invocations=result.counts.invocations,
        leftovers=result.leftovers,
    )


def iso(at: float) -> str:
    """The simulated moment as events write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
