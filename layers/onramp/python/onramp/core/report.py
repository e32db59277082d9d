"""What a run has to say: announcements for machines, a message for people, and the account's summary."""

from typing import Any, NamedTuple

from msgspec.structs import replace

from onramp.core import denials, infra, tagged_by
from onramp.core.approval import waiting
from onramp.core.errors import MEMBER_ROLE_MISSING, tells_of_role
from onramp.core.inventory import DELETION_LIMIT, UNREAD_CODE, ClientState, Refusal, Request, ServiceState, Status
from onramp.core.language import of_code, told
from onramp.core.metrics import FOREIGN
from onramp.core.model import Value
from onramp.core.network import Network
from onramp.core.run import Memory, Plan, Run
from onramp.core.state import encode
from onramp.core.steps import ANSWERS, Outcome
from onramp.core.text import plain

SOURCE = "lattice.onramp"


class Announcement(Value, frozen=True):
    """An event on the network's own bus. `detail_type`: Service Connected, Client Disconnected, ..."""

    detail_type: str
    detail: dict[str, Any]


class Report(NamedTuple):
    """`news`: refusals and failures not told before. `message` is '' when no person has to act.

    `counts`: metric name -> number. `took`: seconds from `begun` to the look that saw it answer, of each service and
    client that did not answer before. `blind`: nothing was seen, or not all of what the tags ask for. `unfinished`:
    what the run ended with was not done, and another look is owed.
    """

    memory: Memory
    announcements: tuple[Announcement, ...]
    news: tuple[Refusal, ...]
    subject: str
    message: str
    counts: dict[str, int]
    took: tuple[float, ...] = ()
    blind: bool = False
    unfinished: bool = False


def report(network: Network, run: Run, begun: float = 0.0) -> Report:
    """Compare what is with what the last report told: only a change is news. `begun`: when the run did; 0.0 unknown."""
    planned = run.plan or Plan(account=run.account, round=run.round, next="done", blind=True)
    before = run.memory
    failures = _failures(run)
    refusals = (*planned.refusals, *failures)
    said = {replace(refusal, name="") for refusal in before.refusals}
    news = [one for one in (replace(refusal, name="") for refusal in refusals) if one not in said]
    memory = Memory(
        arns=before.arns if planned.blind else planned.arns,
        services=before.services if planned.blind else planned.services,
        clients=before.clients if planned.blind else planned.clients,
        refusals=(*_others(before.refusals, news), *news) if planned.blind else refusals,
        since=planned.since,
        failed=before.failed if planned.blind else {**run.failures, **_refused_last(run)},
        hands_at=run.hands_at or before.hands_at,
        findings=run.plan.findings if run.plan else before.findings,
        approvals=before.approvals if planned.blind else planned.approvals,
        unasked=before.unasked,
        ended=tuple(sorted(outcome.key for outcome in _last(run))),
        pace=run.pace or before.pace,
        listeners={} if planned.blind else run.listeners,
        records=planned.records if run.plan else before.records,
        private=planned.private if run.plan else before.private,
        zones=planned.zones if run.plan else before.zones,
        released=before.released if planned.blind else planned.released,
    )
    if not planned.blind:
        wanted = (request.id for request in memory.approvals or ())
        memory = replace(memory, unasked=infra.unasked(run.said, before.unasked, wanted, run.observed_at))
    memory = replace(memory, asks=tagged_by.remembered(before.asks, run.asks, _known(memory)))
    asked = _asked(before, memory)
    announcements = (
        *_changes("Service", before.services, memory.services, run.released),
        *_changes("Client", before.clients, memory.clients, run.released),
        *_joined(before.services, memory.services),
        *(_refused(network, run.account, refusal) for refusal in news),
        *(_requested(network, run.account, request) for request in asked),
        *_answered(network, run.account, before, memory),
    )
    return Report(
        memory=memory,
        announcements=announcements,
        news=tuple(news),
        subject=f"Lattice Onramp {network.name}: account {run.account} needs a look"[:99] if news or asked else "",
        message=_message(network, run.account, news, asked) if news or asked else "",
        counts={
            "Rounds": run.round,
            "Refusals": len(planned.refusals),
            "Failures": len(failures),
            "LooksWithoutChange": int(run.round == 1 and not planned.blind and planned.next == "done"),
            "ForeignLeftAlone": sum(refusal.code in FOREIGN for refusal in planned.refusals),
            "DeletionsHeld": sum(refusal.code == DELETION_LIMIT for refusal in planned.refusals),
            "Waiting": _count(memory, "waiting"),
            "Unreachable": _count(memory, "unreachable"),
            "Held": _count(memory, "held"),
            "ApprovalsWaiting": len(waiting(memory.approvals)),
            "ServicesConnected": len(_answering(memory.services)),
            "ClientsConnected": len(_answering(memory.clients)),
        },
        took=_took(before, memory, run.observed_at - begun) if begun else (),
        blind=planned.blind or any(_hides_wishes(run, refusal) for refusal in planned.refusals),
        unfinished=any(_comes_again(run, outcome) for outcome in _last(run)),
    )


