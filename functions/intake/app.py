"""Turn events into runs: one look at an account, however many events ask for it. Trusts nothing but `account`."""

from typing import Any

import msgspec
from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec.structs import replace
from onramp import wiring
from onramp.aws.lease import Leases, Taken, asked, start, word
from onramp.core.errors import NotYet, Refused
from onramp.core.infra import WORDS_AT_MOST
from onramp.core.run import Run
from onramp.core.state import encode, to_state
from onramp.core.text import plain
from onramp.core.triggers import TAG_CHANGE, Event, Free, Ignored, Ring, Trigger, parse
from onramp.log import logger

wiring.begin("dynamodb", "stepfunctions")


@logger.inject_lambda_context
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Answers the messages that have to come again: `{"batchItemFailures": [{"itemIdentifier": ...}]}`."""
    accounts: dict[str, list[tuple[str, Trigger]]] = {}
    failed: list[str] = []
    for record in event["Records"]:
        trigger = _trigger(record)
        if trigger is None:
            failed.append(record["messageId"])  # some receives, then the dead-letter queue: nothing is lost
        elif isinstance(trigger, Ignored):
            logger.info("ignored", extra={"why": plain(trigger.why)})
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
        event = msgspec.json.decode(record["body"], type=Event)
        return parse(event, found.network_name, found.tag_prefix, found.network_account)
    # A detail that nests without end is within an event's size, and past what Python descends into.
    except (msgspec.MsgspecError, RecursionError) as error:
        logger.error("malformed event", extra={"message_id": record["messageId"], "reason": plain(str(error))})
        return None


def _look(account: str, triggers: list[Trigger]) -> None:
    found = wiring.settings()
    leases = Leases(wiring.own(), found.table, found.state_machine)
    rings = [trigger for trigger in triggers if isinstance(trigger, Ring)]
    for ended in triggers:
        # A run that ended badly owes a look, and is followed by the next with whatever rings beside it.
        if isinstance(ended, Free) and ended.machine == found.state_machine:
            follower = leases.follow(account, ended.execution, wiring.now())
            if follower is not None:
                _start(account, leases, follower, {"about": f"an {ended.about} owes a look", "account": account})
    if not rings:
        return
    now = wiring.now()
    heard = any(ring.heard for ring in rings)
    said = [word(ring.said, now) for ring in rings if ring.said is not None]
    version = next((ring.version for ring in reversed(rings) if ring.version), "")
    prefix = next((ring.prefix for ring in reversed(rings) if ring.prefix), None)
    prefix = "" if prefix == found.tag_prefix else prefix
    events = [ring.event_id for ring in rings]
    asks = [one for ring in rings for one in asked(ring, now)]
    taken = leases.take(account, events, now, heard=heard, said=said, version=version, prefix=prefix, asks=asks)
    if taken.mine:  # else the run that holds the account looks once more before it lets go
        _start(account, leases, taken, encode(replace(min(rings, key=_asks_less), asks=())))
    if taken.unsaid:
        raise NotYet(f"{WORDS_AT_MOST} words of infra wait for the account's next run: what was said comes again")


def _asks_less(ring: Ring) -> tuple[bool, bool]:
    """Of what rings together the run is told what has it look most closely: a hand on Lattice, a tag's change last."""
    return ring.source != "aws.vpc-lattice", ring.detail_type == TAG_CHANGE


def _start(account: str, leases: Leases, taken: Taken, why: dict[str, Any]) -> None:
    found = wiring.settings()
    run = Run(
        account=account,
        trigger=why,
        memory=taken.memory,
        words=taken.words,
        pause=taken.pause,
        looks=taken.looks,
        rang=taken.rang,
        member=taken.member,
        offered=taken.offered,
        asks=taken.asks,
        remembered_at=taken.remembered_at,
        aside_at=taken.aside_at,
    )
    try:
        # Unanswered, it may have started: the lease stays, and the same events, which come again, find it theirs.
        start(wiring.own(), found.state_machine, taken.holder, to_state(run))
    except Refused:
        leases.free(account, taken.holder)  # it did not start
        raise
