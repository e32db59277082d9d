"""Tell: events on the network's bus for machines, mails for people; and ask for a look, by the same bus."""

from typing import Any

import msgspec

from onramp.aws.account import Account
from onramp.aws.errors import translated
from onramp.core.errors import NotYet
from onramp.core.report import SOURCE
from onramp.core.text import plainly, within
from onramp.core.triggers import LOOK
from onramp.core.watch import Mail

ENTRIES_PER_CALL = 10  # EventBridge PutEvents (facts 21)

MAIL_BYTES = 256 * 1024  # SNS Publish; one that is larger is refused each time, and keeps back those after it

TRIES = 3
"""How often an entry that the bus did not take is sent within one call of `put`; the SDK repeats whole calls only."""


def write(own: Account, topic: str, mail: Mail) -> None:
    """Send people a mail."""
    with translated():
        own.client("sns").publish(TopicArn=topic, Subject=mail.subject, Message=within(mail.text, MAIL_BYTES))


def ask(own: Account, bus: str, account: str, because: str) -> None:
    """Ask for a look at the account, as the network account alone may. NotYet when the bus did not take it."""
    put(own, bus, [(LOOK, {"account": account, "because": because})])


def put(own: Account, bus: str, events: list[tuple[str, dict[str, Any]]]) -> None:
    """Put (detail-type, detail) on the bus, texts as `plain` has them. What it does not take is sent again, alone: what
    it took stays one event.

    NotYet when it goes on not taking one; the others are on the bus then.
    """
    entries = [
        {
            "EventBusName": bus,
            "Source": SOURCE,
            "DetailType": detail_type,
            "Detail": msgspec.json.encode(plainly(detail)).decode(),
        }
        for detail_type, detail in events
    ]
    refusals: list[str] = []
    for _ in range(TRIES):
        entries, refusals = _put_once(own, entries)
        if not entries:
            return
    raise NotYet(f"PutEvents: {len(entries)} not taken: {refusals[0]}")


def _put_once(own: Account, entries: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[str]]:
    """The entries that were not taken, and why."""
    left: list[dict[str, str]] = []
    why: list[str] = []
    for begin in range(0, len(entries), ENTRIES_PER_CALL):
        sent = entries[begin : begin + ENTRIES_PER_CALL]
        with translated():
            answers = own.client("events").put_events(Entries=sent)["Entries"]
        for entry, answer in zip(sent, answers, strict=True):
            if answer.get("ErrorCode"):
                left.append(entry)
                why.append(f"{answer['ErrorCode']}: {answer.get('ErrorMessage', '')}")
    return left, why