def _known(memory: Memory) -> list[str]:
    """Load balancers and VPCs of which something is said."""
    balancers = [arn for state in memory.services for arn in state.load_balancers]
    return [*balancers, *(state.vpc for state in memory.clients), *(one.resource for one in memory.refusals)]


def _hides_wishes(run: Run, refusal: Refusal) -> bool:
    """Does it tell of a list, or of a load balancer's tags or listeners, that could not be read?"""
    return refusal.code == UNREAD_CODE and (refusal.resource == run.account or ":loadbalancer/" in refusal.resource)


def _took(before: Memory, now: Memory, seconds: float) -> tuple[float, ...]:
    """The same for each that began to answer: one run connects them side by side."""
    services = _answering(now.services).keys() - _answering(before.services).keys()
    clients = _answering(now.clients).keys() - _answering(before.clients).keys()
    return (max(seconds, 0.0),) * (len(services) + len(clients))


def _others(before: tuple[Refusal, ...], news: list[Refusal]) -> list[Refusal]:
    """Those of before that no news replaces: of one thing only the last word is kept."""
    told = {(refusal.code, refusal.resource) for refusal in news}
    return [refusal for refusal in before if (refusal.code, refusal.resource) not in told]


def _last(run: Run) -> list[Outcome]:
    """What became of the steps that the run ended with, answers that stand apart."""
    return [
        outcome
        for batch in run.finished
        for outcome in batch
        if outcome.kind not in ANSWERS or outcome.status in {"not_yet", "failed"}
    ]


def _comes_again(run: Run, outcome: Outcome) -> bool:
    """Is it tried again by the next look, before anybody is told? An answer once: no look of its run follows it."""
    again = outcome.kind not in ANSWERS or outcome.key not in run.memory.ended
    return again and outcome.status in {"not_yet", "failed"}


def _refused_last(run: Run) -> dict[str, str]:
    return {outcome.key: outcome.detail for outcome in _last(run) if outcome.status == "refused"}


def _failures(run: Run) -> tuple[Refusal, ...]:
    last = {
        outcome.key: outcome.detail
        for batch in run.finished
        for outcome in batch
        if outcome.status != "done" and not _comes_again(run, outcome)
    }
    failed = sorted({**run.failures, **last}.items())
    # Where no role lets us in it is the account's matter, and the same for all of its steps.
    barred = dict.fromkeys(why for _, why in failed if tells_of_role(why))
    return (
        *(Refusal(code=MEMBER_ROLE_MISSING, resource=run.account, message=why) for why in barred),
        *(denials.refusal(key, why) for key, why in failed if why not in barred),
    )


def _count(memory: Memory, status: Status) -> int:
    """Services and clients of which this is said."""
    told = [state.status for state in memory.services] + [state.status for state in memory.clients]
    return told.count(status)


def _answering[T: (ServiceState, ClientState)](states: tuple[T, ...]) -> dict[str, T]:
    return {_name(state): state for state in states if state.answers}


