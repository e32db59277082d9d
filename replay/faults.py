"""What goes wrong in a served cloud because its keeper wants it: how it is said, and what is set."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import asdict, replace
from fnmatch import fnmatchcase
from typing import Annotated, Any, Final, Literal

import msgspec

from localcloud.cloud import LocalCloud
from localcloud.door.faults import Fault, FunctionFault, Kind
from localcloud.ground.models import known_services, model
from localcloud.services.lattice import Kind as Settling
from localcloud.services.lattice import Phase

type Count = Annotated[int, msgspec.Meta(ge=0)]
type Times = Annotated[int, msgspec.Meta(ge=1)] | None
type Chance = Annotated[float, msgspec.Meta(ge=0, le=1)]
type Seconds = Annotated[float, msgspec.Meta(ge=0)]

SHARE: Final = "share-association"


class OfCalls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fault of calls (localcloud.door.faults.Fault); `times` None: for ever."""

    fault: Kind
    service: str = "*"
    operation: str = "*"
    account: str = "*"
    role: str = "*"
    skip: Count = 0
    times: Times = 1
    chance: Chance = 1.0
    seconds: Seconds = 5.0


class OfFunctions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A function that ends before its time (FunctionFault); `function` may be the last word of its name."""

    fault: Literal["die", "timeout"]
    function: str
    at_call: Count = 0
    times: Times = 1


class OfStates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next `phase` of an object that ends in its failed state; `entity`: in a share, whose association."""

    of: Settling | Literal["share-association"]
    phase: Phase = "create"
    code: str = "Failed"
    message: str = "It failed on request."
    entity: str = ""


class Deliveries(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How events are delivered from now on (services.events.model.Delivery); what is not given is as usual."""

    duplicate: Chance = 0.0
    delay: Seconds = 0.0
    reorder: bool = False
    drop: Chance = 0.0


def break_calls(cloud: LocalCloud, given: OfCalls) -> dict[str, Any]:
    _check_names(given.service, given.operation)
    if not _is_pattern(given.account) and not (len(given.account) == 12 and given.account.isdecimal()):
        raise ValueError(f"{given.account!r} is no account; write its 12 digits")
    parts = msgspec.structs.asdict(given)
    cloud.faults.add(Fault(parts.pop("fault"), **parts))
    return {"seed": cloud.seed}


def break_function(cloud: LocalCloud, given: OfFunctions) -> dict[str, Any]:
    names = cloud.functions.names
    pattern = given.function if _fitting(given.function, names) else f"*-{given.function}"
    fitting = _fitting(pattern, names)
    if not fitting:
        there = f"there are {', '.join(names)}" if names else "none is deployed"
        raise ValueError(f"there is no function {given.function!r}; {there}")
    cloud.faults.add(FunctionFault(pattern, given.fault, given.at_call, given.times))
    return {"functions": fitting}


def break_state(cloud: LocalCloud, given: OfStates) -> dict[str, Any]:
    if given.of != SHARE:
        if given.entity:
            raise ValueError(f"an entity goes with {SHARE} only")
        if given.phase == "update" and given.of != "vpc-association":
            raise ValueError(f"a {given.of} is not updated by and by: only a vpc-association is")
        cloud.lattice.fail_next(given.of, given.code, given.message, given.phase)
    elif not given.entity:
        raise ValueError(f"{SHARE} needs an entity: whose association is to fail, as the principal or the ARN in it")
    elif given.phase != "create":
        raise ValueError(f"a {SHARE} can only fail to come about")
    else:
        cloud.ram.failing.setdefault(given.entity, []).append(given.message)
    return {}


def deliver(cloud: LocalCloud, given: Deliveries) -> dict[str, Any]:
    cloud.events.delivery = replace(cloud.events.delivery, **msgspec.structs.asdict(given))
    return _delivery(cloud)


def standing(cloud: LocalCloud) -> dict[str, Any]:
    """All that is set, and how often each fault has struck."""
    calls: list[dict[str, Any]] = []
    functions: list[dict[str, Any]] = []
    for fault, struck in cloud.faults.set:
        (calls if isinstance(fault, Fault) else functions).append({**asdict(fault), "struck": struck})
    failures = [
        {"of": kind, "phase": phase, "code": failure.code, "message": failure.message, "entity": ""}
        for kind, phase, failure in cloud.lattice.failures
    ]
    failures += [
        {"of": SHARE, "phase": "create", "code": "", "message": message, "entity": entity}
        for entity, waiting in cloud.ram.failing.items()
        for message in waiting
    ]
    return {
        "seed": cloud.seed,
        "calls": calls,
        "functions": functions,
        "failures": failures,
        "delivery": _delivery(cloud),
    }


def clear(cloud: LocalCloud) -> dict[str, Any]:
    """Nothing goes wrong any more; what has gone wrong stays so."""
    cloud.faults.clear()
    cloud.lattice.forget_failures()
    cloud.ram.failing.clear()
    deliver(cloud, Deliveries())
    return standing(cloud)


def _delivery(cloud: LocalCloud) -> dict[str, Any]:
    return {name: value for name, value in asdict(cloud.events.delivery).items() if name != "latency"}


def _fitting(pattern: str, names: Collection[str]) -> list[str]:
    return [name for name in names if fnmatchcase(name, pattern)]


def _check_names(service: str, operation: str) -> None:
    """A fault of a call that does not exist would wait for ever, and nobody would know why."""
    if _is_pattern(service):
        return
    if service not in known_services():
        raise ValueError(f"there is no service {service!r}{_meant(service, known_services())}")
    operations = model(service).operation_names
    if not _is_pattern(operation) and operation not in operations:
        raise ValueError(f"{service} has no operation {operation!r}{_meant(operation, operations)}")


def _is_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _meant(word: str, words: Collection[str]) -> str:
    near = [it for it in words if word.lower() in it.lower()] or difflib.get_close_matches(word, words, cutoff=0.5)
    return f"; did you mean {' or '.join(sorted(near)[:3])}?" if near else ""
