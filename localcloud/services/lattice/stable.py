"""How CloudFormation makes, awaits and retags what Lattice has, by Lattice's own API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.ground.kinds import Made, ResourceFailed, Work, camel_case, fitted, retag

type Read = Callable[[], dict[str, Any]]
"""Asks Lattice what something is now."""


def given(work: Work, operation: str, *names: str) -> dict[str, Any]:
    """Those of the properties that are given, as the operation's parameters."""
    shape = work.client("vpc-lattice").meta.service_model.operation_model(operation).input_shape
    found: dict[str, Any] = fitted(camel_case(work.take_some(*names)), shape)
    return found


def begun(work: Work, answer: dict[str, Any]) -> str:
    """The ARN of what a creation answered, which has to go again if it does not become ACTIVE."""
    work.begun = Made(answer["arn"])
    return work.begun.id


def waited(work: Work, read: Read, what: str) -> dict[str, Any]:
    """What is read once it has come to rest; ResourceFailed where that is no ACTIVE."""
    work.wait(lambda: not read()["status"].endswith("_IN_PROGRESS"))
    answer = read()
    if answer["status"] != "ACTIVE":
        reason = answer.get("failureReason") or answer.get("failureMessage")
        raise ResourceFailed(f"{work.logical}: {what} is {answer['status']}: {reason}")
    return answer


def gone(work: Work, read: Read) -> None:
    """Let time pass until Lattice does not know it any more."""
    lattice = work.client("vpc-lattice")

    def is_gone() -> bool:
        try:
            read()
        except lattice.exceptions.ResourceNotFoundException:
            return True
        return False

    work.wait(is_gone)


def retagged(work: Work, arn: str) -> None:
    """Bring its tags in line."""
    lattice = work.client("vpc-lattice")
    retag(
        work,
        lambda tags: lattice.tag_resource(resourceArn=arn, tags=tags),
        lambda keys: lattice.untag_resource(resourceArn=arn, tagKeys=keys),
    )


def attributes(answer: dict[str, Any], *names: str) -> dict[str, Any]:
    """What GetAtt answers: members of an answer, `DnsEntry.DomainName` of one that holds others; moments as texts."""
    found = {}
    for name in names:
        value: Any = answer
        for part in name.split("."):
            value = value.get(part[:1].lower() + part[1:]) if isinstance(value, dict) else None
        if value is not None:
            found[name] = value.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if hasattr(value, "strftime") else value
    return found
