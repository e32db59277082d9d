"""From round to round: what a run learns from its outcomes, and when it stops waiting."""

import math

from msgspec.structs import replace

from onramp.core import infra, versions
from onramp.core.backoff import CALM, PAUSES, patience
from onramp.core.errors import Refused
from onramp.core.inventory import Refusal
from onramp.core.looks import BY_HAND, listeners, looks_for_hands, steps_of
from onramp.core.model import Observation
from onramp.core.network import Network
from onramp.core.pace import RUNGS, first_looks, is_slow, learned, nap, next_look, on_the_way
from onramp.core.plan import NOT_SETTLING, plan
from onramp.core.plan.ground import Before, registered
from onramp.core.plan.leavers import ASKED_FOR
from onramp.core.reach import Finding
from onramp.core.run import Plan, Run
from onramp.core.steps import AnyStep, ClearStatus, Outcome, RegisterTarget, WriteStatus
from onramp.core.triggers import SWEEP

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

COUNTED = (*TAKES_AWAY, *CHANGES, "ShareNetwork")
"""With the share, which RAM accepts first, and which may fail before anybody looks."""


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
    return outcome.kind.startswith(COUNTED) and (outcome.status == "done" or later)


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
    looks = first_looks(run.pace, slow=run.slow and not run.scouts, scouts=run.scouts)
    moving = on_the_way(observed)
    later = (run.scouts and nap(run.begun, moving, now)) or next_look(run.begun, moving, now)
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
            taken=frozenset(run.tries),
            made=frozenset(run.made),
            since=since(run),
            released=infra.released(run.said),
            findings=findings,
            stalled=run.stalled,
            gave_up=gave_up,
            last=last,
            now=now,
            answers_given=infra.answers(run.said),
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
        touched=tuple(sorted({*run.touched, *(one for step in steps_of(draft) for one in _about(step))})),
        round=run.round + 1,
        observed_at=observed_at,
        now=now,
        hands_at=observed_at if looked else run.hands_at or run.memory.hands_at,
        stalled=stalled,
        listeners=listeners(observed),
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
    """Since when nobody asks for what leaves, as the run's last look has it; at its first, as it is remembered. Whoever
    rings may have mended what a sibling's network refused: that is listened to anew, where a sweep looks once.
    """
    if run.plan is not None:
        return run.plan.since
    anew = run.trigger.get("detail_type") != SWEEP
    return {key: at for key, at in run.memory.since.items() if not (anew and key.endswith(ASKED_FOR))}


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
    asked = {step.key for step in steps_of(draft)}
    return {
        key: f"asked {count} times, and it is {'still there' if key.startswith(TAKES_AWAY) else 'as it was'}"
        for key, count in run.tries.items()
        if key in asked and key.startswith(COUNTED) and count >= _at_most(run, key)
    }


def _about(step: AnyStep) -> tuple[str, ...]:
    """Whom it may make another of: by the name of a service, a group or a VPC; a load balancer by its ARN."""
    if isinstance(step, WriteStatus | ClearStatus):
        return (step.resource,)
    more = (step.load_balancer,) if isinstance(step, RegisterTarget) else ()
    return (step.name.partition("/")[0], *more)


def _repeated(before: Plan | None, draft: Plan) -> frozenset[str]:
    """Keys of the steps that the last plan had in the same words."""
    had = {step.key: step for step in steps_of(before)}
    return frozenset(step.key for step in steps_of(draft) if had.get(step.key) == step)


def _unless_new(run: Run, draft: Plan, repeated: frozenset[str]) -> dict[str, int]:
    """The tries, without those of a change that is another one than the last plan's: that one came about."""
    both = {step.key for step in steps_of(run.plan)} & {step.key for step in steps_of(draft)}
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
    keys = tuple(step.key for step in steps_of(planned))
    return (keys, planned.pending)
