"""Composite alarms: a rule over the states of others (CloudWatch API reference, PutCompositeAlarm)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.backends import get_backend

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError

_TOKEN = re.compile(
    r"""\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>[^()"\s]+))\s*\)"""
    r"""|(?P<word>AND|OR|NOT|TRUE|FALSE|\(|\)))""",
)
_DEEPEST = 100

type Rule = Callable[[Mapping[str, str]], bool]
"""Is it so, where alarms of these names are in these states?"""


class Malformed(ValueError):
    """What is no rule."""


def read(text: str) -> tuple[Rule, frozenset[str]]:
    """A rule, and the names of the alarms that it goes by. Malformed for what is none.

    >>> rule, names = read('ALARM("a") AND NOT OK(b)')
    >>> rule({"a": "ALARM", "b": "ALARM"}), sorted(names)
    (True, ['a', 'b'])
    """
    reading = _Reading(list(_tokens(text)))
    rule = reading.either(0)
    if reading.at < len(reading.tokens):
        raise Malformed(f"{text} goes on where it should end")
    return rule, frozenset(reading.names)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise Malformed(f"{text[at:].strip()[:40]} is no part of a rule")
        yield found
        at = found.end()


class _Reading:
    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.names: set[str] = set()

    def word(self, *words: str) -> bool:
        """Whether one of these comes next; then it is passed."""
        here = self.at < len(self.tokens) and self.tokens[self.at]["word"] in words
        self.at += here
        return here

    def either(self, depth: int) -> Rule:
        found = self.all_of(depth)
        while self.word("OR"):
            found = _or(found, self.all_of(depth))
        return found

    def all_of(self, depth: int) -> Rule:
        found = self.one(depth)
        while self.word("AND"):
            found = _and(found, self.one(depth))
        return found

    def one(self, depth: int) -> Rule:
        if depth > _DEEPEST:
            raise Malformed("a rule of too many parentheses")
        if self.word("NOT"):
            return _not(self.one(depth + 1))
        if self.word("("):
            found = self.either(depth + 1)
            if not self.word(")"):
                raise Malformed("a parenthesis is not closed")
            return found
        for word in ("TRUE", "FALSE"):
            if self.word(word):
                return _always(word)
        if self.at >= len(self.tokens) or self.tokens[self.at]["state"] is None:
            raise Malformed("a rule ends, or has a word, where a state should be asked")
        token = self.tokens[self.at]
        self.at += 1
        name = (token["quoted"] or token["plain"]).rpartition(":alarm:")[2]
        self.names.add(name)
        return _in_state(name, token["state"])


def _or(one: Rule, two: Rule) -> Rule:
    return lambda states: one(states) or two(states)


def _and(one: Rule, two: Rule) -> Rule:
    return lambda states: one(states) and two(states)


def _not(one: Rule) -> Rule:
    return lambda states: not one(states)


def _always(word: str) -> Rule:
    return lambda _: word == "TRUE"


def _in_state(name: str, state: str) -> Rule:
    return lambda states: states.get(name) == state


def put(params: Mapping[str, Any], caller: Caller) -> None:
    """Keep the alarm beside moto's. ValidationError for a rule that is none, or goes by an alarm that is not there."""
    # moto has no operation of it, and keeps one all the same.
    backend: Any = get_backend("cloudwatch")[caller.account][caller.region]
    name, text = params["AlarmName"], params["AlarmRule"]
    try:
        _, names = read(text)
    except Malformed as wrong:
        raise AwsError("ValidationError", f"Invalid alarm rule: {wrong}", 400) from wrong
    if missing := sorted(names - backend.alarms.keys()):
        told = f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist"
        raise AwsError("ValidationError", told, 400)
    if params.get("ActionsSuppressor"):
        raise AwsError("NotImplementedException", "suppressing actions is not emulated by the local cloud", 501)
    before = backend.alarms.get(name)
    made = backend.put_metric_alarm(
        name,
        *(None,) * 7,
        params.get("AlarmDescription"),
        [],
        params.get("AlarmActions", []),
        ok_actions=params.get("OKActions", []),
        insufficient_data_actions=params.get("InsufficientDataActions", []),
        actions_enabled=params.get("ActionsEnabled", True),
        rule=text,
        tags=params.get("Tags"),
    )
    made.state_value = before.state_value if before is not None and before.rule else "INSUFFICIENT_DATA"


def states_of(alarms: Mapping[str, Any]) -> dict[str, str]:
    """What the composite alarms of an account come to; those of others' own states are asked before."""
    states = {name: alarm.state_value for name, alarm in alarms.items()}
    rules = {name: read(alarm.rule)[0] for name, alarm in alarms.items() if alarm.rule}
    # One that goes by another is right when that one is; what goes round stays as it is then.
    for _ in rules:
        states |= {name: "ALARM" if rule(states) else "OK" for name, rule in rules.items()}
    return {name: states[name] for name in rules}
