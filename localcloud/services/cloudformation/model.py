"""A stack, its resources, and the change that waits to be executed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from localcloud.ground.kinds import Made

type Template = dict[str, Any]


class TemplateError(ValueError):
    """A template or its parameters that CloudFormation would not take; the text says what and where."""


class StackFailed(RuntimeError):
    """A deployment that did not come to its end; the text says which resource failed and why."""


@dataclass
class Resource:
    """A resource of a stack as it was made; `properties` are worked out."""

    logical: str
    type: str
    made: Made
    properties: dict[str, Any]
    status: str
    at: float
    keep: bool = False


@dataclass
class ChangeSet:
    """A change that waits to be executed."""

    id: str
    name: str
    template: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    changes: list[Change]
    status: str
    reason: str
    at: float
    creates: bool
    description: str = ""
    role: str = ""
    execution: str = "AVAILABLE"


@dataclass
class Stack:
    """A stack. `text` is the template as it was given, `template` after the transform."""

    id: str
    name: str
    account: str
    region: str
    created: float
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    updated: float | None = None
    deleted: float | None = None
    text: str = ""
    template: Template = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    role: str = ""
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    protected: bool = False


@dataclass(frozen=True)
class Change:
    """What a change set says of a resource. `replaces` is '' for what is added or removed."""

    action: str
    logical: str
    type: str
    replaces: str = ""
