"""From round to round: what a run learns from its outcomes, and when it stops waiting."""

import math

from msgspec.structs import replace

from onramp.core import infra, names, tags, versions
from onramp.core.again import tries_again, was_in_vain
from onramp.core.backoff import CALM, PAUSES, patience
from onramp.core.desired import desired
from onramp.core.errors import Refused
from onramp.core.model import Handed, Listener, Network, Observation
from onramp.core.pace import NAP_AT_MOST, RUNGS, USUAL, first_looks, is_slow, learned, next_look, on_the_way
from onramp.core.plan import MORE, NOT_SETTLING, SETTLE_SECONDS, plan
from onramp.core.plan.ground import Before, registered
from onramp.core.reach import Finding
from onramp.core.steps import (
    ANSWERS,
    AnyStep,
    Batch,
    ClearStatus,
    Memory,
    Outcome,
    Plan,
    Refusal,
    RegisterTarget,
    Run,
    WriteStatus,
    needs,
)
from onramp.core.triggers import TAG_CHANGE

STALLED_AT_MOST = 36
"""Polls of 10 to 30 s without any change: more than the 7 minutes that a slow deletion takes (facts 9)."""

STALLED_SECONDS = 30 * STALLED_AT_MOST
"""The same for a step that is left minutes each time, and was not done in any of them."""

FAILED_AT_MOST = 3
"""How often an error that nobody has classified is met again (facts 8), and how often what was made or taken away may
fail: each time costs a minute, and a run that went on so would end without a word.
"""

ROUNDS_AT_MOST = 120
"""Far above any run that goes forward, far below Step Functions' 25,000 events."""

TAKES_AWAY = ("Delete", "Disassociate", "Unshare")
"""Steps that AWS accepts before it does them: accepted is no progress as long as the thing is still there."""

CHANGES = ("Update", "Put", "Set")
"""Steps that may be accepted and change nothing: no progress either, as long as the same is asked for again."""


def learn(run: Run) -> Run:
    """The run with what its last outcomes tell: what was made, and what must not be tried again in this run.

    A plan that only rested is none.
    Who rings meanwhile has the next run, and that tries everything once more.
    """
    if run.plan is not None and run.plan.round == 0:
        return replace(run, plan=None)
    outcomes = [outcome for batch in run.outcomes for outcome in batch]
    named = {outcome.arn: (outcome.kind, _name(outcome)) for outcome in outcomes if outcome.arn}
    released = {arn for arn, (kind, _) in named.items() if kind == "Release"}
    adopted = {arn: name for arn, (kind, name) in named.items() if kind == "Adopt"}
    made = {arn: name for arn, (_, name) in named.items() if arn not in released | adopted.keys()}
    stop = {"refused"} | ({"failed"} if run.stalled >= FAILED_AT_MOST else set())
    failures = {outcome.key: outcome.detail for outcome in outcomes if outcome.status in stop}
    tries = dict(run.tries)
    for outcome in outcomes:
        if _counts(run, outcome):
            tries[outcome.key] = tries.get(outcome.key, 0) + 1
    return replace(
        run,
        made={arn: name for arn, name in {**run.made, **made}.items() if arn not in released},
        adopted={arn: name for arn, name in {**run.adopted, **adopted}.items() if arn not in released},
        released=tuple(sorted({*run.released, *released} - adopted.keys())),
        failures={**run.failures, **failures},
        tries=tries,
    )


def _counts(run: Run, outcome: Outcome) -> bool:
    """Was it accepted, so that it is to be seen soon; or refused for now, as in the last run until that gave it up?"""
    if outcome.kind == "RegisterTarget":
        return outcome.status == "done"
    later = outcome.status == "not_yet" and outcome.key in run.memory.failed
    return outcome.kind.startswith((*TAKES_AWAY, *CHANGES)) and (outcome.status == "done" or later)


def _name(outcome: Outcome) -> str:
    return outcome.name.rpartition("/")[2]


def _naming_holders(failures: dict[str, str], observed: Observation) -> dict[str, str]:
    """Why steps were given up, and whose listener a target group that cannot go is still in: Lattice does not say."""
    held = {
        f"DeleteTargetGroup {observed.account} {group.name}": (
            f"service {' '.join(group.used_by)} sends to target group {group.name}, take it out of its listeners: "
        )
        for group in observed.target_groups
        if group.used_by
    }
    return {key: held.get(key, "") + why.removeprefix(held.get(key, "")) for key, why in failures.items()}


