"""A stack, its resources, and the change that waits to be executed; a stack set with its instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from localcloud.ground.errors import AwsError
from localcloud.ground.kinds import Made

type Template = dict[str, Any]

UPDATABLE = ("CREATE_COMPLETE", "CREATE_FAILED", "UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE")
"""A stack that was rolled back when it was made can only be deleted (the guide, "Stack status codes")."""


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
    keep: str = ""
    """Its DeletionPolicy, or its UpdateReplacePolicy once another took its place."""


class Drift(NamedTuple):
    """How a resource stands to what was deployed, in CloudFormation's words. `actual`: what was read of it."""

    status: str
    actual: dict[str, Any]


@dataclass
class ChangeSet:
    """A change that waits to be executed. `drifts`: of each resource, in a change set that reverts drift; else None."""

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
    drifts: dict[str, Drift] | None = None


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
    imports: set[str] = field(default_factory=set)
    """The exports of other stacks that its template reads."""
    unfinished: Callable[[Sequence[str]], None] | None = None
    """How a rollback that failed is gone on with, given the resources to leave out."""

    def refuse_update(self) -> None:
        """AwsError unless its last operation ended in a state from which there is a way on."""
        if self.status not in UPDATABLE:
            text = f"Stack:{self.id} is in {self.status} state and can not be updated."
            raise AwsError("ValidationError", text)


@dataclass(frozen=True)
class Change:
    """What a change set says of a resource. `replaces` is '' for what is added or removed. `properties`: as they will
    be, where they differ from what is there.
    """

    action: str
    logical: str
    type: str
    replaces: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Instance:
    """A stack set's stack in one account, and how the last operation ended there."""

    account: str
    unit: str
    stack: str
    overrides: dict[str, str] = field(default_factory=dict)
    stack_id: str = ""
    status: str = "OUTDATED"
    detailed: str = "PENDING"
    reason: str = ""
    operation: str = ""


@dataclass
class Operation:
    """What was done to the accounts of a stack set: `results` by account, status and reason."""

    id: str
    action: str
    at: float
    asked: dict[str, Any]
    status: str = "SUCCEEDED"
    results: dict[str, tuple[str, str, str]] = field(default_factory=dict)


@dataclass
class StackSet:
    """A stack set: what is to stand in each account, and what stands there."""

    name: str
    id: str
    home: str
    text: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    said: dict[str, Any]
    """Description, AutoDeployment and ManagedExecution as they were sent."""
    units: set[str] = field(default_factory=set)
    instances: dict[str, Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def follows(self) -> Mapping[str, Any]:
        return self.said.get("AutoDeployment") or {}
