"""Turn events into runs: one look at an account, however many events ask for it. Trusts nothing but `account`."""

from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext
from onramp import wiring
from onramp.aws.lease import Leases, start
from onramp.core.errors import NotYet, Refused
from onramp.core.steps import Run, encode, to_state
from onramp.core.triggers import Event, Free, Ignored, Ring, Trigger, parse
from onramp.log import logger


@logger.inject_lambda_context
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Answers the messages that have to come again: `{"batchItemFailures": [{"itemIdentifier": ...}]}`."""
    accounts: dict[str, list[tuple[str, Trigger]]] = {}
    failed: list[str] = []
    for record in event["Records"]:
        trigger = _trigger(record)
        if trigger is None:
            failed.append(record["messageId"])  # three receives, then the dead-letter queue: nothing is lost
        elif isinstance(trigger, Ignored):
            logger.info("ignored", extra={"why": trigger.why})
        else:
            accounts.setdefault(trigger.account, []).append((record["messageId"], trigger))
    for account, rung in accounts.items():
        try:
            _look(account, [trigger for _, trigger in rung])
        except (NotYet, Refused):
            logger.exception("not started", extra={"account": account})
            failed += [message for message, _ in rung]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _trigger(record: dict[str, Any]) -> Trigger | None:
    found = wiring.settings()
    try:
        return parse(msgspec.json.decode(record["body"], type=Event), found.network_name, found.tag_prefix)
    except msgspec.MsgspecError as error:
        logger.error("malformed event", extra={"message_id": record["messageId"], "reason": str(error)})
        return None


def _look(account: str, triggers: list[Trigger]) -> None:
    found = wiring.settings()
    leases = Leases(wiring.own(), found.table)
    rings = [trigger for trigger in triggers if isinstance(trigger, Ring)]
    ended = [trigger for trigger in triggers if isinstance(trigger, Free) and trigger.machine == found.state_machine]
    owed = [leases.free(account, trigger.execution) for trigger in ended]
    if not rings and not any(owed):
        return
    events = [ring.event_id for ring in rings] or [free.execution for free in ended]
    taken = leases.take(account, events, wiring.now())
    if not taken.mine:
        return  # the run that holds the account looks once more before it lets go
    why = encode(rings[0]) if rings else {"about": "a run ended before it had looked", "account": account}
    try:
        # Unanswered, it may have started: the lease stays, and the same events, which come again, find it theirs.
        start(
            wiring.own(),
            found.state_machine,
            taken.holder,
            to_state(Run(account=account, trigger=why, memory=taken.memory)),
        )
    except Refused:
        leases.free(account, taken.holder)  # it did not start
        raise
