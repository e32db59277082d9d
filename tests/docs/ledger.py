"""The ledger of the services that are the local cloud's own, read out of its code: `python -m tests.docs.ledger`.

What stands in a cell is found in what an operation's function calls, itself or by others of its module; nothing is
written by hand, and what is not found is not claimed.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from botocore import xform_name

from localcloud import cloud as cloud_module  # says where the types are
from localcloud.cloud import LocalCloud
from localcloud.door import not_emulated
from localcloud.door.authorise import requirements
from localcloud.door.call import is_mutating
from localcloud.ground import models
from localcloud.ground.caller import Caller
from localcloud.services import cloudtrail, lattice, ram, tagging
from replay.story import ROOT

ACCOUNT, REGION = "111111111111", "ap-northeast-1"
A_SERVICE = f"arn:aws:vpc-lattice:{REGION}:{ACCOUNT}:service/svc-0123456789abcdef0"
PREFIXES = {"vpc-lattice": "vpc-lattice", "ram": "ram", "resourcegroupstaggingapi": "tag"}
"""botocore's name -> that of the actions."""

PAGE = ROOT / "docs" / "ledger.md"
CONFORMANCE = ROOT / "tests" / "conformance"

SERVICES: dict[str, tuple[str, dict[str, Any]]] = {
    "vpc-lattice": ("lattice", dict(lattice.OPERATIONS)),
    "ram": ("ram", dict(ram.OPERATIONS)),
    "resourcegroupstaggingapi": ("tagging", dict(tagging.OPERATIONS)),
}
"""botocore's name -> our package, and what it answers."""

# What is called, and the error that it raises. Every operation is held to its model (ValidationException or the like),
# and to injected faults (throttling, an error of the service's own, a lost answer, a delay).
_RAISES = {
    "not_found": "NotFound",
    "owned": "NotFound Denied",
    "usable": "NotFound Denied",
    "association": "NotFound Denied",
    "denied": "Denied",
    "conflict": "Conflict",
    "taken": "Conflict",
    "unsettled": "Conflict",
    "in_use": "Conflict",
    "demand_room": "Quota",
    "unknown": "NotFound",
    "share": "NotFound",
    "own": "NotFound NotPermitted",
    "own_active": "NotFound NotPermitted State",
    "permission": "NotFound",
    "own_permission": "NotFound NotPermitted",
    "not_permitted": "NotPermitted",
    "organisation_only": "NotPermitted",
    "transition": "State",
    "limit": "Quota",
    "tag_limit": "Quota",
    "permission_limit": "Quota",
    "permission_versions_limit": "Quota",
    "invitation": "NotFound",
    "answered": "State",
    "no_resource": "NotFound",
    "permission_exists": "Conflict",
    "_demand_management": "NotPermitted",
}
_TIMES = {"begin": "settles", "begin_creation": "settles", "after": "settles", "join": "settles", "part": "settles"}
_ACCOUNTS = {
    "usable": "owner, whom it is shared with",
    "association": "both sides",
    "shared_with": "owner, whom it is shared with",
    "visible": "owner, whom it is shared with",
    "consumed": "owner, whom it is shared with",
    "invitation": "whoever is invited",
    "owned": "owner",
    "own": "owner",
    "own_active": "owner",
    "own_permission": "owner",
    "_demand_management": "management account",
}


class Row(NamedTuple):
    operation: str
    answered: str
    wire: str
    errors: str
    time: str
    accounts: str
    permissions: str
    events: str
    types: str
    tried: int


@functools.cache
def rows(service: str) -> tuple[Row, ...]:
    """A row for each operation that botocore knows."""
    package, answered = SERVICES[service]
    asked = _permissions(service)
    types = _types(package)
    tests = [path.read_text() for path in sorted(CONFORMANCE.glob("test_*.py"))]
    found = []
    for name in sorted(models.model(service).operation_names):
        function = answered.get(name)
        called = set(_called(function)) if function is not None else set()
        method = xform_name(name)
        word = re.compile(rf"\b{method}\b|\b{name}\b")
        found.append(
            Row(
                name,
                "yes" if function is not None else "no",
                _wire(service, name),
                _cell(called, _RAISES),
                "settles" if called & _TIMES.keys() else "at once",
                _first(called, _ACCOUNTS) or "any",
                asked[name],
                _events(service, name, called),
                ", ".join(sorted(kind for kind, text in types.items() if re.search(rf"\.{method}\b", text))) or "-",
                sum(bool(word.search(text)) for text in tests),
            )
        )
    return tuple(found)


