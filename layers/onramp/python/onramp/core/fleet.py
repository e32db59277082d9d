"""What the table knows of all accounts, as infra asks for it: who is joined, refused, held, silent; since when."""

import difflib
from collections.abc import Iterable
from typing import Literal, NamedTuple

from onramp.core import names, watch
from onramp.core.approval import waiting
from onramp.core.errors import Refused
from onramp.core.infra import WHOLE, Word, held
from onramp.core.inventory import ClientState, Refusal, Request, ServiceState
from onramp.core.model import Value
from onramp.core.run import Memory
from onramp.core.watch import Entry

WELL = "well"


class Kept(NamedTuple):
    """An account's item: its times, its last report, and what infra has said of it."""

    entry: Entry
    memory: Memory
    words: tuple[Word, ...]


def holds(one: Kept) -> bool:
    """Has the account something here: on the network, made by runs or let go by them, asked for, or held?

    Other words of infra's are about what is not there, and no run of a silent account takes them away.
    """
    memory = one.memory
    there = (memory.services, memory.clients, memory.arns, memory.records, memory.zones, memory.released)
    return any(there) or bool(waiting(memory.approvals)) or bool(held(one.words))


class AccountSeen(Value, frozen=True, omit_defaults=False):
    """`state`: `well`, or the code of what is wrong with it, which `message` tells. `running`: the execution that holds
    it now, or ''. Times are epoch seconds, 0.0 never: its last event, and the begin of the last look that ended.
    """

    account: str
    state: str
    message: str
    rung_at: float
    looked_at: float
    running: str
    services: int
    clients: int
    refusals: int


class RefusalSeen(Value, frozen=True, omit_defaults=False):
    """`name`: of the service that a load balancer asks for, '' of all else and of what an earlier release was told."""

    account: str
    code: str
    resource: str
    message: str
    name: str = ""


class HeldSeen(Value, frozen=True, omit_defaults=False):
    """Kept off the network by `onramp hold`; `name` is '' where it is the whole account."""

    account: str
    name: str
    at: float
    by: str


class ApprovalSeen(Value, frozen=True, omit_defaults=False):
    """A request, `what` it shows, and whose answer it got when; `before`: it was there before there were requests."""

    account: str
    id: str
    state: Literal["waiting", "approved", "rejected", "before"]
    kind: Literal["service", "client"]
    name: str
    resource: str
    what: tuple[str, ...]
    by: str
    at: float


class StepSeen(Value, frozen=True, omit_defaults=False):
    """A step that a run tried; `outcome` done, not_yet, refused, failed; `detail` why not done."""

    kind: str
    name: str
    because: str
    outcome: str
    detail: str


class RunSeen(Value, frozen=True, omit_defaults=False):
    """`status` as Step Functions has it; `trigger` what began it; `console` the page of it; times in epoch seconds."""

    account: str
    execution: str
    status: str
    trigger: str
    started: float
    ended: float
    console: str
    steps: tuple[StepSeen, ...]


class AskSeen(Value, frozen=True, omit_defaults=False):
    """Whose call changed our tags on `resource` last, as the account's trail told, '' if none did; `at` epoch seconds.
    Of what is not listed, neither is known.
    """

    account: str
    resource: str
    by: str
    at: float


class Fleet(Value, frozen=True, omit_defaults=False):
    """`at`: epoch seconds of this answer. `runs` are told of one thing only, the newest first."""

    network: str
    at: float
    accounts: tuple[AccountSeen, ...] = ()
    services: tuple[ServiceState, ...] = ()
    clients: tuple[ClientState, ...] = ()
    refusals: tuple[RefusalSeen, ...] = ()
    held: tuple[HeldSeen, ...] = ()
    approvals: tuple[ApprovalSeen, ...] = ()
    asks: tuple[AskSeen, ...] = ()
    runs: tuple[RunSeen, ...] = ()


def fleet(network: str, kept: Iterable[Kept], now: float, version: str = "") -> Fleet:
    """All that the table knows, in a fixed order. `version`: of the network account's stack, '' unknown."""
    items = sorted((one for one in kept if not one.entry.ends), key=lambda one: one.entry.account)
    wrong = _wrong(network, [one.entry for one in items], now, version)
    return Fleet(
        network=network,
        at=now,
        accounts=tuple(_account(one, wrong.get(one.entry.account, (WELL, ""))) for one in items),
        services=tuple(state for one in items for state in one.memory.services),
        clients=tuple(state for one in items for state in one.memory.clients),
        refusals=tuple(_refusal(one.entry.account, it) for one in items for it in one.memory.refusals),
        held=tuple(
            HeldSeen(account=one.entry.account, name="" if about == WHOLE else about, at=word.at, by=word.by)
            for one in items
            for about, word in sorted(held(one.words).items())
        ),
        approvals=tuple(_approval(one.entry.account, it) for one in items for it in one.memory.approvals or ()),
        asks=tuple(
            AskSeen(account=one.entry.account, resource=it.resource, by=it.by, at=it.at)
            for one in items
            for it in one.memory.asks
        ),
    )


def _wrong(network: str, entries: list[Entry], now: float, version: str) -> dict[str, tuple[str, str]]:
    """Account -> code and sentence, as the watch would find it now; who is listed, only the watch's settings know."""
    absent = frozenset(one.account for one in entries if one.listed_at and not one.heard_at)
    waited = tuple(one for one in entries if one.account in absent)
    others = tuple(one for one in entries if one.account not in absent)
    found = watch.findings(network, waited, absent, now, version, named=False)
    found += watch.findings(network, others, frozenset(), now, version, named=False)
    wrong = {it.account: (it.code, it.message) for it in found if it.code}
    # What only the watch's settings tell, as it told it.
    said = {
        watch.NOT_LISTED: "it has sent events and is not in MemberAccounts",
        watch.VERSION: "it has member stack {0}, more than one minor version from the network's",
    }
    # Who is off the list falls silent: then the list is still what brings the account back.
    first = frozenset({watch.NOT_LISTED})
    told = {it.account: it for it in entries if it.told in (said if it.account not in wrong else first)}
    return wrong | {who: (one.told, said[one.told].format(one.member_version)) for who, one in told.items()}


