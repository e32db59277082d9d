"""Do the steps of one batch in its account. Each step has an outcome; none stops the others."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from onramp import wiring
from onramp.aws.apply import Scene, apply, refuse
from onramp.core.errors import Refused
from onramp.core.steps import Batch, Outcome, decode, encode
from onramp.log import logger


@logger.inject_lambda_context
def handler(event: dict[str, Any], _: LambdaContext) -> list[dict[str, Any]]:
    """`{"batch": Batch, "execution": name, "round": n}` in, the outcomes out, in the order of the steps."""
    batch = decode(event["batch"], Batch)
    try:
        account = wiring.own() if batch.sharing else wiring.members("writer").member(batch.account, event["execution"])
    except Refused as refused:
        logger.warning("cannot enter", extra={"account": batch.account, "code": refused.code})
        return _out(refuse(batch, refused))
    return _out(apply(Scene(wiring.settings().network, account, event["execution"], event["round"]), batch))


def _out(outcomes: tuple[Outcome, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = encode(outcomes)
    return found