def _wire(service: str, operation: str) -> str:
    """As botocore sends it, which the door reads back."""
    model = models.operation_model(service, operation)
    rest = model.service_model.protocol == "rest-json"
    path = re.sub(r"\{(\w+)\}", "…", model.http["requestUri"]) if rest else ""
    return f"{model.http['method']} {path}" if rest else f"JSON {operation}"


def _permissions(service: str) -> dict[str, str]:
    """What the door asks IAM of a call that gives every parameter, made by a role; the service's own without prefix."""
    role = Caller(ACCOUNT, REGION, f"arn:aws:sts::{ACCOUNT}:assumed-role/role/asks", role="role", session="asks")
    found = {}
    with LocalCloud() as cloud:
        for name in models.model(service).operation_names:
            shape = models.operation_model(service, name).input_shape
            params = sample(shape) if shape is not None else {}
            actions = dict.fromkeys(action for action, _, _ in requirements(service, name, params, role, cloud))
            found[name] = " ".join(one.removeprefix(f"{PREFIXES[service]}:") for one in actions) or "-"
    return found


def sample(shape: Any, name: str = "") -> Any:
    """A value of a shape with all its members; of a union the first one."""
    match shape.type_name:
        case "structure":
            members = list(shape.members.items())
            union = getattr(shape, "is_tagged_union", False)
            return {key: sample(inner, key) for key, inner in (members[:1] if union else members)}
        case "list":
            return [sample(shape.member, name)]
        case "map":
            return {"key": sample(shape.value)}
        case "string" if shape.enum:
            return shape.enum[0]
        case "string":
            return A_SERVICE if "ARN" in name else "x" * max(int(shape.metadata.get("min", 1)), 1)
        case "boolean":
            return True
        case "integer" | "long" | "float" | "double":
            return max(int(shape.metadata.get("min", 1)), 1)
    return None


TRAIL = "CloudTrail"
ASKED = "CloudTrail, if asked for"


def _cell(called: set[str], words: dict[str, str]) -> str:
    found = {word for name in called & words.keys() for word in words[name].split()}
    return " ".join(sorted(found)) or "-"


def _first(called: set[str], words: dict[str, str]) -> str:
    return next((text for name, text in words.items() if name in called), "")


def _events(service: str, operation: str, called: set[str]) -> str:
    told = [TRAIL if is_mutating(operation) else ASKED] if service in cloudtrail.SOURCES else []
    if called & {"announce", "announce_read"}:
        told.append("the other account")
    if operation in ("TagResource", "UntagResource", "TagResources", "UntagResources") and service != "ram":
        told.append("aws.tag")
    if service == "ram" and called & {"join", "part", "accepted", "tell"}:
        told.append("aws.ram")
    return ", ".join(told) or "-"


def _types(package: str) -> dict[str, str]:
    """CloudFormation type -> the text of the functions that make and remove it."""
    room = ROOT / "localcloud" / "services" / package
    functions: dict[str, str] = {}
    made: list[tuple[str, str]] = []
    for file in (*sorted(room.glob("*kinds.py")), *room.glob("stable.py")):
        text = file.read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                functions[node.name] = ast.get_source_segment(text, node) or ""
                given = "".join(ast.get_source_segment(text, one) or "" for one in node.decorator_list)
                if kind := re.search(r'"AWS::[^"]+::([^"]+)"', given):
                    made.append((kind[1], given + functions[node.name]))
    found = {}
    for name, own in made:
        helpers = "".join(body for called, body in functions.items() if re.search(rf"\b{called}\b", own))
        found[name] = own + helpers
    return found


def _called(function: Callable[..., Any], seen: set[str] | None = None) -> Iterator[str]:
    """The names of all that a function calls, followed into the functions of our own modules that it imports."""
    seen = set() if seen is None else seen
    module = inspect.getmodule(function)
    key = f"{module.__name__ if module else ''}.{getattr(function, '__name__', '')}"
    if key in seen or module is None or not inspect.isfunction(function):
        return
    seen.add(key)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Call) and not _of_a_text(node.func):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name
            inner = _found(module, node.func)
            if inner is not None and str(getattr(inner, "__module__", "")).startswith("localcloud.services"):
                yield from _called(inner, seen)


def _of_a_text(called: ast.expr) -> bool:
    """Whether it is a method of a text, as `", ".join`."""
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Constant)


