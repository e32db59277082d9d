"""What a service is to the door: a name, and an answer to each of its operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated
from localcloud.ground.needs import Requirement

Params = dict[str, Any]

type Operations[Held] = Mapping[str, Callable[[Held, Params, Caller], Params]]
"""A service's operations by name: each a function of what the service holds, the parameters and the caller."""


@runtime_checkable
class Service(Protocol):
    """A service that the local cloud answers itself."""

    def handle(self, operation: str, params: Params, caller: Caller) -> Params:
        """Gets parameters under the model's member names, already valid by the model.

        Answers a value of the output shape, or raises AwsError.
        """
        ...


@runtime_checkable
class Partly(Service, Protocol):
    """One that takes these operations only; the rest goes to moto."""

    operations: ClassVar[frozenset[str]]


@runtime_checkable
class Authorises(Service, Protocol):
    """One that says itself what IAM must allow, since only it knows whose its things are."""

    def authorisation(self, operation: str, params: Params, caller: Caller) -> list[Requirement]:
        """(action, resource ARN, condition keys) of each thing that must be allowed."""
        ...


def answer[Held](
    service: str, operations: Operations[Held], held: Held, operation: str, params: Params, caller: Caller
) -> Params:
    """Let the operation's function answer; NotEmulated where the service has none."""
    function = operations.get(operation)
    if function is None:
        raise NotEmulated(service, operation)
    return function(held, params, caller)
