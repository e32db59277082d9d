"""What a target gets: the event, or what its input settings make of it."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from localcloud.ground.paths import Scope, find
from localcloud.services.events.model import Hand, Undelivered

_VARIABLE = re.compile(r"<([A-Za-z0-9_.\-]+)>")


def payload_of(hand: Hand, dice: Random) -> Any:
    """The event, or what Input, InputPath or InputTransformer make of it (a JSON value)."""
    target = hand.target
    try:
        if target.get("Input"):
            return json.loads(target["Input"])
        if target.get("InputPath"):
            return find(target["InputPath"], Scope(hand.event, None, dice))
        if target.get("InputTransformer"):
            return _transformed(hand, dice)
    except (ValueError, KeyError) as error:
        raise Undelivered("INVALID_JSON", f"the input for {target['Arn']} cannot be made: {error}") from error
    return hand.event


def group_of(hand: Hand, dice: Random) -> str | None:
    """The message group of a queue that is fair or FIFO: as written, or what a path finds in the event."""
    group: str | None = (hand.target.get("SqsParameters") or {}).get("MessageGroupId")
    if not group or not group.startswith("$."):
        return group
    try:
        return str(find(group, Scope(hand.event, None, dice)))
    except (ValueError, KeyError) as error:
        raise Undelivered("INVALID_JSON", f"the event has no {group} for {hand.target['Arn']}") from error


def _transformed(hand: Hand, dice: Random) -> Any:
    transformer = hand.target["InputTransformer"]
    values: dict[str, Any] = {
        "aws.events.rule-arn": hand.rule.arn,
        "aws.events.rule-name": hand.rule.name,
        "aws.events.event.ingestion-time": hand.event["time"],
        "aws.events.event": hand.event,
        "aws.events.event.json": hand.event,
    }
    for name, path in (transformer.get("InputPathsMap") or {}).items():
        try:
            values[name] = find(path, Scope(hand.event, None, dice))
        except KeyError:
            values[name] = ""  # a path that finds nothing leaves its variable empty
    template = transformer["InputTemplate"]
    made, inside, last = [], False, 0
    for match in _VARIABLE.finditer(template):
        between = template[last : match.start()]
        inside ^= len(re.findall(r'(?<!\\)"', between)) % 2 == 1
        made.append(between)
        made.append(_spelled(values[match[1]], inside=inside) if match[1] in values else match[0])
        last = match.end()
    text = "".join([*made, template[last:]])
    # A template that is no JSON by itself is sent as the text it is.
    return json.loads(text) if text.lstrip()[:1] in {"{", "[", '"'} else text


def _spelled(value: Any, *, inside: bool) -> str:
    """A variable's value: between the quotes of a string as text, elsewhere as JSON."""
    if not inside:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]
