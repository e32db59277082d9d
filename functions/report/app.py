"""Say what came out, keep it as the account's summary, and let the account go."""

from contextlib import suppress
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.typing import LambdaContext
from onramp import wiring
from onramp.aws.accounts import Accounts
from onramp.aws.announce import ask, put
from onramp.aws.aside import put_aside
from onramp.aws.lease import Leases
from onramp.core.errors import NotYet, Refused
from onramp.core.infra import spent
from onramp.core.names import begun
from onramp.core.report import report
from onramp.core.state import from_state
from onramp.core.text import plain
from onramp.log import logger, metrics

wiring.begin("events", "dynamodb")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """`{"run": Run, "execution": name}` in; the Run out. Who rang since the last look has the next run."""
    run = from_state(event["run"], wiring.shelf().get)
    found = wiring.settings()
    said = report(found.network, run, begun(event["execution"]))
    for name, number in said.counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    for seconds in said.took:
        metrics.add_metric(name="TagToConnectedSeconds", unit=MetricUnit.Seconds, value=seconds)
    for refusal in said.news:
        with single_metric(name="RefusalsByCode", unit=MetricUnit.Count, value=1) as counted:
            counted.add_dimension(name="service", value=f"onramp-{found.network_name}")
            counted.add_dimension(name="code", value=refusal.code)
        told = {"account": run.account, "code": refusal.code, "resource": plain(refusal.resource)}
        logger.warning("refused", extra=told)
    put(wiring.own(), found.bus, [(made.detail_type, made.detail) for made in said.announcements])
    if said.message:  # the watch sends it, with whatever else there is to say of the account by then
        Accounts(wiring.own(), found.table).keep(run.account, said.message, run.observed_at)
    leases = Leases(wiring.own(), found.table)
    gone = () if said.blind else spent(run.said, said.memory.unasked, run.observed_at)
    aside = put_aside(wiring.shelf(), run, gone)
    let_go = leases.release(
        run.account,
        event["execution"],
        said.memory,
        run.observed_at,
        blind=said.blind,
        spent=aside.forgotten,
        asks=run.asks,
        remembered_at=run.remembered_at,
        looks=run.looks,
        rang=run.rang,
        aside_at=run.aside_at,
        words_at=aside.key,
    )
    if let_go == "owed":
        ask(wiring.own(), found.bus, run.account, "somebody rang while the last run ended")
    elif said.unfinished:
        ask(wiring.own(), found.bus, run.account, "the last run ended with a step that was not done")
    if "shelved" in event["run"]:
        with suppress(NotYet, Refused):  # nobody needs it any more, and it goes by itself in a day
            wiring.shelf().drop(event["run"]["shelved"])
    # The machine needs nothing more; one of release 0.1.0 asks whether it looks again.
    return {**event["run"], "again": False}
