"""How a run travels in the state machine's state, and how a memory is kept: what grows lies outside of both."""

import base64
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from onramp.core import infra
from onramp.core.run import Memory, Run


def decode[T](value: Any, kind: type[T]) -> T:
    """A value from the JSON of an event or a state; msgspec.ValidationError names what does not fit."""
    return msgspec.convert(value, kind)


def encode(value: Any) -> Any:
    """A value as the JSON that an event or a state holds."""
    return msgspec.to_builtins(value)


SHELVED_ABOVE = 30_000
"""Bytes of a run above which what grows with its account lies outside of the state, which then carries its key. A state
holds 256 KiB (facts 20); the rest is a round's steps and outcomes, which are bounded, and may be read in the console.
"""

STATE_AT_MOST = 100_000
"""Bytes above which it is packed into the state where there is no outside: only what the intake hands on from an item
that an earlier release wrote.
"""

KEPT_AT_MOST = 4_000
"""Bytes of a memory that an account's item holds: above that it lies outside, so that ringing writes little, whatever
the account holds.
"""

_GROWS = (
    *("services", "clients", "refusals", "approvals", "pending", "warnings"),
    *("arns", "broken", "since", "findings", "records", "private", "zones", "released"),
)
"""What grows with the account, in a plan."""

_GROWS_IN_RUN = (
    *("memory", "made", "adopted", "released", "failures", "broken", "tries", "seen", "listeners", "touched"),
    *("words", "aside"),
)
"""What grows with the account, beside its plan."""

type Shelve = Callable[[bytes], str]
"""Puts a content outside; answers its key."""

type Fetch = Callable[[str], bytes | None]
"""What lies under a key; None where that is gone."""


def to_state(run: Run, shelve: Shelve | None = None) -> dict[str, Any]:
    """The run as the state machine's state.

    What only the functions read (the memory, the ARNs) is packed: names and ARNs repeat themselves. In a large account
    all is that grows with it, and lies outside. The small is packed as release 0.1.0 packs it: a run goes on when the
    functions are changed under it, forth or back.
    """
    state: dict[str, Any] = encode(run)
    state["memory"] = _pack_small(state["memory"])
    state["seen"] = state["seen"] and _pack_small(state["seen"])
    if state["plan"] is not None:
        state["plan"]["arns"] = _pack_small(state["plan"]["arns"])
    if len(msgspec.json.encode(state)) <= (SHELVED_ABOVE if shelve else STATE_AT_MOST):
        return state
    state = encode(run)
    plan = state["plan"] or {}
    grown = {"plan": {name: plan.pop(name) for name in _GROWS if name in plan}}
    # Together: what is remembered and what is seen are nearly the same, and packed side by side cost little more.
    grown |= {name: state.pop(name) for name in _GROWS_IN_RUN}
    if shelve is None:
        state["packed"] = _pack({**grown, "seen": None})
    else:
        state["shelved"] = shelve(_packed(grown))
    return state


def from_state(state: dict[str, Any], fetch: Fetch | None = None) -> Run:
    """The run that a state holds; msgspec.ValidationError names what does not fit, and LookupError what is gone."""
    given = dict(state)
    if given.get("finished") and isinstance(given["finished"][0], dict):
        given["finished"] = [given["finished"]]  # the one batch of a run that release 0.1.0 began
    key = given.pop("shelved", "")
    if key or "packed" in given:
        grown = _content(fetch, key) if key else _unpack(given.pop("packed"))
        if given.get("plan") is not None:
            given["plan"] = {**given["plan"], **grown["plan"]}
        given |= {name: grown[name] for name in _GROWS_IN_RUN if name in grown}
    else:
        given["memory"] = _unpack(given["memory"])
        given["seen"] = given.get("seen") and _unpack(given["seen"])
        if given.get("plan") is not None:
            given["plan"] = {**given["plan"], "arns": _unpack(given["plan"]["arns"])}
    return decode(given if key or given.get("round") else _handed(given, fetch), Run)


