"""Do the batches of one round, each in its account. Each step has an outcome; none stops the others."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from onramp import wiring
from onramp.aws.apply import Scene, apply, refuse
from onramp.core.bounds import within
from onramp.core.errors import Refused
from onramp.core.state import decode, encode
from onramp.core.steps import Batch, Outcome
from onramp.log import logger

wiring.begin("sts", "vpc-lattice")


@logger.inject_lambda_context
def handler(event: dict[str, Any], _: LambdaContext) -> list[Any]:
    """`{"batches": [Batch], "execution": name, "round": n}` in, the outcomes out, batch by batch, step by step."""
    if "batch" in event:  # a run that began by the state machine of release 0.1.0
        first: list[dict[str, Any]] = encode(
            _apply(decode(event["batch"], Batch), event["execution"], event["round"], set())
        )
        return first
    run, number = event["execution"], event["round"]
    done: set[str] = set()
    outcomes: list[list[dict[str, Any]]] = []
    for batch in (decode(one, Batch) for one in event["batches"]):
        ended = _apply(batch, run, number, done)
        done |= {outcome.key for outcome in ended if outcome.stands}
        outcomes.append(encode(ended))
    return outcomes


def _apply(batch: Batch, run: str, number: int, done: set[str]) -> tuple[Outcome, ...]:
    if not within(batch, run, wiring.settings().network.account):
        raise ValueError(f"run {run} may do nothing of account {batch.account}: its look was not ours")
    try:
        account = wiring.own() if batch.sharing else wiring.members("writer").member(batch.account, run)
    except Refused as refused:
        logger.warning("cannot enter", extra={"account": batch.account, "code": refused.code})
        return refuse(batch, refused)
    scene = Scene(
        wiring.settings().network, account, run, number, lambda other: wiring.members("writer").member(other, run)
    )
    return apply(scene, batch, done)