def _account(one: Kept, wrong: tuple[str, str]) -> AccountSeen:
    return AccountSeen(
        account=one.entry.account,
        state=wrong[0],
        message=wrong[1],
        rung_at=one.entry.rung_at,
        looked_at=one.entry.looked_at,
        running=one.entry.holder,
        services=len(one.memory.services),
        clients=len(one.memory.clients),
        refusals=len(one.memory.refusals),
    )


def _approval(account: str, it: Request) -> ApprovalSeen:
    return ApprovalSeen(
        account=account,
        id=it.id,
        state=it.state,
        kind=it.kind,
        name=it.name,
        resource=it.resource,
        what=it.what,
        by=it.by,
        at=it.at,
    )


def _refusal(account: str, it: Refusal) -> RefusalSeen:
    return RefusalSeen(account=account, code=it.code, resource=it.resource, message=it.message, name=it.name)


# --- a part of it


def only(whole: Fleet, *, account: str = "", state: str = "") -> Fleet:
    """Of one account, or of one state: a status of services and clients, `refused`, `held`, or an account's code."""

    def fits(of: str) -> bool:
        return account in ("", of)

    return Fleet(
        network=whole.network,
        at=whole.at,
        accounts=tuple(one for one in whole.accounts if fits(one.account) and state in ("", one.state)),
        services=tuple(one for one in whole.services if fits(one.account) and state in ("", one.status)),
        clients=tuple(one for one in whole.clients if fits(one.account) and state in ("", one.status)),
        refusals=tuple(one for one in whole.refusals if fits(one.account) and state in ("", "refused", one.code)),
        held=tuple(one for one in whole.held if fits(one.account) and state in ("", "held")),
        approvals=tuple(one for one in whole.approvals if fits(one.account) and state in ("", one.state)),
        asks=tuple(one for one in whole.asks if fits(one.account)),
    )


def called(name: str) -> str:
    """The service's name, where it is asked for by the domain of its own that a tag has; anything else as it is."""
    try:
        return names.service_at(names.domain(name))
    except Refused:
        return name


def one(whole: Fleet, name: str) -> Fleet:
    """What concerns one thing: a service by name or domain, a VPC, a load balancer by name or ARN, or an account."""
    if any(it.account == name for it in whole.accounts):
        return only(whole, account=name)
    account, slash, service = name.partition("/")
    alone = service if slash and account.isdecimal() else name
    where = account if alone is not name else ""
    either = {alone, called(alone)}
    services = [
        it
        for it in whole.services
        if where in ("", it.account)
        and (not either.isdisjoint((it.name, it.domain)) or _behind(alone, it.load_balancers))
    ]
    clients = [it for it in whole.clients if it.vpc == alone]
    balancers = {arn for it in services for arn in it.load_balancers}
    refusals = [
        it
        for it in whole.refusals
        if it.resource in balancers
        or _is(alone, it.resource)
        or (it.name and it.name in either and where in ("", it.account))
    ]
    holds = [it for it in whole.held if it.name in either and where in ("", it.account)]
    requests = [
        it
        for it in whole.approvals
        if not either.isdisjoint((it.id, it.name)) or it.resource in balancers or _is(alone, it.resource)
    ]
    accounts = {it.account for it in services} | {it.account for it in clients}
    accounts |= {it.account for it in refusals} | {it.account for it in holds} | {it.account for it in requests}
    # What holds all of its account holds this, too.
    refusals += [it for it in whole.refusals if it.resource == it.account in accounts and it not in refusals]
    asked_by = balancers | {it.vpc for it in clients} | {it.resource for it in refusals}
    asked_by |= {it.resource for it in requests}
    return Fleet(
        network=whole.network,
        at=whole.at,
        accounts=tuple(it for it in whole.accounts if it.account in accounts),
        services=tuple(services),
        clients=tuple(clients),
        refusals=tuple(refusals),
        approvals=tuple(requests),
        asks=tuple(it for it in whole.asks if it.resource in asked_by),
        held=tuple(holds) + tuple(it for it in whole.held if not it.name and it.account in accounts),
    )


def _is(name: str, resource: str) -> bool:
    return name == resource or (":loadbalancer/" in resource and name == resource.split("/")[-2])


def _behind(name: str, balancers: Iterable[str]) -> bool:
    return any(_is(name, arn) for arn in balancers)


def close_to(whole: Fleet, name: str) -> list[str]:
    """Names that may have been meant."""
    known = (
        {it.name for it in whole.services} | {it.vpc for it in whole.clients} | {it.account for it in whole.accounts}
    )
    known |= {it.name for it in whole.refusals if it.name}
    known |= {arn.split("/")[-2] for it in whole.services for arn in it.load_balancers if ":loadbalancer/" in arn}
    spelled = {one.lower(): one for one in sorted(known)}
    return [spelled[one] for one in difflib.get_close_matches(name.lower(), spelled, n=3, cutoff=0.6)]


def owners(whole: Fleet, name: str) -> tuple[str, ...]:
    """The accounts that have a service of this name, or keep one out."""
    found = {it.account for it in whole.services if it.name == name}
    return tuple(sorted(found | {it.account for it in whole.held if it.name == name}))