def _found(module: ModuleType, called: ast.expr) -> Callable[..., Any] | None:
    if isinstance(called, ast.Name):
        return getattr(module, called.id, None)
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        holder = getattr(module, called.value.id, None)
        return getattr(holder, called.attr, None) if isinstance(holder, ModuleType) else None
    return None


def render() -> str:
    parts = [HEAD]
    for service in SERVICES:
        found = rows(service)
        count = sum(row.answered == "yes" for row in found)
        parts.append(f"## {service}: {count} of {len(found)}\n\n{COLUMNS}")
        parts.extend("| " + " | ".join(map(str, row)) + " |\n" for row in found)
        parts.append("\n")
    parts.append(TYPES)
    known: dict[str, list[str]] = {}
    for name in sorted(cloud_module.KINDS):
        namespace, _, short = name.removeprefix("AWS::").rpartition("::")
        known.setdefault(namespace, []).append(short)
    parts.extend(f"| {namespace} | {', '.join(names)} |\n" for namespace, names in known.items())
    parts.append(IDLE)
    for service in sorted({service for service, _ in not_emulated.ROWS}):
        told = [
            f"{operation} with {', '.join(row.members)}" if row.members else operation
            for (of, operation), row in not_emulated.ROWS.items()
            if of == service
        ]
        parts.append(f"| {service} | {'; '.join(told)} |\n")
    parts.append(f"| {', '.join(sorted(not_emulated.NOWHERE))} | all that is not read |\n")
    return "".join(parts).rstrip("\n") + "\n"


HEAD = """# What the local cloud answers, operation by operation

Made by `python -m tests.docs.ledger` out of the code; a test compares. It has the three services that the local cloud
answers by itself alone. Of the others [docs/local-cloud.md](local-cloud.md) tells what is put right on top of moto.

- **answered**: by the local cloud, in process and over HTTP through the same door; a no is told as
  `NotImplementedException`.
- **errors**: the refusals that the operation has by itself, by kind: NotFound, Denied, Conflict, Quota (of a limit),
  NotPermitted, State (not now). Besides, each call is held to botocore's model, to IAM, and to injected faults.
- **time**: `settles` where a status goes on changing, or an effect comes, with simulated time.
- **accounts**: who may, as far as the operation looks at it itself.
- **wire**: how it is sent; `…` is an identifier in the path.
- **permissions**: the actions that a role must be allowed where it gives every parameter, tags and certificate too, and
  is the account's first to call: the service's own without prefix, on the resources and with the condition keys of
  the Service Authorization Reference.
- **events**: what is told of it, to whom. `CloudTrail` where a trail of the account logs; of a call that only reads,
  `if asked for`: it comes only to a rule whose state is `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
- **CloudFormation**: the types of the service that use it; none of VPC Lattice's 14 and RAM's 6 is lacking, which a
  test holds to CloudFormation's registry; the tagging API has none. `-`: none of them uses it.
- **tried**: in how many files of `tests/conformance` it is met.

Where it is not established what AWS does, the answer is the one that costs nobody anything on AWS whichever way it is:
[docs/decisions.md](decisions.md) lists those.

"""
COLUMNS = (
    "| operation | answered | wire | errors | time | accounts | permissions | events | CloudFormation | tried |\n"
    "|---|---|---|---|---|---|---|---|---|---|\n"
)

TYPES = """## CloudFormation: the types that a template may name

Any other is `Unrecognized resource types`. SAM's own (`AWS::Serverless::...`) become these by its transform, as far as
these go. A property that a type does not know here fails the deployment. A nested stack (`AWS::CloudFormation::Stack`)
is refused, with what to do instead: its template is deployed as a stack of its own, and its outputs are handed on. A
stack set's groups may change in all they say, the filter of their accounts too.

| namespace | types |
|---|---|
"""

IDLE = """
## Refused by name, since nothing would come of it

`NotImplementedException`, where moto would keep it and answer with success. Besides: a topic's subscriber by another
protocol than `sqs`, `lambda` or `email`, an alarm's action that is no topic, a schedule's or rule's target that is not
called here, access logs of a load balancer; and of every service without a room under `localcloud/services`, what bids
it run, start, submit, invoke, execute, send or detect something, or hands it a role, function, queue, topic, state
machine or bus.

| service | operations |
|---|---|
"""

if __name__ == "__main__":
    importlib.invalidate_caches()
    Path(PAGE).write_text(render(), encoding="utf-8")
