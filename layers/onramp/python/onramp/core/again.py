"""What this run or the one before it gave up: whom a look asks about it, and whether it was tried once more in vain."""

from onramp.core.run import Run
from onramp.core.steps import AnyStep, needs


def given_up(run: Run) -> frozenset[str]:
    """Names of the services, groups and VPCs that steps were about which came to nothing."""
    keys = run.memory.failed.keys() | run.failures.keys()
    return frozenset(key.split(" ", 2)[-1].partition("/")[0] for key in keys)


def tries_again(run: Run, steps: list[AnyStep]) -> bool:
    """Are they nothing but what an earlier run gave up, once more, and what waits for that?"""
    again = set(run.memory.failed)
    for step in steps:
        if step.key not in again and needs(step) not in again:
            return False
        again.add(step.key)
    return bool(steps)


def was_in_vain(run: Run, steps: list[AnyStep]) -> bool:
    """Were the steps of the run's last round, and only round, no more than that, and refused as before?"""
    outcomes = [outcome for batch in run.outcomes for outcome in batch]
    refused = all(outcome.status in {"refused", "not_yet"} for outcome in outcomes)
    return run.round == 1 and bool(outcomes) and refused and tries_again(run, steps)
