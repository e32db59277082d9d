"""Say what came out, keep it as the account's summary, and let the account go."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec.structs import replace
from onramp import wiring
from onramp.aws.accounts import Accounts
from onramp.aws.announce import ask, put
from onramp.aws.lease import Leases
from onramp.core.report import report
from onramp.core.steps import from_state, to_state
from onramp.core.text import plain
from onramp.log import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """`{"run": Run, "execution": name}` in; the Run out, `again` when somebody rang since the last look."""
    run = from_state(event["run"])
    found = wiring.settings()
    said = report(found.network, run)
    for name, number in said.counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    for refusal in said.news:
        told = {"account": run.account, "code": refusal.code, "resource": plain(refusal.resource)}
        logger.warning("refused", extra=told)
    put(wiring.own(), found.bus, [(made.detail_type, made.detail) for made in said.announcements])
    if said.message:  # the watch sends it, with whatever else there is to say of the account by then
        Accounts(wiring.own(), found.table).keep(run.account, said.message, run.observed_at)
    blind = run.plan is None or run.plan.blind
    leases = Leases(wiring.own(), found.table)
    let_go = leases.release(run.account, event["execution"], said.memory, run.observed_at, blind=blind)
    if let_go.how == "owed":
        ask(wiring.own(), found.bus, run.account, "somebody rang while the last run ended")
    again = let_go.how == "again"
    paused = replace(run.plan, wait_seconds=let_go.pause) if run.plan else None
    return to_state(replace(run, plan=paused, memory=said.memory, outcomes=(), again=again))
