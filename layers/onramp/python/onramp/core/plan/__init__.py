"""Observation and wishes in, plan out: every step that is possible now, and why.

Nothing here refers to what another step will make: a step whose ground is not laid yet simply is not in the
plan, and the next look finds it possible. So rounds do the ordering, and there is no graph.
"""

from collections.abc import Iterable, Mapping

from onramp.core.desired import desired
from onramp.core.infra import Word
from onramp.core.inventory import Refusal, Request, ServiceState
from onramp.core.model import Observation
from onramp.core.network import Network
from onramp.core.plan import access as sharing
from onramp.core.plan import (
    adopting,
    answers,
    clients,
    existing,
    inventory,
    leavers,
    leaving,
    memory,
    pacing,
    records,
    releasing,
    remarks,
    services,
    serving,
    telling,
    unmet,
    zones,
)
from onramp.core.plan.ground import Before, Ground, Part, join
from onramp.core.plan.pacing import SETTLE_SECONDS, STEPS_AT_MOST
from onramp.core.reach import Finding
from onramp.core.run import Plan
from onramp.core.steps import ANSWERS

__all__ = ["MORE", "NOT_SETTLING", "SETTLE_SECONDS", "STEPS_AT_MOST", "Plan", "plan"]

NOT_SETTLING = "not-settling"
"""The code of what was waited for in vain."""

MORE = "more steps for the next rounds"
"""How `pending` tells of what a round had no room for, after their number."""