def _handed(given: dict[str, Any], fetch: Fetch | None) -> dict[str, Any]:
    """What the intake gave keys of to a run that has not looked yet."""
    if given.get("remembered_at"):
        content = fetch(given["remembered_at"]) if fetch else None
        # What is lost is a hint where to look, no more; and is kept anew.
        given["memory"] = given["memory"] if content is None else encode(memory_of(content))
        given["remembered_at"] = "" if content is None else given["remembered_at"]
    if given.get("aside_at"):
        content = fetch(given["aside_at"]) if fetch else None
        if content is None:  # what is held or rejected is not let through because nobody knows of it any more
            why = "take `words_at` off the account's item in the table, and say again what is held or approved"
            raise LookupError(f"what infra said lay under {given['aside_at']} and is gone: {why}")
        given["aside"] = encode(infra.read_back(content))
    return given


def _content(fetch: Fetch | None, key: str) -> Any:
    content = fetch(key) if fetch else None
    if content is None:
        raise LookupError(f"what the run had under {key} is gone: the next run looks anew")
    return msgspec.json.decode(lzma.decompress(content))


def outside(memory: Memory) -> bytes | None:
    """The memory as it lies outside of its account's item; None where that has room for it."""
    content = msgspec.json.encode(memory)
    return None if len(content) <= KEPT_AT_MOST else _packed(memory)


def memory_of(content: bytes) -> Memory:
    """The memory that lies outside; an empty one where another release wrote what cannot be read."""
    try:
        return remembered(lzma.decompress(content).decode())
    except (lzma.LZMAError, ValueError):
        return Memory()


_PACKED = '{"packed":"'
"""How a packed memory begins: JSON all the same, which release 0.1.0 reads as an empty memory, and not as an error."""


def kept(memory: Memory) -> str:
    """A memory as the table keeps it: JSON, packed where it is large."""
    text = msgspec.json.encode(memory).decode()
    return text if len(text) <= STATE_AT_MOST else f'{_PACKED}{_pack(encode(memory))}"}}'


def unpacked(text: str) -> bytes:
    """The JSON of what the table kept; ValueError when it is none of ours."""
    if not text.startswith(_PACKED):
        return text.encode()
    try:
        return lzma.decompress(base64.b64decode(text.removeprefix(_PACKED).removesuffix('"}')))
    except lzma.LZMAError as wrong:
        raise ValueError(f"not packed here: {wrong}") from wrong


def remembered(text: str) -> Memory:
    """The memory that the table kept, or an empty one: what another release wrote is a hint where to look, no more."""
    try:
        memory = msgspec.json.decode(unpacked(text), type=Memory)
    except (msgspec.MsgspecError, ValueError):
        return Memory()
    # Release 0.1.0 said `connected` and no more: what it had announced is not news to this one.
    return replace(
        memory,
        services=tuple(
            replace(one, answers=True, serving=one.serving or one.load_balancers) if one.status == "connected" else one
            for one in memory.services
        ),
        clients=tuple(replace(one, answers=True) if one.status == "connected" else one for one in memory.clients),
    )


_LZMA = b"\xfd7zXZ"
"""How its packages begin; those of zlib begin otherwise."""

_PRESET = 3
"""Of LZMA: a window of 4 MiB, which holds what is remembered and what is seen of the largest account."""


def _packed(value: Any) -> bytes:
    return lzma.compress(msgspec.json.encode(value), preset=_PRESET)


def _pack(value: Any) -> str:
    return base64.b64encode(_packed(value)).decode()


def _pack_small(value: Any) -> str:
    return base64.b64encode(zlib.compress(msgspec.json.encode(value))).decode()


def _unpack(packed: str) -> Any:
    content = base64.b64decode(packed)
    return msgspec.json.decode((lzma if content.startswith(_LZMA) else zlib).decompress(content))
