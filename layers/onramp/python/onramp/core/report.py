"""What a run has to say: announcements for machines, a message for people, and the account's summary."""

from typing import Any, NamedTuple

from onramp.core.model import Network, Value
from onramp.core.steps import DELETION_LIMIT, ClientState, Memory, Plan, Refusal, Run, ServiceState, encode

SOURCE = "lattice.onramp"


class Announcement(Value, frozen=True):
    """An event on the network's own bus. `detail_type`: Service Connected, Client Disconnected, ..."""

    detail_type: str
    detail: dict[str, Any]


class Report(NamedTuple):
    """`news`: refusals and failures not told before. `message` is '' when no person has to act.

    `counts`: metric name -> number.
    """

    memory: Memory
    announcements: tuple[Announcement, ...]
    news: tuple[Refusal, ...]
    subject: str
    message: str
    counts: dict[str, int]


def report(network: Network, run: Run) -> Report:
    """Compare what is with what the last report told: only a change is news."""
    planned = run.plan or Plan(account=run.account, round=run.round, next="done", blind=True)
    before = run.memory
    failures = _failures(run)
    refusals = (*planned.refusals, *failures)
    news = [refusal for refusal in refusals if refusal not in before.refusals]
    memory = Memory(
        arns=before.arns if planned.blind else planned.arns,
        services=before.services if planned.blind else (*planned.services, *_kept(before.services, planned)),
        clients=before.clients if planned.blind else (*planned.clients, *_kept(before.clients, planned)),
        refusals=(*_others(before.refusals, news), *news) if planned.blind else refusals,
    )
    announcements = (
        *_changes("Service", _connected(before.services), _connected(memory.services)),
        *_changes("Client", _connected(before.clients), _connected(memory.clients)),
        *(_refused(network, run.account, refusal) for refusal in news),
    )
    return Report(
        memory=memory,
        announcements=announcements,
        news=tuple(news),
        subject=f"Lattice Onramp {network.name}: account {run.account} needs a look"[:100] if news else "",
        message=_message(network, run.account, news) if news else "",
        counts={
            "Rounds": run.round,
            "Refusals": len(planned.refusals),
            "Failures": len(failures),
            "DeletionsHeld": sum(refusal.code == DELETION_LIMIT for refusal in planned.refusals),
            "Waiting": _waiting(memory),
            "ServicesConnected": len(_connected(memory.services)),
            "ClientsConnected": len(_connected(memory.clients)),
        },
    )


def _others(before: tuple[Refusal, ...], news: list[Refusal]) -> list[Refusal]:
    """Those of before that no news replaces: of one thing only the last word is kept."""
    told = {(refusal.code, refusal.resource) for refusal in news}
    return [refusal for refusal in before if (refusal.code, refusal.resource) not in told]


def _failures(run: Run) -> tuple[Refusal, ...]:
    last = {outcome.key: outcome.detail for outcome in run.finished if outcome.status != "done"}
    return tuple(
        Refusal(code="step-failed", resource=key, message=why) for key, why in sorted({**run.failures, **last}.items())
    )


def _waiting(memory: Memory) -> int:
    """Services and clients that wait for a person."""
    states = [state.status for state in memory.services] + [state.status for state in memory.clients]
    return states.count("waiting")


def _kept[T: (ServiceState, ClientState)](before: tuple[T, ...], planned: Plan) -> list[T]:
    """What a wish that is refused now had made, and still serves: it has not left."""
    told = {state.arn for state in planned.services} | {state.arn for state in planned.clients}
    return [state for state in before if state.arn in planned.arns and state.arn not in told]


def _connected[T: (ServiceState, ClientState)](states: tuple[T, ...]) -> dict[str, T]:
    return {
        (state.name if isinstance(state, ServiceState) else state.vpc): state
        for state in states
        if state.status == "connected"
    }


def _changes(
    what: str,
    before: dict[str, ServiceState] | dict[str, ClientState],
    now: dict[str, ServiceState] | dict[str, ClientState],
) -> tuple[Announcement, ...]:
    joined = [
        Announcement(detail_type=f"{what} Connected", detail=encode(now[key])) for key in now.keys() - before.keys()
    ]
    left = [
        Announcement(detail_type=f"{what} Disconnected", detail=encode(before[key]))
        for key in before.keys() - now.keys()
    ]
    return tuple(sorted([*joined, *left], key=lambda made: (made.detail_type, str(made.detail))))


def _refused(network: Network, account: str, refusal: Refusal) -> Announcement:
    detail = {"account": account, "network": network.name, **encode(refusal)}
    kind = "Step Failed" if refusal.code == "step-failed" else "Request Refused"
    return Announcement(detail_type=kind, detail=detail)


def _message(network: Network, account: str, news: list[Refusal]) -> str:
    lines = [f"Network {network.name}, account {account}:", ""]
    lines += [f"- {refusal.resource}: {refusal.code}: {refusal.message}" for refusal in news]
    return "\n".join(lines)