BY_HAND = frozenset({"rule-by-others", "auth-by-others"})
"""Codes of what is told of our own things that somebody changed, and is seen only by a look for it."""


def looks_for_hands(network: Network, run: Run, at: float) -> bool:
    """Is what only a hand can have changed read, too? It costs two calls a service, so not in every look: when somebody
    else's call on Lattice rang, and else by the first look of a run after so many seconds.
    """
    rung = run.trigger.get("source") == "aws.vpc-lattice"
    return run.round == 0 and (rung or at - run.memory.hands_at >= network.hands_seconds)


BY_LISTS = 8
"""Services of an account above which it is read by lists: for fewer these cost more than they spare."""


def acted_on(run: Run) -> frozenset[str]:
    """Names of the services, groups and VPCs that the run's last steps were about, whatever these came to."""
    outcomes = (outcome for batch in run.outcomes for outcome in batch)
    return frozenset(one.name.partition("/")[0] for one in outcomes if one.kind not in ANSWERS)


def leaves_vpcs(run: Run) -> bool:
    """May this look leave the account's VPCs to the next one? Where no run has ever ended none of ours is in any, and
    where load balancers alone are known to ask; a look that finds nothing to do has to read them all the same.
    """
    return (
        run.round == 0
        and run.memory == Memory()
        and bool(run.asks)
        and all(":loadbalancer/" in one.resource for one in run.asks)
    )


def leaves_others(run: Run, at: float) -> bool:
    """May this look, which follows a quiet time, leave load balancers and security groups to the next one?

    Where VPCs alone are on the network and nothing asks by a load balancer there is nobody behind one who leaves, or
    stays, with them; and a VPC's security group goes after its association. Who asks since, and who takes his things
    back, rings. A run ends by a look that reads them all.
    """
    seen = run.seen
    if seen is None or run.plan is None or not run.plan.since or at - run.whole_at > WHOLE_AFTER:
        return False
    if seen.load_balancers or seen.services or seen.target_groups or seen.existing:
        return False
    if seen.unread or seen.unmarked or seen.let_go or seen.released or run.failures or run.memory.failed:
        return False
    outcomes = [outcome for batch in run.outcomes for outcome in batch]
    return bool(outcomes) and all(one.stands and one.kind in ANSWERS for one in outcomes)


def goes_on(run: Run) -> bool:
    """Is there another look after this one, whatever its steps come to?"""
    return run.plan is not None and run.plan.next in {"apply", "wait"}


SCOUTS = 3
"""Services that a run begins at most if it finds out how quick Lattice is: each is asked for once more by that."""


def may_scout(network: Network, run: Run, observed: Observation) -> bool:
    """Is this the first look, before a few services, of an account that does not know how quick Lattice is?"""
    there = {service.name for service in observed.services}
    new = [wanted for wanted in desired(network, observed).services if wanted.name not in there]
    return run.round == 0 and "CreateService" not in run.memory.pace and 0 < len(new) <= SCOUTS


def scouting(run: Run) -> Run:
    """The run, if it began a service that tells how quick Lattice is; else it finds nothing out."""
    return replace(run, scouts=run.scouts and any(step.kind == "CreateService" for step in _steps(run.plan)))


def napping(run: Run) -> tuple[Run, int] | None:
    """The run that looks again in so many seconds, with nothing done that was possible already; None where it goes on.

    The function that looked waits by itself then, in place of the machine, whose wait costs three transitions more.
    Once in a run, of those that find out how quick Lattice is, and by what a narrow look saw.
    """
    if not run.scouts or run.plan is None or run.seen is None:
        return None
    seconds = next_look(run.begun, on_the_way(run.seen), run.now)
    if not 0 < seconds <= NAP_AT_MOST:
        return None
    return replace(run, scouts=False, plan=replace(run.plan, next="wait", wait_seconds=seconds, batches=())), seconds


def _listeners(observed: Observation) -> dict[str, tuple[Listener, ...]]:
    """Service -> what a look by lists need not ask again: listeners of ours that only forward, without rules."""
    services = [one for one in observed.services if one.owned]
    if len(services) <= BY_LISTS:
        return {}
    return {
        service.arn: tuple(replace(one, rules=()) for one in service.listeners)
        for service in services
        if service.listeners and all(one.owned and one.forwards and not one.found_rules for one in service.listeners)
    }


