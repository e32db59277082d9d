"""What CloudFormation's registry says of the types that are known here: which properties they take, and of what form.

registry.json is the registry's schemas, as cfn-lint hands them on with what services' own models add, without what says
nothing of one value alone (`python -m tests.localcloud.services.registered` writes it).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

type Schema = Mapping[str, Any]


@functools.cache
def schemas() -> Mapping[str, Schema]:
    """Of each type its schema, by its name."""
    found: Mapping[str, Schema] = json.loads((Path(__file__).parent / "registry.json").read_text(encoding="utf-8"))
    return found


def faults(type_name: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """What CloudFormation has against the properties, in its words; nothing of a type that the registry lacks."""
    schema = schemas().get(type_name)
    if schema is not None:
        yield from _faults(properties, schema, schema, "#")


TAGS, LONGEST_KEY, LONGEST_VALUE = 50, 128, 256
"""Of one resource (AWS's guide to tagging): tags, its stack's among them, and characters of a key and of a value."""

_NOT_IN_TAGS = re.compile(r"[^\w\s.:/=+\-@]")
"""What is no letter, digit, space or one of these signs. EC2 takes more; what keeps to them is taken anywhere."""


def tag_faults(tags: Any, of_the_stack: Mapping[str, str]) -> Iterator[str]:
    """What some service of AWS has against a resource's tags, whichever way its type writes them.

    Where services differ it is refused here: what passes is deployed on AWS as well.
    """
    if isinstance(tags, list):
        pairs = [(str(tag.get("Key")), _text(tag.get("Value", ""))) for tag in tags if isinstance(tag, Mapping)]
    else:
        pairs = [(str(key), _text(value)) for key, value in (tags or {}).items()]
    keys = [key for key, _ in pairs]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        yield f"Duplicate tag keys found: {', '.join(twice)}. Please note that Tag keys are case-sensitive."
    if (many := len({*keys, *of_the_stack})) > TAGS:
        yield f"#/Tags: {many} tags with the stack's, of at most {TAGS}"
    for key, value in pairs:
        if key.lower().startswith("aws:"):
            yield f"aws: prefixed tag key names are not allowed for external use: {key}"
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            yield f"#/Tags: {key}: keys have 1 to {LONGEST_KEY} characters, values at most {LONGEST_VALUE}"
        if _NOT_IN_TAGS.search(key + value):
            yield f"#/Tags: {key}: letters, digits, spaces and _ . : / = + - @ may stand in a tag"


def _faults(value: Any, schema: Schema, whole: Schema, where: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _faults(value, _referred(schema["$ref"], whole), whole, where)
        return
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is_of(value, kind) for kind in kinds):
        yield f"{where}: expected type: {'/'.join(kinds)}, found: {_kind(value)}"
        return
    for keyword, holds in _HOLDS.items():
        if keyword in schema and not holds(value, schema[keyword]):
            yield f"{where}: failed validation constraint for keyword [{keyword}]"
    if isinstance(value, Mapping):
        yield from _of_object(value, schema, whole, where)
    elif isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _faults(item, schema["items"], whole, f"{where}/{number}")


def _of_object(value: Mapping[str, Any], schema: Schema, whole: Schema, where: str) -> Iterator[str]:
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{where}: required key [{key}] not found"
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, item in value.items():
        if key in known:
            yield from _faults(item, known[key], whole, f"{where}/{key}")
            continue
        fitting = [one for pattern, one in patterns.items() if _pattern(pattern)(key)]
        for one in fitting:
            yield from _faults(item, one, whole, f"{where}/{key}")
        if not fitting and schema.get("additionalProperties") is False and (known or patterns):
            yield f"{where}: extraneous key [{key}] is not permitted"


def _referred(path: str, whole: Schema) -> Schema:
    found: Any = whole
    for key in path.removeprefix("#/").split("/"):
        found = found[key]
    referred: Schema = found
    return referred


def _is_of(value: Any, kind: str) -> bool:
    """CloudFormation takes numbers and truth values for texts, and their texts for them."""
    match kind:
        case "string":
            return isinstance(value, str | int | float)
        case "integer":
            return not isinstance(value, bool) and re.fullmatch(r"-?\d+(\.0+)?", str(value)) is not None
        case "number":
            return not isinstance(value, bool) and _number(value) is not None
        case "boolean":
            return str(value).lower() in ("true", "false")
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, Mapping)


def _kind(value: Any) -> str:
    return {dict: "JSONObject", list: "JSONArray", bool: "Boolean", str: "String"}.get(type(value), "Number")


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_long(value: Any) -> int | None:
    """How long a text is, with what is a text to CloudFormation; None of what is none."""
    return len(_text(value)) if isinstance(value, str | int | float) else None


def _many(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def _at_least(measure: Callable[[Any], float | None]) -> Callable[[Any, float], bool]:
    return lambda value, least: (found := measure(value)) is None or found >= least


def _at_most(measure: Callable[[Any], float | None]) -> Callable[[Any, float], bool]:
    return lambda value, most: (found := measure(value)) is None or found <= most


def _differ(value: Any, wanted: bool) -> bool:  # noqa: FBT001 - the schema's own word
    if not wanted or not isinstance(value, list):
        return True
    texts = [json.dumps(one, sort_keys=True) for one in value]
    return len(set(texts)) == len(texts)


_SPACES = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


@functools.cache
def _pattern(pattern: str) -> Callable[[str], Any]:
    """Whether a text fits an expression of Java's; one that cannot be read refuses nothing."""
    known = pattern.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\w").replace(r"\p{Z}", _SPACES)
    try:
        return re.compile(known).search
    except re.error:
        return lambda _: True


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "enum": lambda value, allowed: isinstance(value, dict | list) or _text(value) in map(_text, allowed),
    "pattern": lambda value, pattern: _is_long(value) is None or bool(_pattern(pattern)(_text(value))),
    "minLength": _at_least(_is_long),
    "maxLength": _at_most(_is_long),
    "minimum": _at_least(_number),
    "maximum": _at_most(_number),
    "minItems": _at_least(_many),
    "maxItems": _at_most(_many),
    "uniqueItems": _differ,
}
