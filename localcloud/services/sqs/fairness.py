"""Who comes first in a standard queue whose messages carry a MessageGroupId: the quiet, while somebody is noisy.

As SQS's guide of fair queues has it: a group is noisy with more than a tenth of what is in flight, and 30 messages of
its own at least, until its backlog is worked off or it has sent nothing for five minutes. Its messages wait, and none
is lost. The other measure, a tenth of the consumers' time, is left out: by it the quiet would only come sooner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

SHARE, AT_LEAST, FORGOTTEN = 0.1, 30, 300.0


def noisy_among(messages: Sequence[Any], before: frozenset[str], now: float) -> frozenset[str]:
    """The noisy groups of a queue that holds these messages, of which `before` were noisy at the last look.

    `now` is epoch seconds.
    """
    in_flight = _in_flight(messages, now)
    every = sum(in_flight.values())
    loud = {group for group, count in in_flight.items() if count >= AT_LEAST and count > SHARE * every}
    waiting = {group_of(one) for one in messages if one.visible_at <= now * 1000 and now - sent_at(one) < FORGOTTEN}
    return frozenset((loud | before) & waiting)


def in_order(messages: Sequence[Any], noisy: frozenset[str], now: float) -> list[Any]:
    """The quiet first, and among the noisy who has the least in flight; else as they stand."""
    in_flight = _in_flight(messages, now)

    def place(message: Any) -> tuple[bool, int]:
        group = group_of(message)
        return (True, in_flight[group]) if group in noisy else (False, 0)

    return sorted(messages, key=place)


def group_of(message: Any) -> str:
    """Its group; a message without one is a group of its own."""
    return str(message.group_id or message.id)


def sent_at(message: Any) -> float:
    return float(message.sent_timestamp) / 1000


def _in_flight(messages: Sequence[Any], now: float) -> Counter[str]:
    return Counter(group_of(one) for one in messages if one.visible_at > now * 1000)