WHOLE_AFTER = 300
"""Seconds after which a run that goes on looks at the whole account again: tags may have changed meanwhile."""

_LASTS = ("AssociateService", "AssociateVpc")
"""Steps after which nothing is left to do, if they are the slowest of their round."""


def narrows(network: Network, run: Run, at: float) -> bool:
    """Is it enough to read what the last steps touched, and what is on its way?

    Not where something went wrong, somebody leaves or waits for another's hand, nothing was kept of the last look, or
    this is probably the last one: the whole account is looked at first and last.
    """
    if not _holds(network, run, at) or run.plan is None or run.seen is None:
        return False
    if run.plan.refusals or run.plan.findings or run.failures:
        return False
    outcomes = [outcome for batch in run.outcomes for outcome in batch]
    if not all(outcome.stands for outcome in outcomes):
        return False
    slow = {outcome.kind for outcome in outcomes} & SETTLE_SECONDS.keys()
    early = any(run.plan.wait_seconds < RUNGS[kind][USUAL] for kind in slow & RUNGS.keys())
    return (
        not outcomes
        or bool(slow - set(_LASTS))
        or early
        or _is_cut(run.plan)
        or "CreateService" in on_the_way(run.seen)
    )


def in_vain(network: Network, run: Run, at: float) -> bool:
    """Did the run nothing but try once more what an earlier one gave up, and was refused again? All else is as its
    first look saw it, and this one need read no more than what these steps were about; whoever rang since that one has
    the next run.
    """
    return _holds(network, run, at) and was_in_vain(run, _steps(run.plan))


def _holds(network: Network, run: Run, at: float) -> bool:
    """Does what the last look saw hold still, where no step was about it? Not where something was not read, or may have
    become another by itself.
    """
    seen = run.seen
    if seen is None or run.plan is None or run.plan.since or at - run.whole_at > WHOLE_AFTER:
        return False
    if seen.holders is None or _guards_unseen(network, seen) or seen.handed != Handed() or seen.let_go or seen.unread:
        return False
    return not desired(network, seen).settling


def _is_cut(planned: Plan) -> bool:
    """Was there no room for all of its steps, so that another round follows whatever they come to?"""
    return any(MORE in one for one in planned.pending)


def _guards_unseen(network: Network, seen: Observation) -> bool:
    """Is there a service of which a tag says who may call, and whose settings no look has read?"""
    there = {service.name for service in seen.services}
    asked = (one.name for one in desired(network, seen).services if tags.AUTH in one.said.names)
    return any(name in there and name not in seen.settings for name in asked)


def narrow_stands(run: Run, after: Run, *, vain: bool = False) -> bool:
    """May the run go on by this narrow look, `after` it? What serves is changed and runs end by whole looks only; so
    are people told, but that more answers of a whole look may follow than one round has room for. `vain`: there was
    such a look before it, and nothing came of its steps; then the run ends, if there is nothing else to do or to tell.
    """
    planned = after.plan
    if planned is None or planned.since:
        return False
    if vain:
        return planned.next == "done"
    return planned.next == "wait" or _begins(planned) or (_only_tells(run.plan) and _only_tells(planned))


def telling_later(after: Run) -> Run:
    """The run after a narrow look, with its answers left to a whole one, where there was no room for all steps and
    some of them begin something: it goes on with these.
    """
    planned = after.plan
    if planned is None or not _is_cut(planned):
        return after
    batches = (replace(one, steps=tuple(step for step in one.steps if not _tells(step))) for one in planned.batches)
    left = tuple(one for one in batches if one.steps)
    return replace(after, plan=replace(planned, batches=left)) if left else after


def _tells(step: AnyStep) -> bool:
    return isinstance(step, WriteStatus | ClearStatus)


def _only_tells(planned: Plan | None) -> bool:
    """Did it write nothing but answers, and not all of them yet?"""
    return planned is not None and _is_cut(planned) and all(map(_tells, _steps(planned)))


BEGINS = frozenset(
    {
        "ShareNetwork",
        "AcceptShare",
        "CreateTargetGroup",
        "RegisterTarget",
        "CreateService",
        "AssociateService",
        "CreateSecurityGroup",
        "AssociateVpc",
    }
)
"""Steps that touch nothing that serves."""


