"""Observation and wishes in, plan out: every step that is possible now, and why.

Nothing here refers to what another step will make: a step whose ground is not laid yet simply is not in the
plan, and the next look finds it possible. So rounds do the ordering, and there is no graph.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Literal

import msgspec
from msgspec.structs import replace

from onramp.core import approval, names, tags
from onramp.core.desired import Backend, WantedService, desired
from onramp.core.model import (
    LISTS,
    OF_THE_NETWORK,
    SECURITY_GROUPS,
    UNREAD,
    VPCS,
    Association,
    Existing,
    Network,
    Observation,
    Service,
    TargetGroup,
    VpcAssociation,
)
from onramp.core.pace import POLL_SECONDS_AT_MOST
from onramp.core.plan import access as sharing
from onramp.core.plan import (
    adopting,
    answers,
    clients,
    domains,
    existing,
    leaving,
    records,
    releasing,
    rules,
    services,
    settings,
)
from onramp.core.plan.answers import Told
from onramp.core.plan.ground import (
    FAILED,
    Before,
    Ground,
    Part,
    Stage,
    Verdict,
    broke,
    coded,
    id_of,
    join,
    mark_missing,
    named,
    to_network,
    unread,
)
from onramp.core.reach import Finding
from onramp.core.steps import (
    UNREAD_CODE,
    AcceptShare,
    AnyStep,
    Batch,
    CreateService,
    Plan,
    Refusal,
    Request,
    ServiceState,
    ShareNetwork,
    UnshareNetwork,
    WriteStatus,
)
from onramp.core.words import Word

SETTLE_SECONDS: dict[str, int] = {
    "CreateService": 31,
    "CreateTargetGroup": 11,
    "ShareNetwork": 5,
    "AcceptShare": 6,
    "Adopt": 5,
    "AssociateService": 21,
    # What an auth policy says counts within minutes (facts 13): it is put long before it counts, and goes long after.
    "PutAuthPolicy": 120,
    "SetAuthType": 120,
    "AssociateVpc": 21,
    "UpdateVpcAssociation": 11,
    "DisassociateService": 16,
    "DisassociateVpc": 16,
    # As long as an alias is kept by whoever asked for it: its service goes after that.
    "DeleteRecords": records.TTL_SECONDS,
    "DeleteService": 21,
    "DeleteTargetGroup": 11,
    "UnshareNetwork": 5,
}
"""How long to leave a change alone before looking: Lattice announces nothing, so it is asked (facts 1, 9)."""

UNREAD_AT_MOST = 3
"""Things that cannot be read for one cause, and are told of one by one; of more than that one sentence tells."""

STEPS_AT_MOST = 120
"""In one round: what more there is follows in the next. A state holds 256 KiB (facts 20), Apply has its minutes."""

STEP_BYTES_AT_MOST = 80_000
"""Of the steps of a round together, which travel in the state with what becomes of them: policies are 10 KB each."""

ENDS = frozenset({"WriteStatus", "DeleteSecurityGroup"})
"""Steps that a run may end with, without a look after them: they touch nothing that serves, and AWS does them at once,
or says why not.
"""

NOT_SETTLING = "not-settling"
"""The code of what was waited for in vain."""

POLL_SECONDS = 10


def plan(
    network: Network,
    observed: Observation,
    *,
    number: int = 0,
    failures: dict[str, str] | None = None,
    doubts: Mapping[str, str] | None = None,
    registering: frozenset[str] = frozenset(),
    made: frozenset[str] = frozenset(),
    since: dict[str, float] | None = None,
    released: float = 0.0,
    findings: dict[str, Finding] | None = None,
    stalled: int = 0,
    gave_up: bool = False,
    last: dict[str, str] | None = None,
    now: float = 0.0,
    answers_given: Mapping[str, Word] | None = None,
    approvals: tuple[Request, ...] | None = None,
    tried: Iterable[str] = (),
    offer: str | None = None,
    before: Before | None = None,
    first_looks: Mapping[str, int] | None = None,
    next_look: int = 0,
) -> Plan:
    """The plan for one account.

    `number`: the round's. `failures`: step key -> why it was given up in this run; such a step is left out, and told
    instead. `doubts`: the same of the last run. `registering`: keys of registrations that AWS has taken
    in this run. `made`: ARNs of what this run has made. `since`: service name, VPC or load balancer -> epoch
    seconds when it was first seen that nobody asks for it. `released`: epoch seconds up to which infra has let what
    leaves go. `findings`: load balancer or VPC -> what keeps requests out. `stalled`: rounds in which nothing changed;
    they make the polls slower. `gave_up`: stop waiting, and say so. `last`: step key -> what AWS answered when it was
    tried last, for that. `now`: epoch seconds. `answers_given`: approval's id -> infra's answer; `approvals`: the
    requests of the last look, None where nothing had to be approved then. `tried`: keys of steps that were done before
    and may be asked for again, so that a look has to follow them. `offer`: `offered` of the ground. `before`: what was
    known before this look. `first_looks`: kind of step -> seconds to leave it alone, where not those of SETTLE_SECONDS;
    `next_look`: seconds until what an earlier round began is looked at again, 0 where nothing is on its way.
    Pure: raises nothing that a tag or an observation could cause.
    """
    found = findings or {}
    as_seen, observed = observed, releasing.without(observed)
    ground = Ground(
        network=network,
        observed=observed,
        want=desired(network, observed),
        failures=failures or {},
        doubts=doubts or {},
        registering=registering,
        since=since or {},
        released=released,
        now=now,
        findings=found,
        offered=offer,
        before=before or Before(),
    )
    ground = _without_the_unmet(ground)
    ground, requests = _approved(ground, answers_given or {}, approvals)
    if requests is not None and observed.unread:
        # Who asks may be among what was not read: what was answered stays so.
        ids = {one.id for one in requests}
        requests = (*requests, *(one for one in approvals or () if one.id not in ids))
    want = ground.want
    access = sharing.access(ground)
    may_make = sharing.may_make(ground, access)
    abandoned = frozenset(wanted.name for wanted in want.services if _abandoned(ground, wanted, access, made))
    switching = frozenset(
        balancer
        for wanted in want.services
        for balancer in set(wanted.load_balancers) - services.serving(ground, wanted)
    )
    lingering = leaving.lingering(ground)
    quiet = {balancer: at + ground.quiet_seconds for balancer, at in lingering.items()}
    staying = ground.frozen | switching | {balancer for balancer, until in quiet.items() if now < until}
    offered = {
        wanted.name: adopting.service(ground, wanted)
        or services.service(ground, wanted, may_make=may_make, staying=frozenset(staying))
        for wanted in want.services
        if wanted.name not in abandoned
    }
    late = {
        wanted.name: unwound for wanted in want.services if (unwound := _refused_late(ground, wanted, offered, made))
    }
    offered |= late
    abandoned |= late.keys()
    joining = {
        wanted.vpc: adopting.client(ground, wanted) or clients.client(ground, wanted, may_make=may_make)
        for wanted in want.clients
    }
    standing = {wanted.arn: existing.existing(ground, wanted) for wanted in want.existing}
    forward = join([*(one.part for one in offered.values()), *joining.values(), *standing.values()])
    if not (forward.reach or abandoned):
        access = Part()
    refusals = (*want.refusals, *forward.refusals)
    frozen = ground.frozen | {refusal.resource for refusal in forward.refusals}
    serving = answers.serving(ground)
    leading = {
        wanted.name: records.of_service(ground, wanted, serves=wanted.name in serving)
        for wanted in want.services
        if wanted.name not in abandoned
    }
    left = records.remaining(ground, leading)
    back = leaving.leaving(ground, frozen=frozen, switching=switching, abandoned=abandoned, named=left.going)
    # No time mends what may not be read: that is told, and not waited for.
    settling = {why: None for key, why in want.settling.items() if key not in observed.unread}
    parts = [access, forward, *leading.values(), services.parting(ground, frozenset(staying)), left.part, back.part]
    parts += [adopting.associations(ground), releasing.releasing(ground, as_seen)]
    parts += [Part(pending=(why,)) for why in settling]
    parts += [
        Part(pending=(f"{balancer.split('/')[-2]} leaves when its quiet time is over",), until=(until,))
        for balancer, until in quiet.items()
        if now < until
    ]
    parts += [Part(pending=(one.message,)) for one in found.values() if one.settling]
    if _nothing_left(ground):
        parts.append(sharing.unshare(ground))
    whole = join(parts)
    todo, pending = list(whole.steps), list(whole.pending)
    stuck: tuple[Refusal, ...] = ()
    why = ""
    if gave_up and (todo or pending):
        words = last or {}
        words_of = dict.fromkeys(words.get(step.key, step.because) for step in todo)
        why = "; ".join(pending or words_of) + sharing.barred(ground)
        stuck = (Refusal(code=NOT_SETTLING, resource=observed.account, message=f"given up until the next look: {why}"),)
        todo, pending = [], []

    opted_out = leaving.opted_out(ground)
    told = _told(ground, offered, joining, standing, leading, access, back, lingering, opted_out, found, refusals, why)
    steps, no_room = answers.answer(ground, told)
    wanted_steps = [*todo, *(step for step in steps if step.key not in ground.failures)]
    written = [step for step in wanted_steps if isinstance(step, WriteStatus)]
    settle = SETTLE_SECONDS | dict(first_looks or {})
    fit = _fit(wanted_steps)
    if len(wanted_steps) > fit:
        pending.append(f"{len(wanted_steps) - fit} more steps for the next rounds")
    return Plan(
        account=observed.account,
        round=number,
        next=_next(todo, written, pending, {*tried, *ground.doubts}),
        wait_seconds=max(
            _poll_seconds(todo, pending, whole.until, stalled, now, next_look),
            *(settle.get(step.kind, 0) for step in todo),
            0,
        ),
        batches=_batches(network, wanted_steps[:fit]),
        refusals=(
            *refusals,
            *(sharing.refused(ground) if forward.reach else ()),
            *left.part.refusals,
            *back.part.refusals,
            *_unread(ground),
            *_left_alone(ground),
            *_unmarked(ground),
            *_by_hand(ground),
            *no_room,
            *stuck,
        ),
        services=_by_name(
            *answers.service_states(ground, told, back.services), *answers.existing_states(ground, told, back.existing)
        ),
        clients=answers.client_states(ground, joining, told.verdicts, back.clients),
        pending=tuple(pending),
        arns=_ours(ground._replace(observed=as_seen)),
        broken=_broken(observed),
        findings=found,
        released=observed.released,
        since={**_still_going(ground), **opted_out, **left.since, **back.since, **lingering},
        approvals=requests,
        records=left.kept,
    )


def _by_name(*states: ServiceState) -> tuple[ServiceState, ...]:
    return tuple(sorted(states, key=lambda state: state.name))


def _without_the_unmet(ground: Ground) -> Ground:
    """The ground without the wishes of load balancers that name for their service what cannot be had: that is theirs
    alone, and keeps nothing from those who share the service with them. Where what they lack decides no request of a
    service that is there, requests come to them all the same.
    """
    kept: list[WantedService] = []
    refusals: list[Refusal] = []
    for wanted in ground.want.services:
        able: list[Backend] = []
        lacking: list[Refusal] = []
        for backend in wanted.backends:
            alone = wanted.of((backend,))
            found = services.unmet(ground, alone)
            if not found or services.goes_on(ground, alone, found):
                able.append(backend)
                lacking += found
            else:
                refusals += found
        if able:
            kept.append(replace(wanted.of(able), unmet=tuple(lacking)))
    want = ground.want._replace(services=tuple(kept), refusals=(*ground.want.refusals, *refusals))
    return ground._replace(want=want)


def _approved(
    ground: Ground, answers_given: Mapping[str, Word], before: tuple[Request, ...] | None
) -> tuple[Ground, tuple[Request, ...] | None]:
    """The ground without what infra has not approved, and every request; what is there already is not taken back."""
    if not any(approval.asked(ground.network)):
        return ground, None
    met: set[str] = set()
    if before is None:
        for wanted in ground.want.services:
            offered = services.service(ground, wanted, may_make=True, staying=frozenset())
            met |= frozenset() if offered.part.steps else services.placed(ground, wanted)
        for client in ground.want.clients:
            part = clients.client(ground, client, may_make=True)
            met |= {client.vpc} if part.stage is Stage.SERVING and not part.steps else set()
        met |= {one.arn for one in ground.want.existing if existing.existing(ground, one).stage is Stage.SERVING}
    held = approval.withhold(
        ground.network, ground.observed.account, ground.want, answers_given, before, frozenset(met)
    )
    return ground._replace(want=held.want), held.requests


def _abandoned(ground: Ground, wanted: WantedService, access: Part, made: frozenset[str]) -> bool:
    """Was it begun for a network that cannot be brought within reach, or can it not be made itself? What is half made
    is unwound. What was there before this run may have a name that clients have written down: it stays.
    """
    there = named(ground.observed.services, wanted.name)
    if there is None:
        return ground.do(CreateService, wanted.name, "").failed != ()
    return bool(access.failed) and there.arn in made and to_network(ground.network, there) is None


def _refused_late(
    ground: Ground, wanted: WantedService, offered: dict[str, services.ServicePlan], made: frozenset[str]
) -> services.ServicePlan | None:
    """Did the reason why none of its load balancers can be behind it come up only after this run had made it? It was on
    no network, so that nobody knows its name: it is unwound, and the reason told.
    """
    there = named(ground.observed.services, wanted.name)
    if there is None or there.arn not in made or to_network(ground.network, there) or wanted.name not in offered:
        return None
    own = offered[wanted.name].own
    if not own or not all(one.refusals for one in own.values()):
        return None
    return services.ServicePlan(Part(refusals=join(own.values()).refusals), own)


def _nothing_left(ground: Ground) -> bool:
    observed, want = ground.observed, ground.want
    ours = any(found.owned for found in observed.services) or any(found.owned for found in observed.vpc_associations)
    ours = ours or any(found.owned for service in observed.existing for found in service.associations)
    wanted = want.services or want.clients or want.settling or want.existing
    # Whether what is on the network by a share stays there when that ends is not established: what we let go goes on.
    on_it = any("association/" in arn for arn in observed.released)
    return not ours and not wanted and not on_it and observed.access.known and not ground.unread


def _still_going(ground: Ground) -> dict[str, float]:
    """Since when things leave of which this look cannot tell: the time that has passed is not lost by that."""
    observed, want = ground.observed, ground.want
    unread = {found.name for found in observed.services if found.status == UNREAD}
    unread |= {found.vpc for found in observed.vpc_associations if found.status == UNREAD}
    unread |= {found.id for found in observed.existing if found.status == UNREAD}
    asked = {found.name for found in want.services} | set(want.named.values()) | {found.vpc for found in want.clients}
    asked |= {found.id for found in want.existing}
    hidden = ground.hides_wishes or VPCS in ground.unread
    return {
        key: at
        for key, at in ground.since.items()
        if (what := key.partition(" ")[0]) not in asked and (hidden or what in unread)
    }


def _lingering(
    ground: Ground, offered: dict[str, services.ServicePlan], lingering: dict[str, float]
) -> dict[str, Verdict]:
    """What those are told who leave a service that others ask for."""
    told: dict[str, Verdict] = {}
    for balancer, at in lingering.items():
        quiet = ground.now < at + ground.quiet_seconds
        when = f"{ground.quiet_seconds} s after the tag went" if quiet else "when another one of its service can serve"
        told[balancer] = Verdict("disconnecting", f"put the tag back to stay: it leaves {when}")
        if whys := [why for one in offered.values() for why in one.own.get(balancer, Part()).failed]:
            told[balancer] = Verdict("held", coded(whys[0]))
    return told


def _told(
    ground: Ground,
    offered: dict[str, services.ServicePlan],
    joining: dict[str, Part],
    standing: dict[str, Part],
    leading: dict[str, Part],
    access: Part,
    back: leaving.Leaving,
    lingering: dict[str, float],
    opted_out: dict[str, float],
    findings: dict[str, Finding],
    refusals: tuple[Refusal, ...],
    gave_up: str,
) -> Told:
    """What every resource is told. The later has the last word: a refusal is nearer to its asker than the rest."""
    serving = answers.serving(ground)
    answering = answers.domains(ground, serving) | answers.existing_domains(ground)
    strays = (one for one in ground.want.strays if one.resource not in opted_out)
    told = {one.resource: Verdict("refused", f"{one.code}: {one.message}") for one in strays}
    told |= {found: Verdict("held", part.failed[0]) for found, part in _unclear(ground).items()} | back.told
    told |= _lingering(ground, offered, lingering)
    told |= {resource: Verdict("connecting", why) for resource, why in ground.want.settling.items()}
    told |= {resource: Verdict("waiting", why) for resource, why in ground.want.awaiting.items()}
    for wanted in ground.want.services:
        # What was abandoned is told why: it could not be made, or the network could not be brought within reach.
        why = ground.do(CreateService, wanted.name, "").failed
        one = offered.get(wanted.name, services.ServicePlan(Part(failed=why, reach=True), {}))
        part = join([one.part, access]) if one.part.reach else one.part
        told |= answers.of_service(
            ground,
            part,
            one.own,
            wanted.load_balancers,
            met=frozenset() if settings.to_come(one.part) else services.placed(ground, wanted),
            gave_up=gave_up,
            domains=answering,
            findings=findings,
        )
        for balancer in wanted.load_balancers:
            if told[balancer] == Verdict("connected"):
                beside = settings.told(ground, wanted, one.part) or rules.told(ground, wanted)
                beside = beside or domains.warns(ground, wanted)
                beside = beside or records.told(ground, wanted, leading.get(wanted.name, Part()), answering[balancer])
                told[balancer] = Verdict("connected", beside or domains.told(ground, wanted, answering[balancer]))
    for vpc, part in joining.items():
        joined = part.stage is Stage.SERVING
        told[vpc] = answers.verdict(
            join([part, access]) if part.reach else part,
            gave_up=gave_up,
            serves=joined,
            finding=findings.get(vpc) if joined else None,
        )
    for entering in ground.want.existing:
        part = standing[entering.arn]
        verdict = answers.verdict(
            join([part, access]) if part.reach else part,
            gave_up=gave_up,
            serves=entering.arn in answering,
            finding=existing.finding(entering) if part.stage is Stage.SERVING else None,
        )
        beside = existing.told(ground, entering) if verdict == Verdict("connected") else ""
        told[entering.arn] = Verdict("connected", beside) if beside else verdict
    for resource, reason in ground.want.settling.items():
        says = f"{UNREAD_CODE}: {reason}" if resource in ground.observed.unread else reason
        if resource in answering:
            told[resource] = Verdict("connected", says)
        elif resource in ground.observed.unread:
            told[resource] = Verdict("failed", says)
            if resource in findings:
                told[resource] = Verdict("unreachable", f"{findings[resource].code}: {findings[resource].message}")
    for refusal in refusals:
        told[refusal.resource] = Verdict("refused", f"{refusal.code}: {refusal.message}")
    told |= {resource: Verdict("held", f"kept-out: {why}") for resource, why in ground.want.kept_out.items()}
    return Told(told, answering, serving)


def _next(
    todo: list[AnyStep], written: list[WriteStatus], pending: list[str], tried: set[str]
) -> Literal["apply", "finish", "wait", "done"]:
    if pending:
        return "apply" if todo or written else "wait"
    if any(step.kind not in ENDS or step.key in tried for step in todo):
        return "apply"
    return "finish" if todo or written else "done"


def _poll_seconds(
    todo: list[AnyStep], pending: list[str], until: tuple[float, ...], stalled: int, now: float, next_look: int
) -> int:
    if not todo and pending and len(pending) == len(until):
        return max(int(min(until) - now) + 1, 1)  # nothing but quiet times: nobody has to look before one is over
    if next_look and pending:
        return next_look
    # A step that did not succeed is tried again at once, and then as slowly as the rest.
    return min(POLL_SECONDS * (1 + stalled // 3), POLL_SECONDS_AT_MOST) if pending or stalled else 0


def _fit(steps: list[AnyStep]) -> int:
    """How many of the first steps one round has room for; one at least."""
    sizes = accumulate(len(msgspec.json.encode(step)) for step in steps[:STEPS_AT_MOST])
    return max(sum(size <= STEP_BYTES_AT_MOST for size in sizes), min(len(steps), 1))


def _batches(network: Network, steps: list[AnyStep]) -> tuple[Batch, ...]:
    """The network account's steps of sharing apart from the account's own: each with its own credentials."""
    shares = tuple(step for step in steps if isinstance(step, ShareNetwork | UnshareNetwork))
    own = tuple(step for step in steps if not isinstance(step, ShareNetwork | UnshareNetwork))
    # An invitation that is only now being sent has its time while the rest is made.
    own = tuple(sorted(own, key=lambda step: isinstance(step, AcceptShare) and not step.invitation))
    made = []
    if shares:
        made.append(Batch(account=network.account, sharing=True, steps=shares))
    if own:
        made.append(Batch(account=own[0].account, sharing=False, steps=own))
    return tuple(made)


def _unclear(ground: Ground) -> dict[str, Part]:
    """Load balancers and VPCs behind what cannot be read: whether and how that leaves is not known."""
    found: dict[str, Part] = {}
    for service in ground.observed.services:
        if service.owned and service.status == UNREAD and (was := ground.before.services.get(service.name)):
            found |= dict.fromkeys(was.serving, unread(ground, service.arn))
    for joined in ground.observed.vpc_associations:
        if joined.owned and joined.status == UNREAD:
            found[joined.vpc] = unread(ground, joined.arn)
    return found


def _unread(ground: Ground) -> tuple[Refusal, ...]:
    """What could not be read: it stays as it is, and whoever can mend that is told, of many things in one sentence."""
    by_cause: dict[str, list[str]] = {}
    for key, why in sorted(ground.observed.unread.items()):
        by_cause.setdefault(why, []).append(key)
    found = []
    for why, keys in by_cause.items():
        role = names.role(ground.network.name, "plan" if OF_THE_NETWORK.issuperset(keys) else "reader")
        remedy = f"let role {role} read it, or lift what denies it"
        stays = f"cannot be read, and what depends on it stays as it is: {why}"
        if len(keys) > UNREAD_AT_MOST:
            shown = ", ".join(id_of(key) for key in keys[:UNREAD_AT_MOST])
            message = f"{remedy}: {shown} and {len(keys) - UNREAD_AT_MOST} more {stays}"
            found.append(Refusal(code=UNREAD_CODE, resource=ground.observed.account, message=message))
            continue
        for key in keys:
            resource = ground.observed.account if key in LISTS else key
            found.append(Refusal(code=UNREAD_CODE, resource=resource, message=f"{remedy}: {id_of(key)} {stays}"))
    return tuple(found)


def _left_alone(ground: Ground) -> tuple[Refusal, ...]:
    """What carries our mark and is not known to be ours: a right to tag is no right to have something deleted."""
    message = (
        "remove our tag from it, if it is not meant to be ours: nothing shows that we made it, so it is left alone"
    )
    told_so = {found.arn for found in ground.observed.existing}
    return tuple(
        Refusal(code="mark-unproven", resource=arn, message=f"{message} ({name})")
        for arn, name in sorted(ground.observed.unproven.items())
        if arn not in told_so
    )


def _unmarked(ground: Ground) -> tuple[Refusal, ...]:
    """What we know that we made, and somebody took our mark off: it goes on as it is."""
    return tuple(
        Refusal(code="mark-missing", resource=key, message=f"{mark_missing(ground.network, key)} ({name})")
        for key, name in sorted(ground.observed.unmarked.items())
    )


def _by_hand(ground: Ground) -> tuple[Refusal, ...]:
    """What somebody changed on what is ours, where it may be meant: told, and left."""
    ours = [service for service in ground.observed.services if service.owned]
    auth = "remove this auth type if it is not meant: somebody set {} on service {}, which turns unsigned callers away"
    made = "remove the rule if it is not meant: somebody made {} on listener {} of service {}, and it takes requests"
    return (
        *(
            Refusal(code="auth-by-others", resource=service.arn, message=auth.format(service.auth, service.name))
            for service in ours
            if service.auth not in {"", "NONE"} and not _guards(ground, service)
        ),
        *(
            Refusal(code="rule-by-others", resource=found.arn, message=made.format(rule, found.name, service.name))
            for service in ours
            for found in service.listeners
            for rule in found.rules
        ),
    )


def _guards(ground: Ground, service: Service) -> bool:
    """Is it by a tag that the service asks who calls?"""
    seen = ground.observed.settings.get(service.name)
    asked = any(tags.AUTH in wanted.said.names for wanted in ground.want.services if wanted.name == service.name)
    return asked or (seen is not None and tags.AUTH in seen.had)


def _ours(ground: Ground) -> dict[str, str]:
    """ARN -> name of all that we made here: the next run's hint where to look, and the proof that it is ours."""
    observed = ground.observed
    # Of what cannot be read nothing is learned, and nothing forgotten: whose it is was not shown this time.
    services = {found.arn: found.name for found in observed.services if found.status == UNREAD}
    services |= {found.arn: found.name for found in observed.existing if found.status == UNREAD}
    others = {found.arn for found in observed.target_groups if found.status == UNREAD}
    others |= {found.arn for found in observed.vpc_associations if found.status == UNREAD}
    kept = {
        arn: name
        for arn, name in ground.before.arns.items()
        if arn in others or name in services.values() or arn.rpartition("/listener/")[0] in services
    }
    owned = {found.arn: found.name for found in observed.services if found.owned and found.status != UNREAD}
    owned |= {found.arn: found.name for found in observed.target_groups if found.owned and found.status != UNREAD}
    for service in observed.services:
        owned |= {found.arn: service.name for found in service.associations if found.owned and found.arn}
        owned |= {found.arn: found.name for found in service.listeners if found.owned}
        owned |= {rule.arn: rule.name for found in service.listeners if found.owned for rule in found.own_rules}
    for one in observed.existing:
        owned |= {found.arn: one.name for found in one.associations if found.owned}
    joined = [found for found in observed.vpc_associations if found.owned and found.status != UNREAD]
    # Of a group that we made the name tells; of one that we took over this alone.
    groups = {found.id: found.name for found in observed.security_groups if found.owned}
    if SECURITY_GROUPS in observed.unread:
        groups |= {key: name for key, name in ground.before.arns.items() if key.startswith("sg-")}
    owned |= {key: name for key, name in groups.items() if key in ground.before.arns}
    return kept | owned | {found.arn: found.vpc for found in joined}


def _broken(observed: Observation) -> dict[str, str]:
    """What failed while it was made or taken away: the key of the step that did it, and what Lattice says."""
    with_associations: list[Service | Existing] = [*observed.services, *observed.existing]
    there: list[tuple[str, str, str, Service | TargetGroup | Association | VpcAssociation]] = [
        *(("CreateService", "DeleteService", found.name, found) for found in observed.services),
        *(("CreateTargetGroup", "DeleteTargetGroup", found.name, found) for found in observed.target_groups),
        *(
            ("AssociateService", "DisassociateService", service.name, found)
            for service in with_associations
            for found in service.associations
        ),
        *(("AssociateVpc", "DisassociateVpc", found.vpc, found) for found in observed.vpc_associations),
    ]
    failed = {
        f"{makes if found.status == 'CREATE_FAILED' else takes} {observed.account} {name}": broke(
            found.status, found.failure
        )
        for makes, takes, name, found in there
        if found.owned and found.status in FAILED
    }
    return failed | {
        f"UpdateVpcAssociation {observed.account} {found.vpc}": broke(found.status, found.failure)
        for found in observed.vpc_associations
        if found.owned and found.status == "UPDATE_FAILED"
    }
