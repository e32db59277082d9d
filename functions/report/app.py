"""Say what came out, keep it as the account's summary, and let the account go."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec.structs import replace
from onramp import wiring
from onramp.aws.announce import announce
from onramp.aws.lease import Leases
from onramp.core.report import report
from onramp.core.steps import from_state, to_state
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
        logger.warning("refused", extra={"account": run.account, "code": refusal.code, "resource": refusal.resource})
    announce(wiring.own(), found.bus, found.topic, said)
    let_go = Leases(wiring.own(), found.table).release(run.account, event["execution"], said.memory, run.observed_at)
    return to_state(replace(run, memory=said.memory, outcomes=(), again=not let_go))