def _begins(planned: Plan) -> bool:
    """Is all that it does new, so that nobody who is served already feels it, and nobody has to be told?"""
    return planned.next == "apply" and all(
        step.kind in BEGINS or (step.kind == "CreateListener" and needs(step).startswith("RegisterTarget "))
        for step in _steps(planned)
    )


def keeping(run: Run, observed: Observation, *, whole_at: float = 0.0) -> Run:
    """The run with what its look saw, where another look follows. `whole_at`: when it began, of a whole one."""
    return replace(run, seen=observed if goes_on(run) else None, whole_at=whole_at or run.whole_at)


def in_doubt(run: Run, joined: frozenset[str]) -> frozenset[str]:
    """Of whom, among those that are `joined`, has this look to know whether requests get through? Of nobody where it
    only begins something new, and tells nobody of them. Where a tag's change rang, not of whoever is as it was told
    and was not touched, with nothing to keep requests out: what does so rings nobody, and is looked for by every sweep.
    """
    if run.plan is None or not joined:
        return joined
    others = [
        step
        for step in _steps(run.plan)
        if not (isinstance(step, WriteStatus | ClearStatus) and step.resource not in joined)
    ]
    begins = _begins(replace(run.plan, batches=(Batch(account=run.account, sharing=False, steps=tuple(others)),)))
    if begins and not tries_again(run, others):
        return frozenset()
    return joined - _as_told(run, run.plan) if run.trigger.get("detail_type") == TAG_CHANGE else joined


def _as_told(run: Run, planned: Plan) -> frozenset[str]:
    """Load balancers and VPCs of which all is what the last report said, that no step of this run was about, and that
    nothing kept requests from. So is all of their service: who answers in whose place is told of all behind it.
    """
    told = {*run.memory.services, *run.memory.clients}
    of = [(one in told, {one.name, *one.load_balancers, *one.serving}) for one in planned.services]
    of += [(one in told, {one.vpc, names.security_group(one.network, one.vpc)}) for one in planned.clients]
    stirred = {*run.touched, *planned.findings}
    others = {key for as_told, keys in of if not as_told or keys & stirred for key in keys}
    return frozenset(key for _, keys in of for key in keys) - others


def rest(run: Run, at: float) -> Run:
    """The run before its first look, when its account keeps ringing: it waits, and looks then."""
    return replace(
        run,
        pause=0,
        rests_until=run.rests_until or at + patience(run.looks),
        now=at + run.pause,
        plan=Plan(account=run.account, round=0, next="wait", wait_seconds=run.pause),
    )


def may_rest_on(run: Run, at: float) -> bool:
    """Has it waited before its first look, and may it wait on, should its account still ring?"""
    return run.round == 0 and at < run.rests_until


def rests_on(run: Run, rung_at: float, at: float) -> Run:
    """The run that may, with a pause where its account rang last at `rung_at`; with none when the storm has ended."""
    pause = min(PAUSES[2], math.ceil(run.rests_until - at))
    return replace(run, pause=pause if at - rung_at < CALM else 0)