def plan(
    network: Network,
    observed: Observation,
    *,
    number: int = 0,
    failures: dict[str, str] | None = None,
    doubts: Mapping[str, str] | None = None,
    taken: frozenset[str] = frozenset(),
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
    holding: str = "",
    before: Before | None = None,
    first_looks: Mapping[str, int] | None = None,
    next_look: int = 0,
    readers: Mapping[str, str] | None = None,
) -> Plan:
    """The plan for one account.

    `number`: the round's. `failures`: step key -> why it was given up in this run; such a step is left out, and told
    instead. `doubts`: the same of the last run. `taken`: keys of changes that AWS has taken in this run.
    `made`: ARNs of what this run has made. `since`: service name, VPC or load balancer -> epoch seconds when it was
    first seen that nobody asks for it. `released`: epoch seconds up to which infra has let what leaves go. `findings`:
    load balancer or VPC -> what keeps requests out. `stalled`: rounds in which nothing changed; they make the polls
    slower. `gave_up`: stop waiting, and say so. `last`: step key -> what AWS answered when it was tried last, for that.
    `now`: epoch seconds. `answers_given`: approval's id -> infra's answer; `approvals`: the requests of the last look,
    None where nothing had to be approved then. `tried`: keys of steps that were done before and may be asked for again,
    so that a look has to follow them. `offer`: `offered` of the ground. `holding`: the same, whatever an old writer may
    say, since it tells which hosted zones hold records, too; '' unknown. `before`: what was known before this look.
    `first_looks`: kind of step -> seconds to leave it alone, where not those of SETTLE_SECONDS; `next_look`: seconds
    until what an earlier round began is looked at again, 0 where nothing is on its way. `readers`: of the ground.
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
        taken=taken,
        since=since or {},
        released=released,
        now=now,
        findings=found,
        offered=offer,
        before=before or Before(),
        readers=readers or {},
    )
    ground = unmet.without_the_unmet(ground)
    ground, requests = unmet.approved(ground, answers_given or {}, approvals)
    if requests is not None and observed.unread:
        # Who asks may be among what was not read: what was answered stays so.
        ids = {one.id for one in requests}
        requests = (*requests, *(one for one in approvals or () if one.id not in ids))
    want = ground.want
    access = sharing.access(ground)
    may_make = sharing.may_make(ground, access)
    abandoned = frozenset(wanted.name for wanted in want.services if unmet.abandoned(ground, wanted, access, made))
    switching = frozenset(
        balancer
        for wanted in want.services
        for balancer in set(wanted.load_balancers) - services.serving(ground, wanted)
    )
    needed = leavers.needed_in(ground, switching)
    lingering = leavers.lingering(ground, switching, needed)
    quiet = {balancer: at + ground.quiet_seconds for balancer, at in lingering.items()}
    moving_on = leavers.moving_on(ground)
    staying = ground.frozen | switching | moving_on.keys()
    staying |= {balancer for balancer, until in quiet.items() if now < until}
    offered = {
        wanted.name: adopting.service(ground, wanted)
        or services.service(ground, wanted, may_make=may_make, staying=_staying_in(wanted.name, staying, needed))
        for wanted in want.services
        if wanted.name not in abandoned
    }
    late = {
        wanted.name: unwound
        for wanted in want.services
        if (unwound := unmet.refused_late(ground, wanted, offered, made))
    }
    offered |= late
    lost = unmet.lost(ground, made)
    abandoned |= late.keys() | lost.services
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
    served = serving.of_services(ground)
    leading = {
        wanted.name: records.of_service(ground, wanted, serves=wanted.name in served)
        for wanted in want.services
        if wanted.name not in abandoned
    }
    left = records.remaining(ground, leading)
    private = zones.zones(ground, joining, made, holding)
    back = leaving.leaving(
        ground,
        frozen=frozen,
        switching=switching,
        abandoned=abandoned,
        unneeded=unmet.unneeded_groups(ground, access) | lost.target_groups,
        named=left.going,
        needed=needed,
        settled=frozenset(name for name, one in offered.items() if not one.part.steps),
    )
    # No time mends what may not be read: that is told, and not waited for.
    settling = {why: None for key, why in want.settling.items() if key not in observed.unread}
    parts = [access, forward, *leading.values(), services.parting(ground, frozenset(staying)), left.part, back.part]
    parts += [private.part, adopting.associations(ground), releasing.releasing(ground, as_seen)]
    parts += [Part(pending=(why,)) for why in settling]
    parts += [
        Part(pending=(f"{balancer.split('/')[-2]} leaves when its quiet time is over",), until=(until,))
        for balancer, until in quiet.items()
        if now < until
    ]
    parts += leaving.moving_on(ground, moving_on)
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

    opted_out = leavers.opted_out(ground)
    told = telling.told_of(
        ground,
        offered,
        joining,
        standing,
        leading,
        access,
        back,
        lingering,
        opted_out,
        found,
        refusals,
        why,
        private.told,
    )
    steps, no_room = answers.answer(ground, told)
    wanted_steps = [*todo, *(step for step in steps if step.key not in ground.failures)]
    written = [step for step in wanted_steps if step.kind in ANSWERS]
    settle = SETTLE_SECONDS | dict(first_looks or {})
    fit = pacing.fit(wanted_steps, {step.key: name for name, one in offered.items() for step in one.part.steps})
    if len(wanted_steps) > fit:
        pending.append(f"{len(wanted_steps) - fit} {MORE}")
    return Plan(
        account=observed.account,
        round=number,
        next=pacing.next_of(todo, written, pending, {*tried, *ground.doubts}),
        wait_seconds=max(
            pacing.poll_seconds(todo, pending, whole.until, stalled, now, next_look),
            *(settle.get(step.kind, 0) for step in todo),
            0,
        ),
        batches=pacing.batches(network, wanted_steps[:fit]),
        refusals=remarks.named(
            ground,
            *refusals,
            *(sharing.refused(ground) if forward.reach else ()),
            *left.part.refusals,
            *private.part.refusals,
            *back.part.refusals,
            *remarks.unread(ground),
            *remarks.left_alone(ground),
            *remarks.unmarked(ground),
            *remarks.by_hand(ground),
            *no_room,
            *stuck,
        ),
        services=_by_name(
            *inventory.service_states(ground, told, back.services),
            *inventory.existing_states(ground, told, back.existing),
        ),
        clients=inventory.client_states(ground, joining, told.verdicts, back.clients),
        pending=tuple(pending),
        arns=memory.ours(ground._replace(observed=as_seen)),
        broken=memory.broken(network, observed),
        findings=found,
        released=observed.released,
        since={**memory.still_going(ground), **opted_out, **left.since, **back.since, **lingering, **moving_on},
        approvals=requests,
        records=left.kept,
        private=records.private(ground, left.kept),
        zones=private.kept,
    )


def _staying_in(service: str, staying: Iterable[str], needed: Mapping[str, str]) -> frozenset[str]:
    return frozenset(one for one in staying if needed.get(one, service) == service)


def _by_name(*states: ServiceState) -> tuple[ServiceState, ...]:
    return tuple(sorted(states, key=lambda state: state.name))


def _nothing_left(ground: Ground) -> bool:
    observed, want = ground.observed, ground.want
    ours = any(found.owned for found in observed.services) or any(found.owned for found in observed.vpc_associations)
    ours = ours or any(found.owned for service in observed.existing for found in service.associations)
    wanted = want.services or want.clients or want.settling or want.existing
    # Whether what is on the network by a share stays there when that ends is not established: what we let go goes on.
    on_it = any("association/" in arn for arn in observed.released)
    return not ours and not wanted and not on_it and observed.access.known and not ground.unread
