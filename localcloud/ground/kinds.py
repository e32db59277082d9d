"""A CloudFormation resource type: made, changed and removed by the ordinary API calls that AWS makes.

A type takes the properties that it knows; one that is left over is an error, so that a template's mistake is
not swallowed. Ref values and attributes: CloudFormation template reference. Each service has its types in
`kinds.py`; CloudFormation finds them here.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.ground.questions import Makes

LOCAL_BUCKET = "folder-on-this-machine"
"""In `S3Bucket` of code: then `S3Key` is the path of a local folder."""

LONGEST_WAIT = 3_600.0  # simulated seconds until a resource must be stable
type Properties = dict[str, Any]


class ResourceFailed(Exception):
    """A resource could not be made, changed or removed; the text says why."""


def lacking(name: str) -> str:
    """What CloudFormation has against a resource that lacks a property which its type demands."""
    return f"#: required key [{name}] not found"


def invalid(logical: str, *faults: str) -> str:
    """What CloudFormation says of a resource whose properties its type does not take."""
    return f"Properties validation failed for resource {logical} with message: {', '.join(faults)}"


@dataclass
class Made:
    """What came of a resource: `id` is what Ref answers (the physical id), `attributes` what GetAtt does."""

    id: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Work:
    """One resource to be made or changed. `old` is what it was, None when it is made.

    `begun` is set once something is there that must go again if the rest fails.
    """

    cloud: Makes
    account: str
    region: str
    client: Callable[[str], Any]
    stack: str
    logical: str
    properties: Properties
    stack_tags: dict[str, str]
    old_stack_tags: dict[str, str] = field(default_factory=dict)
    old: Made | None = None
    old_properties: Properties = field(default_factory=dict)
    begun: Made | None = None

    def take(self, name: str, *, default: Any = None) -> Any:
        """A property, which is then no longer left over."""
        return self.properties.pop(name, default)

    def take_some(self, *names: str) -> Properties:
        """Those of the properties that are given."""
        return {name: self.properties.pop(name) for name in names if name in self.properties}

    def require(self, name: str) -> Any:
        """A property that cannot be done without: ResourceFailed."""
        if name not in self.properties:
            raise ResourceFailed(invalid(self.logical, lacking(name)))
        return self.properties.pop(name)

    def name(self, given: str | None, longest: int = 64) -> str:
        """The given name, the one it had, or a generated one."""
        if given:
            return given
        if self.old is not None:
            return self.old.attributes.get("Name_") or self.old.id
        letters = "".join(self.cloud.random_ids.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(12))
        room = longest - len(letters) - 2 - min(len(self.logical), longest // 2)
        return f"{self.stack[:room]}-{self.logical[: longest // 2]}-{letters}"

    def tags(self) -> dict[str, str]:
        """The resource's tags and those of its stack."""
        given = self.take("Tags") or {}
        if isinstance(given, list):
            given = {tag["Key"]: tag["Value"] for tag in given}
        return {**self.stack_tags, **{key: str(value) for key, value in given.items()}}

    def tag_list(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        return [{key: name, value: text} for name, text in self.tags().items()]

    def wait(self, is_stable: Callable[[], bool]) -> None:
        """Let simulated time pass until the resource is stable: ResourceFailed after an hour."""
        end = self.cloud.clock.now + LONGEST_WAIT
        while not is_stable():
            due = self.cloud.clock.next_due()
            if due is None or due.at > end:
                raise ResourceFailed(f"{self.logical} did not stabilize")
            self.cloud.clock.step()


type Make = Callable[[Work], Made]
type Remove = Callable[[Work], None]
type Read = Callable[[Work], Properties]
"""The properties that can be read of what is there, in the template's form; the service's error where it is gone."""


@dataclass(frozen=True)
class Kind:
    """A resource type. `replaces`: the properties that cannot be changed in place; None: none of them can.

    `requires`: those that must be given, as CloudFormation's registry has them.
    `Config.Port` is what stands under `Port` in the property `Config`. `read`: None where drift is not detected here.
    """

    type: str
    make: Make
    remove: Remove
    attributes: frozenset[str]
    replaces: frozenset[str] | None
    requires: tuple[str, ...] = ()
    read: Read | None = None


class Kinds(Mapping[str, Kind]):
    """The types that are known, by name.

    `homes` says which module has the types of a namespace (`AWS::SQS`); it is read when a type of it is first
    asked for, so that a template costs only what it names.
    """

    def __init__(self) -> None:
        self.homes: dict[str, str] = {}
        self._known: dict[str, Kind] = {}

    def add(self, kind: Kind) -> None:
        self._known[kind.type] = kind

    def __getitem__(self, type_name: str) -> Kind:
        home = self.homes.get(type_name.rpartition("::")[0])
        if home is not None:
            importlib.import_module(home)
        return self._known[type_name]

    def __iter__(self) -> Iterator[str]:
        for home in self.homes.values():
            importlib.import_module(home)
        return iter(self._known)

    def __len__(self) -> int:
        return len(list(iter(self)))


KINDS = Kinds()


def kind(
    type_name: str,
    remove: Remove,
    *,
    attributes: Iterable[str] = (),
    replaces: Iterable[str] | None = (),
    requires: Iterable[str] = (),
    read: Read | None = None,
) -> Callable[[Make], Make]:
    """Register the function that makes and changes a type."""

    def register(make: Make) -> Make:
        fixed = None if replaces is None else frozenset(replaces)
        KINDS.add(Kind(type_name, make, remove, frozenset(attributes), fixed, tuple(requires), read))
        return make

    return register


def nothing(_: Work) -> None:
    """Nothing to remove: it goes with what it belongs to."""


def as_json(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def as_policy(document: Any) -> str:
    """A policy of IAM. moto refuses one without a Version, which AWS takes (SAM's policy templates have none)."""
    if isinstance(document, Mapping) and "Version" not in document:
        document = {"Version": "2012-10-17", **document}
    return as_json(document)


class Gone(Exception):
    """What was to be read is not there any more."""


def picked(found: Mapping[str, Any], *names: str) -> Properties:
    """Those of the names that stand there."""
    return {name: found[name] for name in names if name in found}


def camel_case(value: Any) -> Any:
    """CloudFormation's property names as the camelCase of newer APIs."""
    if isinstance(value, Mapping):
        return {key[:1].lower() + key[1:]: camel_case(one) for key, one in value.items()}
    if isinstance(value, list):
        return [camel_case(one) for one in value]
    return value


def fitted(value: Any, shape: Any) -> Any:
    """A value as botocore takes it for a shape: templates write numbers and truth values as texts, too."""
    if isinstance(value, Mapping) and shape.type_name == "structure":
        members = shape.members
        return {name: fitted(one, members[name]) if name in members else one for name, one in value.items()}
    if isinstance(value, list) and shape.type_name == "list":
        return [fitted(one, shape.member) for one in value]
    if isinstance(value, str) and shape.type_name in ("integer", "long") and re.fullmatch(r"-?\d+", value):
        return int(value)
    if isinstance(value, str) and shape.type_name == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def there(work: Work) -> Made:
    if work.old is None:
        raise ResourceFailed(f"{work.logical} is not there")
    return work.old


def retag(work: Work, put: Callable[[dict[str, str]], Any], drop: Callable[[list[str]], Any]) -> None:
    """Bring the tags of a resource that is changed in line."""
    was = {"properties": dict(work.old_properties), "stack_tags": work.old_stack_tags}
    before = Work(**{**work.__dict__, **was}).tags()
    after = work.tags()
    if gone := [key for key in before if key not in after]:
        drop(gone)
    if changed := {key: value for key, value in after.items() if before.get(key) != value}:
        put(changed)


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