def look(
    network: Network,
    observed: Observation,
    run: Run,
    observed_at: float,
    findings: dict[str, Finding] | None = None,
) -> Run:
    """The run after this look: the next round, with its plan. `run` has learned."""
    # A wait that was asked for has passed, whatever the clock of the function that looks says.
    now = max(observed_at, run.now + run.plan.wait_seconds) if run.plan else observed_at
    run = replace(run, tries=_not_seen_yet(run.tries, observed))
    run = _paced(run, observed, now)
    looks = first_looks(run.pace, slow=run.slow, scouts=run.scouts)
    later = next_look(run.begun, on_the_way(observed), now)
    looked = looks_for_hands(network, run, observed_at)
    told = run.plan.refusals if run.plan else run.memory.refusals
    by_hand = () if looked else tuple(refusal for refusal in told if refusal.code in BY_HAND)

    def planned(failures: dict[str, str], *, gave_up: bool = False, last: dict[str, str] | None = None) -> Plan:
        return plan(
            network,
            observed,
            number=run.round + 1,
            failures=failures,
            doubts=run.memory.failed,
            registering=frozenset(key for key in run.tries if key.startswith("RegisterTarget ")),
            made=frozenset(run.made),
            since=since(run),
            released=infra.released(run.words),
            findings=findings,
            stalled=run.stalled,
            gave_up=gave_up,
            last=last,
            now=now,
            answers_given=infra.answers(run.words),
            approvals=run.plan.approvals if run.plan else run.memory.approvals,
            tried=(*run.memory.ended, *run.tries),
            offer=offered(run),
            holding=run.offered,
            before=_before(run),
            first_looks=looks,
            next_look=later,
        )

    draft = planned(run.failures)
    repeated = _repeated(run.plan, draft)
    run = replace(run, tries=_unless_new(run, draft, repeated))
    # What is failed since an earlier run is tried once more before that counts.
    before = run.plan.broken.keys() if run.plan else draft.broken.keys() & run.memory.failed.keys()
    broken = run.broken | {key: run.broken.get(key, 0) + 1 for key in draft.broken.keys() - before}
    worn = {key: draft.broken.get(key, why) for key, why in _worn(run, draft).items()}
    worn |= {key: why for key, why in draft.broken.items() if broken.get(key, 0) >= _at_most(run, key)}
    run = replace(run, broken=broken, failures={**run.failures, **worn})
    draft = planned(run.failures) if worn else draft
    # What was done and is asked for again in the same words came to nothing, or is not to be read yet.
    changed = any(
        outcome.status == "done" and outcome.key not in repeated for batch in run.outcomes for outcome in batch
    )
    moved = run.plan is None or changed or _signature(draft) != _signature(run.plan)
    stalled = 0 if moved else run.stalled + 1
    last = {outcome.key: outcome.detail for batch in run.outcomes for outcome in batch if outcome.detail}
    enough = stalled > STALLED_AT_MOST or _waited(run, stalled) > STALLED_SECONDS or run.round >= ROUNDS_AT_MOST
    if enough or (stalled > FAILED_AT_MOST and _told(run, planned(run.failures, gave_up=True, last=last))):
        # What could not be taken away until now costs the next run one try, and not as many looks again.
        lasting = {
            step.key: last[step.key]
            for batch in draft.batches
            for step in batch.steps
            if step.key in last and step.kind.startswith(TAKES_AWAY)
        }
        draft = planned(run.failures, gave_up=True, last=last)
        run = replace(run, failures={**run.failures, **lasting})
    return replace(
        run,
        failures=_naming_holders(run.failures, observed),
        touched=tuple(sorted({*run.touched, *(one for step in _steps(draft) for one in _about(step))})),
        round=run.round + 1,
        observed_at=observed_at,
        now=now,
        hands_at=observed_at if looked else run.hands_at or run.memory.hands_at,
        stalled=stalled,
        listeners=_listeners(observed),
        plan=replace(draft, refusals=(*draft.refusals, *by_hand)),
        outcomes=(),
        finished=(),
    )


def _paced(run: Run, observed: Observation, now: float) -> Run:
    """The run with what this look tells of how long Lattice takes."""
    if run.plan is None:
        return replace(run, pace=run.memory.pace)
    made = {outcome.kind for batch in run.outcomes for outcome in batch if outcome.status == "done"} & RUNGS.keys()
    moving, waited = on_the_way(observed), run.plan.wait_seconds
    begun = run.begun | dict.fromkeys(made, now - waited)
    # Once in a run: what joins together says no more than what joins alone.
    pace = learned(run.pace, waited, made - run.begun.keys(), moving)
    return replace(run, pace=pace, begun=begun, slow=run.slow or is_slow(begun, moving, now))


def _waited(run: Run, stalled: int) -> int:
    """Seconds for which the same steps came to nothing; a wait for a quiet time to pass is none."""
    return stalled * run.plan.wait_seconds if run.plan is not None and run.plan.next == "apply" else 0


def offered(run: Run) -> str | None:
    """What clients can call, as the plan takes it: a writer of an earlier release may not say it."""
    return run.offered if versions.reaches(run.member, versions.TELLS_SERVICES) else None


def since(run: Run) -> dict[str, float]:
    """Since when nobody asks for what leaves, as the run's last look has it; at its first, as it is remembered."""
    return run.plan.since if run.plan else run.memory.since


def _before(run: Run) -> Before:
    """What the run's last look knew; at its first, what is remembered."""
    last = run.plan or run.memory
    return Before(
        {state.name: state for state in last.services},
        {state.vpc: state for state in last.clients},
        {**last.arns, **run.adopted, **run.made},
        records(run),
        private(run),
        zones(run),
    )


