"""One way of a stack from what it is to what a template says, and back when it fails."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

import botocore.exceptions

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.kinds import KINDS, Kind, ResourceFailed, Work, invalid, lacking
from localcloud.services.cloudformation import registry
from localcloud.services.cloudformation.check import check
from localcloud.services.cloudformation.estate import Estate
from localcloud.services.cloudformation.model import Resource, Stack, Template, TemplateError
from localcloud.services.cloudformation.order import in_order
from localcloud.services.cloudformation.parameters import fit_parameters
from localcloud.services.cloudformation.read import read
from localcloud.services.cloudformation.sam import SAM, translate
from localcloud.services.cloudformation.scope import Scope, scope_of


class _Deployment:
    """One way of a stack from what it is to what a template says."""

    def __init__(
        self,
        estate: Estate,
        stack: Stack,
        template: Template,
        parameters: Mapping[str, str],
        tags: dict[str, str],
        caller: Caller,
    ) -> None:
        self.estate = estate
        self.cloud = estate.cloud
        self.stack = stack
        self.template = template
        self.parameters = parameters
        self.tags = tags
        self.caller = caller
        self._clients: dict[str, Any] = {}
        self._before = dict(stack.resources)
        self._outputs = list(stack.outputs)
        self._replaced: list[Resource] = []
        self._changed: list[str] = []

    def go(self) -> None:
        """Make and change what the template names, then remove what it no longer does: ResourceFailed."""
        scope = scope_of(self.estate, self.stack, self.template, self.parameters)
        for name, resource in self.stack.resources.items():
            scope.values[name] = resource.made.id
        wanted = wanted_by(self.template, scope)
        for name in list(scope.values):
            if name in self._before and name not in wanted:
                del scope.values[name]
        for name in in_order(self.template["Resources"]):
            if name in wanted:
                self._one(name, wanted[name], scope)
        self.stack.outputs = self._work_out(scope)
        for name in self._in_reverse([name for name in self._before if name not in wanted]):
            self._drop(self.stack.resources.pop(name))
        for replaced in reversed(self._replaced):
            self._drop(replaced)

    def _one(self, name: str, part: Mapping[str, Any], scope: Scope) -> None:
        try:
            properties = scope.resolve(part.get("Properties") or {})
        except TemplateError as error:
            raise ResourceFailed(f"{name}: {error}") from error
        kind, old = KINDS[part["Type"]], self.stack.resources.get(name)
        if old is not None and (old.properties, old.type) == (properties, kind.type) and self.tags == self.stack.tags:
            return
        replace = old is not None and is_replaced(kind, old, properties)
        word = "CREATE" if old is None or replace else "UPDATE"
        self.estate.note(self.stack, f"{word}_IN_PROGRESS", logical=name, kind=kind.type, resource=old)
        work = self._work(name, properties, None if replace else old)
        try:
            if missing := [key for key in kind.requires if key not in work.properties]:
                raise ResourceFailed(invalid(name, lacking(missing[0])))
            wrong = [
                *registry.faults(kind.type, properties),
                *registry.tag_faults(properties.get("Tags"), self.tags),
            ]
            if wrong:
                raise ResourceFailed(invalid(name, *wrong))
            made = kind.make(work)
            if work.properties:
                raise ResourceFailed(
                    f"{name}: Properties validation failed: {sorted(work.properties)} are not known here"
                )
        except (*_FAILURES,) as error:
            told = _told(name, kind, error)
            failed = old
            if work.begun is not None and work.old is None:
                failed = Resource(name, kind.type, work.begun, properties, f"{word}_FAILED", self.cloud.clock.now)
                self.stack.resources[name] = failed
                self._changed.append(name)
            self.estate.note(self.stack, f"{word}_FAILED", told, logical=name, kind=kind.type, resource=failed)
            raise ResourceFailed(told) from error
        keep = part.get("DeletionPolicy") in {"Retain", "RetainExceptOnCreate"}
        resource = Resource(name, kind.type, made, properties, f"{word}_COMPLETE", self.cloud.clock.now, keep)
        self.stack.resources[name] = resource
        self._changed.append(name)
        if replace and old is not None and old.made.id != made.id:
            old.keep = part.get("UpdateReplacePolicy") == "Retain"
            self._replaced.append(old)
        scope.values[name] = made.id
        self.estate.note(self.stack, f"{word}_COMPLETE", logical=name, kind=kind.type, resource=resource)

    def _work(self, name: str, properties: dict[str, Any], old: Resource | None) -> Work:
        return Work(
            cloud=self.cloud,
            account=self.stack.account,
            region=self.stack.region,
            client=self._client,
            stack=self.stack.name,
            logical=name,
            properties=copy.deepcopy(properties),
            stack_tags=self.tags,
            old=old.made if old else None,
            old_properties=copy.deepcopy(old.properties) if old else {},
        )

    def _client(self, service: str) -> Any:
        """As whoever deploys, or as the role that the stack was given."""
        if service not in self._clients:
            caller = self.caller
            if self.stack.role:
                account, role = self.stack.role.split(":")[4], self.stack.role.rpartition("/")[2]
                arn = f"arn:aws:sts::{account}:assumed-role/{role}/AWSCloudFormation"
                caller = Caller(account, self.stack.region, arn, role=role, session="AWSCloudFormation")
            self._clients[service] = self.cloud.client(service, caller.account, caller.role)
        return self._clients[service]

    def _drop(self, resource: Resource) -> None:
        """Remove a resource; one that is gone already is no failure."""
        kind = KINDS[resource.type]
        self.estate.note(self.stack, "DELETE_IN_PROGRESS", logical=resource.logical, kind=kind.type, resource=resource)
        if resource.keep:
            self.estate.note(self.stack, "DELETE_SKIPPED", logical=resource.logical, kind=kind.type, resource=resource)
            return
        work = self._work(resource.logical, resource.properties, resource)
        try:
            kind.remove(work)
        except (*_FAILURES,) as error:
            if not _is_gone(error):
                told = _told(resource.logical, kind, error)
                self.estate.note(
                    self.stack, "DELETE_FAILED", told, logical=resource.logical, kind=kind.type, resource=resource
                )
                raise ResourceFailed(told) from error
        self.estate.note(self.stack, "DELETE_COMPLETE", logical=resource.logical, kind=kind.type, resource=resource)

    def _in_reverse(self, names: Sequence[str]) -> list[str]:
        """In the order in which they can go: users before what they use (by the template that made them)."""
        template = self.stack.template or self.template
        parts = template.get("Resources") or {}
        order = in_order(parts) if parts else []
        return [name for name in reversed(order) if name in names] + [name for name in names if name not in order]

    def remove_all(self) -> list[str]:
        """Remove all resources; answers what failed."""
        failures = []
        for name in self._in_reverse(list(self.stack.resources)):
            try:
                self._drop(self.stack.resources[name])
            except ResourceFailed as failed:
                failures.append(str(failed))
            else:
                del self.stack.resources[name]
        return failures

    def undo(self) -> None:
        """Take back what `go` did before it failed."""
        for name in reversed(self._changed):
            now, old = self.stack.resources[name], self._before.get(name)
            try:
                if old is None or old.made.id != now.made.id:
                    self._drop(now)
                    self.stack.resources.pop(name)
                else:
                    KINDS[old.type].make(self._work(name, old.properties, now))
                if old is not None:
                    self.stack.resources[name] = old
            except (*_FAILURES,) as error:
                self.stack.reason += f"; and taking {name} back failed: {error}"
        self.stack.outputs = self._outputs

    def _work_out(self, scope: Scope) -> list[dict[str, str]]:
        """The outputs."""
        found = []
        for name, part in (self.template.get("Outputs") or {}).items():
            if part.get("Condition") and not scope.condition(part["Condition"]):
                continue
            try:
                output = {"OutputKey": name, "OutputValue": scope.text(part["Value"])}
                if part.get("Export"):
                    output["ExportName"] = scope.text(part["Export"]["Name"])
            except TemplateError as error:
                raise ResourceFailed(f"output {name}: {error}") from error
            if part.get("Description"):
                output["Description"] = part["Description"]
            found.append(output)
        return found


_FAILURES = (
    ResourceFailed,
    AwsError,
    botocore.exceptions.ClientError,
    botocore.exceptions.BotoCoreError,
    KeyError,
    TypeError,
    # A property of another kind than its type has: a text where an object belongs.
    AttributeError,
    ValueError,
)


def _told(name: str, kind: Kind, error: Exception) -> str:
    if isinstance(error, ResourceFailed):
        return str(error)
    if isinstance(error, KeyError):
        return invalid(name, lacking(str(error.args[0]) if error.args else ""))
    return f"{name} ({kind.type}): {error}"


def _is_gone(error: Exception) -> bool:
    if isinstance(error, botocore.exceptions.ClientError):
        code = error.response.get("Error", {}).get("Code", "")
    else:
        code = getattr(error, "code", "")
    return bool(re.search(r"NotFound|NoSuch|NonExistent|DoesNotExist|NotExists", str(code)))


def _imports(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_imports, value)) if value else set()
    if isinstance(value, dict):
        own = {value["Fn::ImportValue"]} if isinstance(value.get("Fn::ImportValue"), str) else set()
        return own.union(*map(_imports, value.values()))
    return set()


def wanted_by(template: Template, scope: Scope) -> dict[str, Any]:
    """The resources whose condition holds."""
    return {
        name: part
        for name, part in template["Resources"].items()
        if part.get("Condition") is None or scope.condition(part["Condition"])
    }


def is_replaced(kind: Kind, old: Resource, properties: Mapping[str, Any]) -> bool:
    """Whether these properties need another resource in the place of the old one."""
    return (
        old.type != kind.type
        or (kind.replaces is None and old.properties != properties)
        or any(_at(old.properties, path) != _at(properties, path) for path in kind.replaces or ())
    )


def _at(properties: Mapping[str, Any], path: str) -> Any:
    found: Any = properties
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def prepare(estate: Estate, stack: Stack, text: str, given: Mapping[str, str]) -> tuple[Template, dict[str, str]]:
    """The template after the transform and its parameters; raises TemplateError."""
    template = read(text)
    values = fit_parameters(template, given)
    transforms = template.get("Transform") or []
    transforms = [transforms] if isinstance(transforms, str) else transforms
    if other := [one for one in transforms if one != SAM]:
        raise TemplateError(f"No transform named {other[0]} found.")
    if transforms:
        template = translate(template, values)
    check(template)
    scope = scope_of(estate, stack, template, values)
    for name, rule in (template.get("Rules") or {}).items():
        if "RuleCondition" in rule and not scope.resolve(rule["RuleCondition"]):
            continue
        for assertion in rule["Assertions"]:
            if not scope.resolve(assertion["Assert"]):
                told = assertion.get("AssertDescription", f"rule {name}")
                raise TemplateError(f"Template constraint was not met: {told}")
    return template, values


def apply(
    estate: Estate,
    stack: Stack,
    text: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    caller: Caller,
) -> None:
    """Bring a stack to what the template says; its status tells how that went. Raises TemplateError."""
    making = not stack.resources
    try:
        template, values = prepare(estate, stack, text, parameters)
    except TemplateError:
        if stack.status == "REVIEW_IN_PROGRESS" and not stack.change_sets:
            estate.all.remove(stack)
        raise
    run = _Deployment(estate, stack, template, values, dict(tags), caller)
    word = "CREATE" if making else "UPDATE"
    estate.note(stack, f"{word}_IN_PROGRESS", "User Initiated")
    try:
        run.go()
    except ResourceFailed as failed:
        stack.reason = str(failed)
        estate.note(stack, "ROLLBACK_IN_PROGRESS" if making else "UPDATE_ROLLBACK_IN_PROGRESS", str(failed))
        run.undo()
        estate.note(stack, "ROLLBACK_COMPLETE" if making else "UPDATE_ROLLBACK_COMPLETE", str(failed))
        return
    stack.text, stack.template, stack.parameters = text, template, values
    stack.tags = dict(tags)
    stack.reason = ""
    stack.updated = None if making else estate.cloud.clock.now
    estate.note(stack, f"{word}_COMPLETE")


def take_down(estate: Estate, stack: Stack, caller: Caller) -> None:
    if stack.protected:
        raise AwsError(
            "ValidationError", f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
        )
    if users := importers(estate, stack):
        raise AwsError("ValidationError", f"Export cannot be deleted as it is in use by {', '.join(users)}")
    estate.note(stack, "DELETE_IN_PROGRESS", "User Initiated")
    run = _Deployment(estate, stack, stack.template, stack.parameters, stack.tags, caller)
    failures = run.remove_all()
    if failures:
        stack.reason = "; ".join(failures)
        estate.note(stack, "DELETE_FAILED", stack.reason)
        return
    stack.deleted = estate.cloud.clock.now
    stack.outputs = []
    estate.note(stack, "DELETE_COMPLETE")


def importers(estate: Estate, stack: Stack) -> list[str]:
    exports = {output["ExportName"] for output in stack.outputs if "ExportName" in output}
    return [
        other.name
        for other in estate.all
        if other is not stack and other.status != "DELETE_COMPLETE" and exports & _imports(other.template)
    ]