def _name(state: ServiceState | ClientState) -> str:
    return state.name if isinstance(state, ServiceState) else state.vpc


def _changes[T: (ServiceState, ClientState)](
    what: str, before: tuple[T, ...], now: tuple[T, ...], let_go: tuple[str, ...]
) -> tuple[Announcement, ...]:
    """What answers now and did not, what does not answer though it is still joined, and what is gone."""
    live, lived, there = _answering(now), _answering(before), {_name(state): state for state in now}
    made = [
        Announcement(detail_type=f"{what} Connected", detail=encode(live[key])) for key in live.keys() - lived.keys()
    ]
    for key in lived.keys() - live.keys():
        state = there.get(key)
        if state is None and lived[key].message.startswith("joined-by-others: "):
            continue  # it asks no more, and answers as before
        if lived[key].arn in let_go:
            continue  # it is ours no more, and answers as before
        if state is not None and state.status == "unreachable":
            made.append(Announcement(detail_type=f"{what} Unreachable", detail=encode(state)))
        else:
            made.append(Announcement(detail_type=f"{what} Disconnected", detail=encode(state or lived[key])))
    return tuple(sorted(made, key=lambda one: (one.detail_type, str(one.detail))))


def _joined(before: tuple[ServiceState, ...], now: tuple[ServiceState, ...]) -> list[Announcement]:
    """A load balancer more behind a service that was there: whoever shares its traffic has a right to know."""
    served = {state.name: state for state in before if state.serving}
    return [
        Announcement(
            detail_type="Load Balancer Joined",
            detail={**encode(state), "joined": sorted(set(state.serving) - set(served[state.name].serving))},
        )
        for state in now
        if state.name in served
        and set(served[state.name].serving) & set(state.serving)
        and set(state.serving) - set(served[state.name].serving)
    ]


def _refused(network: Network, account: str, refusal: Refusal) -> Announcement:
    detail = {"account": account, "network": network.name, **encode(refusal), "message": plain(refusal.message)}
    of_a_step = refusal.code in denials.OF_STEPS and refusal.resource != account
    kind = "Step Failed" if of_a_step else "Request Refused"
    return Announcement(detail_type=kind, detail=detail)


def _asked(before: Memory, now: Memory) -> list[Request]:
    """What waits for infra's answer and was not told before."""
    told = waiting(before.approvals)
    return [request for id_, request in waiting(now.approvals).items() if id_ not in told]


def _requested(network: Network, account: str, request: Request) -> Announcement:
    return Announcement(detail_type="Approval Requested", detail=_detail(network, account, request))


def _detail(network: Network, account: str, request: Request) -> dict[str, Any]:
    shown = {"what": list(map(plain, request.what)), "resource": plain(request.resource)}
    return {"account": account, "network": network.name, **encode(request), **shown}


def _answered(network: Network, account: str, before: Memory, now: Memory) -> list[Announcement]:
    """Requests that waited, and have their answer."""
    waited = waiting(before.approvals)
    return [
        Announcement(
            detail_type="Request Approved" if request.state == "approved" else "Request Rejected",
            detail={
                "account": account,
                "network": network.name,
                **encode(request),
                "what": list(map(plain, request.what)),
            },
        )
        for request in now.approvals or ()
        if request.id in waited and request.state in ("approved", "rejected")
    ]


def _message(network: Network, account: str, news: list[Refusal], asked: list[Request]) -> str:
    speaks = network.language
    lines = [told(f"Network {network.name}, account {account}:", speaks), ""]
    for refusal in news:
        message = plain(of_code(refusal.code, refusal.message, speaks))
        lines += [f"- {plain(refusal.resource)}: {refusal.code}: {message}"]
    for request in asked:
        lines += [f"- {told(f'to be approved: {request.id} (onramp approve {request.id})', speaks)}"]
        lines += [f"  {plain(told(line, speaks))}" for line in request.what]
    return "\n".join(lines)
