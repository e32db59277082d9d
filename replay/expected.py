"""What must come out, compared with what came out: every difference as a sentence."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from localcloud import network
from replay import chronicle
from replay.standing import Standing, added, missing
from replay.story import Answer, Expect, Limits
from replay.telling import Result

type _Path = tuple[str | int, ...]


def shortcomings(expect: Expect, result: Result, baseline: Standing) -> Iterator[tuple[_Path, str]]:
    yield from _listed("services", "name", expect.services, result.services)
    yield from _listed("clients", "vpc", expect.clients, result.clients)
    yield from _refusals(expect, result)
    yield from _leftovers(expect, result)
    if expect.world is not None:
        for thing in added(baseline, result.end):
            yield ("world",), f"new is: {thing}"
        for thing in missing(baseline, result.end):
            yield ("world",), f"missing is: {thing}"
    announced = tuple(event.detail_type for event in result.events if event.announced)
    if expect.announced is not None and announced != expect.announced:
        yield ("announced",), f"announced was {', '.join(announced) or 'nothing'}"
    if expect.ignored is not None:
        ignored = {result.delivered[it.id] for it in result.events if it.why and it.id in result.delivered}
        for name in sorted(set(expect.ignored) ^ ignored):
            yield ("ignored",), f"{name} was {'ignored' if name in ignored else 'not ignored'}"
    yield from _limits(expect, result)


def _leftovers(expect: Expect, result: Result) -> Iterator[tuple[_Path, str]]:
    if expect.leftovers is None:
        return
    left = list(result.leftovers)
    for number, pattern in enumerate(expect.leftovers):
        met = next((thing for thing in left if fnmatchcase(thing, pattern)), None)
        if met is None:
            yield ("leftovers", number), f"nothing like {pattern} is left over"
        else:
            left.remove(met)
    for thing in left:
        yield ("leftovers",), f"left over is {thing}"


def _limits(expect: Expect, result: Result) -> Iterator[tuple[_Path, str]]:
    if expect.limits is not None:
        for name, reason in _over(expect.limits, result.counts, disturbed=result.disturbed):
            yield ("limits", name), reason
    for title, limits in expect.chapter_limits.items():
        if title not in result.chapters:
            yield ("chapter_limits", title), f"no chapter is called {title!r}"
            continue
        for name, reason in _over(limits, result.chapters[title], disturbed=result.disturbed):
            yield ("chapter_limits", title, name), f"{title}: {reason}"


def _listed(what: str, key: str, wanted: Any, got: list[Any]) -> Iterator[tuple[_Path, str]]:
    if wanted is None:
        return
    by_key = {getattr(it, key): it for it in got}
    for number, expected in enumerate(wanted):
        name = getattr(expected, key)
        found = by_key.pop(name, None)
        if found is None:
            yield (what, number), f"{name} is not among the {what}"
            continue
        for field in ("account", "status", "network"):
            should, does = getattr(expected, field), getattr(found, field)
            if should is not None and should != does:
                yield (what, number, field), f"{field} of {name} is {does!r}, not {should!r}"
    for name in by_key:
        yield (what,), f"{name} is among the {what}"


def _refusals(expect: Expect, result: Result) -> Iterator[tuple[_Path, str]]:
    if expect.refusals is None:
        return
    left = list(result.refusals)
    for number, wanted in enumerate(expect.refusals):
        met = next(
            (
                refusal
                for refusal in left
                if refusal.code == wanted.code
                and wanted.resource in refusal.resource
                and wanted.message in refusal.message
            ),
            None,
        )
        if met is None:
            yield ("refusals", number), f"nothing was refused as {wanted.code}"
        else:
            left.remove(met)
    for refusal in left:
        yield ("refusals",), f"refused was {refusal.resource}: {refusal.code}: {refusal.message}"


def _over(limits: Limits, counts: chronicle.Counts, *, disturbed: bool) -> Iterator[tuple[str, str]]:
    """What a replay used too much of. Events that come twice or late cost more looks, but never more changes."""
    for name in limits.__struct_fields__:
        limit = getattr(limits, name)
        used = getattr(counts, name)
        if limit is not None and used > limit and (name == "mutating" or not disturbed):
            yield name, f"{used} {name}, at most {limit}"


def untrue(result: Result) -> Iterator[str]:
    """What the product says and the accounts do not bear out."""
    live = {(it.account, it.name) for it in result.end.services if it.association == "ACTIVE"}
    for service in result.services:
        if service.status == "connected" and (service.account, service.name) not in live:
            yield f"service {service.name} of {service.account} is called connected and is not"
    joined = {(it.account, it.vpc) for it in result.end.clients if it.status == "ACTIVE"}
    for client in result.clients:
        if client.status == "connected" and (client.account, client.vpc) not in joined:
            yield f"VPC {client.vpc} of {client.account} is called connected and is not"


def not_as(expect: Answer, answer: network.Answer) -> Iterator[str]:
    said = [f"stopped at {answer.stopped_at}"] if answer.stopped_at else []
    if answer.status or not said:
        said.append(f"answered {answer.status}")
    got = f"was {' and '.join(said)}"
    if expect.status is not None and expect.status != answer.status:
        yield f"the request {got}, not answered {expect.status}"
    if expect.stopped_at is not None and expect.stopped_at != answer.stopped_at:
        yield f"the request {got}; it was to be stopped at {expect.stopped_at}"
    if expect.server is not None and expect.server != answer.server:
        yield f"{answer.server or 'nobody'} answered, not {expect.server}"
    if expect.body is not None and expect.body not in answer.body:
        yield f"the answer does not hold {expect.body!r}"


def differences(wanted: dict[str, Any], came: dict[str, Any]) -> Iterator[str]:
    """In what an event is not the recorded one: id and time differ always, and the ids that RAM draws.

    Of a tag event, `version` counts what others changed meanwhile, and tags that this call did not change
    are theirs, too.
    """
    for key in sorted({*wanted, *came} - {"id", "time", "detail"}):
        if _without_drawn_ids(wanted.get(key)) != _without_drawn_ids(came.get(key)):
            yield f"{key} is {came.get(key)!r}, recorded is {wanted.get(key)!r}"
    left, right = wanted.get("detail"), came.get("detail")
    if not isinstance(left, dict) or not isinstance(right, dict) or "changed-tag-keys" not in left:
        if left != right:
            yield f"detail is {right!r}, recorded is {left!r}"
        return
    for key in sorted({*left, *right} - {"version", "tags", "changed-tag-keys"}):
        if left.get(key) != right.get(key):
            yield f"detail.{key} is {right.get(key)!r}, recorded is {left.get(key)!r}"
    changed = sorted(left["changed-tag-keys"])
    if changed != sorted(right.get("changed-tag-keys", ())):
        yield f"changed-tag-keys are {right.get('changed-tag-keys')!r}, recorded are {changed!r}"
    for key in changed:
        if left.get("tags", {}).get(key) != right.get("tags", {}).get(key):
            yield f"tag {key} is {right['tags'].get(key)!r}, recorded is {left['tags'].get(key)!r}"


def _without_drawn_ids(value: Any) -> Any:
    return [_DRAWN_ID.sub("", item) for item in value] if isinstance(value, list) else value


_DRAWN_ID = re.compile(r"(?<=/)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