def records(run: Run) -> dict[str, tuple[str, ...]]:
    """Where records of ours may stand, as the run's last look has it; at its first, as it is remembered."""
    return run.plan.records if run.plan else run.memory.records


def private(run: Run) -> dict[str, str]:
    """Which of these hosted zones are private, as the run's last look has it; at its first, as it is remembered."""
    return run.plan.private if run.plan else run.memory.private


def zones(run: Run) -> dict[str, tuple[str, ...]]:
    """VPC -> the private hosted zones in which it is by us: as the run's last look has it, or as it is remembered, and
    those that steps of this run were answered to have put it into.
    """
    found = {vpc: set(zones) for vpc, zones in (run.plan or run.memory).zones.items()}
    for vpc, slash, zone in (key.partition("/") for key in run.made if key.startswith("vpc-")):
        found.setdefault(vpc, set()).update({zone} if slash else ())
    return {vpc: tuple(sorted(zones)) for vpc, zones in found.items()}


def found(run: Run) -> dict[str, Finding]:
    """What kept requests out, as the run's last look has it; at its first, as it is remembered."""
    return run.plan.findings if run.plan else run.memory.findings


def _at_most(run: Run, key: str) -> int:
    """What the last run gave up is tried once by this one."""
    return 1 if key in run.memory.failed else FAILED_AT_MOST


def _worn(run: Run, draft: Plan) -> dict[str, str]:
    """What was asked for as often as may be, and would be asked for again: step key -> why not."""
    asked = {step.key for step in _steps(draft)}
    return {
        key: f"asked {count} times, and it is {'still there' if key.startswith(TAKES_AWAY) else 'as it was'}"
        for key, count in run.tries.items()
        if key in asked and key.startswith((*TAKES_AWAY, *CHANGES)) and count >= _at_most(run, key)
    }


def _steps(planned: Plan | None) -> list[AnyStep]:
    return [step for batch in planned.batches for step in batch.steps] if planned else []


def _about(step: AnyStep) -> tuple[str, ...]:
    """Whom it may make another of: by the name of a service, a group or a VPC; a load balancer by its ARN."""
    if isinstance(step, WriteStatus | ClearStatus):
        return (step.resource,)
    more = (step.load_balancer,) if isinstance(step, RegisterTarget) else ()
    return (step.name.partition("/")[0], *more)


def _repeated(before: Plan | None, draft: Plan) -> frozenset[str]:
    """Keys of the steps that the last plan had in the same words."""
    had = {step.key: step for step in _steps(before)}
    return frozenset(step.key for step in _steps(draft) if had.get(step.key) == step)


def _unless_new(run: Run, draft: Plan, repeated: frozenset[str]) -> dict[str, int]:
    """The tries, without those of a change that is another one than the last plan's: that one came about."""
    both = {step.key for step in _steps(run.plan)} & {step.key for step in _steps(draft)}
    anew = {key for key in both - repeated if key.startswith(CHANGES)}
    return {key: count for key, count in run.tries.items() if key not in anew}


def _not_seen_yet(tries: dict[str, int], observed: Observation) -> dict[str, int]:
    """The tries, without the registrations that were seen done, or whose target group is gone: what is missing after
    that was taken out by somebody, and is asked for again.
    """
    empty = {group.name for group in observed.target_groups if not registered(group)}
    return {
        key: count
        for key, count in tries.items()
        if not key.startswith("RegisterTarget ") or key.rpartition(" ")[2] in empty
    }


def _told(run: Run, final: Plan) -> bool:
    """Would giving up now say just what the last run said? Then that is looked at, and not waited for once more."""
    return any(one.code == NOT_SETTLING and one in run.memory.refusals for one in final.refusals)


def blind(run: Run, refused: Refused, observed_at: float) -> Run:
    """The run when its account cannot be looked at: nothing is planned, and the reason is reported."""
    refusal = Refusal(code=refused.code, resource=run.account, message=refused.message)
    planned = Plan(
        account=run.account,
        round=run.round + 1,
        next="done",
        refusals=(refusal,),
        since=since(run),
        findings=found(run),
        blind=True,
        records=records(run),
        private=private(run),
        zones=zones(run),
    )
    return replace(
        run,
        round=run.round + 1,
        observed_at=observed_at,
        plan=planned,
        outcomes=(),
        finished=(),
    )


def _signature(planned: Plan) -> tuple[object, ...]:
    keys = tuple(step.key for step in _steps(planned))
    return (keys, planned.pending)
