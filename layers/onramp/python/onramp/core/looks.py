"""What a look reads: all of the account, or what the last steps touched; and what of a narrow one may stand."""

from msgspec.structs import replace

from onramp.core import names, tags
from onramp.core.again import tries_again, was_in_vain
from onramp.core.desired import desired
from onramp.core.model import Handed, Listener, Observation
from onramp.core.network import Network
from onramp.core.pace import RUNGS, USUAL, is_late, nap, on_the_way
from onramp.core.plan import MORE, SETTLE_SECONDS
from onramp.core.run import Memory, Plan, Run
from onramp.core.steps import ANSWERS, AnyStep, Batch, ClearStatus, WriteStatus, needs
from onramp.core.triggers import TAG_CHANGE


def steps_of(planned: Plan | None) -> list[AnyStep]:
    return [step for batch in planned.batches for step in batch.steps] if planned else []


AUTH_BY_HAND = "auth-by-others"
"""Code of what is told of a service's auth type that somebody changed: once told, every look asks for it."""

RULE_BY_HAND = "rule-by-others"
"""Code of what is told of a rule that somebody made on a listener of ours: once told, every look reads that one's."""

BY_HAND = frozenset({RULE_BY_HAND})
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
"""Services that a run begins at most whose function waits for them by itself: each is asked for once more by that."""


def may_scout(network: Network, run: Run, observed: Observation) -> bool:
    """Is this the first look of a run, before a few services? Its function may wait for them by itself, and finds out
    whether Lattice is quick where the account does not know it.
    """
    there = {service.name for service in observed.services}
    new = [wanted for wanted in desired(network, observed).services if wanted.name not in there]
    return run.round == 0 and 0 < len(new) <= SCOUTS


def scouting(run: Run) -> Run:
    """The run, if it began a service that is waited for; else nothing is."""
    return replace(run, scouts=run.scouts and any(step.kind == "CreateService" for step in steps_of(run.plan)))


def napping(network: Network, run: Run, at: float) -> tuple[Run, int] | None:
    """The run that looks again in so many seconds, with nothing done that was possible already; None where it goes on.

    The function that looked waits by itself then, in place of the machine, whose wait costs three transitions more:
    until most are there, and then for a while in short looks, while nothing is possible but what waits for the same.
    """
    if not run.scouts or run.plan is None or run.seen is None:
        return None
    moving = on_the_way(run.seen)
    seconds = nap(run.begun, moving, run.now)
    waits = all(step.kind == "RegisterTarget" or _tells(step) for step in steps_of(run.plan))
    if not seconds or (is_late(run.begun, moving, run.now) and not waits):
        return None
    later = replace(run, plan=replace(run.plan, next="wait", wait_seconds=seconds, batches=()))
    return (later, seconds) if narrows(network, later, at) else None


def listeners(observed: Observation) -> dict[str, tuple[Listener, ...]]:
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
    return _holds(network, run, at) and was_in_vain(run, steps_of(run.plan))


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
    return planned is not None and _is_cut(planned) and all(map(_tells, steps_of(planned)))


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
        for step in steps_of(planned)
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
        for step in steps_of(run.plan)
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
