"""From round to round: what a run learns from its outcomes, and when it stops waiting."""

from msgspec.structs import replace

from onramp.core.errors import Refused
from onramp.core.model import Network, Observation
from onramp.core.plan import plan
from onramp.core.steps import Outcome, Plan, Refusal, Run

STALLED_AT_MOST = 36
"""Polls of 10 to 30 s without any change: more than the 7 minutes that a slow deletion takes (facts 9)."""

FAILED_AT_MOST = 3
"""How often an error that nobody has classified is met again (facts 8), and how often what was made may fail: each
time costs a minute, and a run that went on so would end without a word.
"""

ROUNDS_AT_MOST = 120
"""Far above any run that goes forward, far below Step Functions' 25,000 events."""


def learn(run: Run) -> Run:
    """The run with what its last outcomes tell: what was made, and what must not be tried again in this run.

    When somebody rang meanwhile (`again`), the cause of a failure may be gone: everything may be tried once more.
    """
    outcomes = [outcome for batch in run.outcomes for outcome in batch]
    made = {outcome.arn: _name(outcome) for outcome in outcomes if outcome.arn}
    stop = {"refused"} | ({"failed"} if run.stalled >= FAILED_AT_MOST else set())
    failures = {outcome.key: outcome.detail for outcome in outcomes if outcome.status in stop}
    before = {} if run.again else run.failures
    broken = {} if run.again else run.broken
    return replace(run, made={**run.made, **made}, failures={**before, **failures}, broken=broken)


def _name(outcome: Outcome) -> str:
    return outcome.name.rpartition("/")[2]


def look(network: Network, observed: Observation, run: Run, observed_at: float) -> Run:
    """The run after this look: the next round, with its plan. `run` has learned."""
    draft = plan(network, observed, round=run.round + 1, failures=run.failures, stalled=run.stalled, now=observed_at)
    before = run.plan.broken if run.plan else {}
    broken = run.broken | {key: run.broken.get(key, 0) + 1 for key in draft.broken.keys() - before.keys()}
    worn = {key: why for key, why in draft.broken.items() if broken.get(key, 0) >= FAILED_AT_MOST}
    run = replace(run, broken=broken, failures={**run.failures, **worn})
    changed = any(outcome.status == "done" for batch in run.outcomes for outcome in batch)
    moved = run.plan is None or run.again or changed or _signature(draft) != _signature(run.plan)
    stalled = 0 if moved else run.stalled + 1
    if stalled > STALLED_AT_MOST or run.round >= ROUNDS_AT_MOST:
        last = {outcome.key: outcome.detail for batch in run.outcomes for outcome in batch if outcome.detail}
        draft = plan(
            network,
            observed,
            round=run.round + 1,
            failures=run.failures,
            gave_up=True,
            last=last,
            now=observed_at,
        )
    return replace(
        run,
        round=run.round + 1,
        observed_at=observed_at,
        stalled=stalled,
        plan=draft,
        outcomes=(),
        finished=(),
        again=False,
    )


def blind(run: Run, refused: Refused, observed_at: float) -> Run:
    """The run when its account cannot be looked at: nothing is planned, and the reason is reported."""
    refusal = Refusal(code=refused.code, resource=run.account, message=refused.message)
    planned = Plan(account=run.account, round=run.round + 1, next="done", refusals=(refusal,), blind=True)
    return replace(
        run,
        round=run.round + 1,
        observed_at=observed_at,
        plan=planned,
        outcomes=(),
        finished=(),
        again=False,
    )


def _signature(planned: Plan) -> tuple[object, ...]:
    keys = tuple(step.key for batch in planned.batches for step in batch.steps)
    return (keys, planned.pending)
