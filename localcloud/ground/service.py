"""What a service is to the door: a name, and an answer to each of its operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from localcloud.ground.caller import Caller
from localcloud.ground.errors import NotEmulated

Params = dict[str, Any]

type Operations[Held] = Mapping[str, Callable[[Held, Params, Caller], Params]]
"""A service's operations by name: each a function of what the service holds, the parameters and the caller."""


class Service(Protocol):
    """A service, or some operations of it, that the local cloud answers itself.

    `name` is botocore's name of the service. `handle` gets parameters under the model's member names, already
    valid by the model, and answers a value of the output shape or raises AwsError. Two attributes are looked
    for and need not exist: `operations`, the set of operations that it takes (all, when absent; the rest goes
    to moto), and `authorisation(operation, params, caller)`, a list of (action, resource ARN, context) that
    IAM must allow.
    """

    name: ClassVar[str]

    def handle(self, operation: str, params: Params, caller: Caller) -> Params: ...


def answer[Held](
    service: str, operations: Operations[Held], held: Held, operation: str, params: Params, caller: Caller
) -> Params:
    """Let the operation's function answer; NotEmulated where the service has none."""
    function = operations.get(operation)
    if function is None:
        raise NotEmulated(service, operation)
    return function(held, params, caller)
