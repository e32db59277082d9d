"""Tell: events on the network's bus for machines, a message for people."""

import msgspec

from onramp.aws.account import Account
from onramp.aws.errors import translated
from onramp.core.errors import NotYet
from onramp.core.report import SOURCE, Report

ENTRIES_PER_CALL = 10  # EventBridge PutEvents (facts 21)


def announce(own: Account, bus: str, topic: str, report: Report) -> None:
    """Nothing to tell, nothing called. NotYet when the bus did not take an event."""
    entries = [
        {
            "EventBusName": bus,
            "Source": SOURCE,
            "DetailType": made.detail_type,
            "Detail": msgspec.json.encode(made.detail).decode(),
        }
        for made in report.announcements
    ]
    with translated():
        for start in range(0, len(entries), ENTRIES_PER_CALL):
            answer = own.client("events").put_events(Entries=entries[start : start + ENTRIES_PER_CALL])
            if answer["FailedEntryCount"]:
                failed = next(entry for entry in answer["Entries"] if entry.get("ErrorCode"))
                raise NotYet(f"PutEvents: {failed['ErrorCode']}: {failed.get('ErrorMessage', '')}")
        if report.message:
            own.client("sns").publish(TopicArn=topic, Subject=report.subject, Message=report.message)
