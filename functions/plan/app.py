"""Read one account and say what must change. Changes nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from onramp import wiring
from onramp.aws.observe import observe
from onramp.core.errors import Refused
from onramp.core.rounds import blind, learn, look, looks_for_hands, rest
from onramp.core.steps import from_state, to_state
from onramp.core.words import heeded
from onramp.log import logger


@logger.inject_lambda_context
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """A `Run` in, the `Run` of the next round out."""
    at = wiring.now()
    run = from_state(event)
    if run.pause:
        return to_state(rest(run, at))
    run = learn(run)
    network = heeded(wiring.settings().network, run.account, run.words)
    try:
        member = wiring.members("reader").member(run.account)
        hands = looks_for_hands(network, run, at)
        seen = observe(network, wiring.own(), member, run, wiring.reach(), for_hands=hands)
        return to_state(look(network, seen.observation, run, at, seen.findings))
    except Refused as refused:
        logger.warning("cannot look", extra={"account": run.account, "code": refused.code})
        return to_state(blind(run, refused, at))
