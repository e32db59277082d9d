"""One way of a stack from what it is to what a template says, and back when it fails."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
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
from localcloud.services.cloudformation.language import EXTENSIONS
from localcloud.services.cloudformation.model import Drift, Resource, Stack, Template, TemplateError
from localcloud.services.cloudformation.order import in_order
from localcloud.services.cloudformation.parameters import demand_there, fit_parameters
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
        drifts: Mapping[str, Drift] | None = None,
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
        self._gone = {name for name, it in (drifts or {}).items() if it.status == "DELETED"}
        # What is to be reverted is changed from what it is, and goes back to that when the deployment fails.
        self._actual = {name: it.actual for name, it in (drifts or {}).items() if it.status == "MODIFIED"}
        self._tags_before = stack.tags
        self._wanted: list[str] = []
        self._outputs = list(stack.outputs)
        self._replaced: list[Resource] = []
        self._changed: list[str] = []

    def go(self) -> None:
        """Make and change what the template names: ResourceFailed."""
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
        self.stack.imports = scope.imported
        self._wanted = list(wanted)

    def clear(self) -> None:
        """Remove what the template no longer names, and what was replaced.

        The update is done by then: what cannot be removed stays where it is and is the stack's no longer.
        """
        for name in self._in_reverse([name for name in self._before if name not in self._wanted]):
            self._drop_or_leave(self.stack.resources.pop(name))
        for replaced in reversed(self._replaced):
            self._drop_or_leave(replaced)

    def _drop_or_leave(self, resource: Resource, *, rolled_back: bool = False) -> None:
        with contextlib.suppress(ResourceFailed):
            self._drop(resource, rolled_back=rolled_back)

    def _one(self, name: str, part: Mapping[str, Any], scope: Scope) -> None:
        try:
            properties = scope.resolve(part.get("Properties") or {})
        except TemplateError as error:
            raise ResourceFailed(f"{name}: {error}") from error
        kind, old = KINDS[part["Type"]], None if name in self._gone else self._as_it_is(name)
        keep = part.get("DeletionPolicy", "")
        if (
            old is not None
            and (old.properties, old.type) == (properties, kind.type)
            and self.tags == self._tags_before
            and old.status.endswith("_COMPLETE")
            and name not in self._actual
        ):
            self.stack.resources[name] = dataclasses.replace(old, keep=keep)
            return
        replace = old is not None and (old.status == "CREATE_FAILED" or is_replaced(kind, old, properties))
        word = "CREATE" if old is None or replace else "UPDATE"
        self.estate.note(self.stack, f"{word}_IN_PROGRESS", logical=name, kind=kind.type, resource=old)
        work = self._work(name, properties, None if replace else old)
        try:
            if replace and old is not None and old.type == kind.type and _has_own_name(old, properties):
                told = "CloudFormation cannot update a stack when a custom-named resource requires replacing."
                raise ResourceFailed(f"{told} Rename {name} and update the stack again.")
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
            # What was half made goes again, what was half changed is changed back.
            there = work.begun if work.old is None else work.old
            failed = old
            if there is not None:
                failed = Resource(name, kind.type, there, properties, f"{word}_FAILED", self.cloud.clock.now)
                self.stack.resources[name] = failed
                self._changed.append(name)
            self.estate.note(self.stack, f"{word}_FAILED", told, logical=name, kind=kind.type, resource=failed)
            raise ResourceFailed(told) from error
        resource = Resource(name, kind.type, made, properties, f"{word}_COMPLETE", self.cloud.clock.now, keep)
        self.stack.resources[name] = resource
        self._changed.append(name)
        if replace and old is not None and old.made.id != made.id:
            self._replaced.append(dataclasses.replace(old, keep=part.get("UpdateReplacePolicy", "")))
        scope.values[name] = made.id
        self.estate.note(self.stack, f"{word}_COMPLETE", logical=name, kind=kind.type, resource=resource)

    def _as_it_is(self, name: str) -> Resource | None:
        old = self._before.get(name)
        if old is None or name not in self._actual:
            return old
        return dataclasses.replace(old, properties={**old.properties, **self._actual[name]})

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
            old_stack_tags=self._tags_before,
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

    def _drop(self, resource: Resource, *, rolled_back: bool = False) -> None:
        """Remove a resource; one that is gone already is no failure."""
        kind = KINDS[resource.type]
        self.estate.note(self.stack, "DELETE_IN_PROGRESS", logical=resource.logical, kind=kind.type, resource=resource)
        if resource.keep == "Retain" or (resource.keep == "RetainExceptOnCreate" and not rolled_back):
            self.estate.note(self.stack, "DELETE_SKIPPED", logical=resource.logical, kind=kind.type, resource=resource)
            return
        work = self._work(resource.logical, resource.properties, resource)
        try:
            kind.remove(work)
        except (*_FAILURES,) as error:
            if not is_gone(error):
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

    def undo(self, skipped: Sequence[str] = ()) -> bool:
        """Take back what `go` did before it failed; whether all came back. Asked again, it does what is left."""
        self.tags, self._tags_before = self._tags_before, self.tags
        left: list[str] = []
        for name in reversed(self._changed):
            now, old = self.stack.resources[name], self._before.get(name)
            try:
                if old is None or name in self._gone:
                    self._drop(now, rolled_back=True)
                    self.stack.resources.pop(name)
                elif old.made.id != now.made.id:
                    self._drop_or_leave(now, rolled_back=True)
                elif name not in skipped:
                    self.estate.note(self.stack, "UPDATE_IN_PROGRESS", logical=name, kind=old.type, resource=old)
                    properties = {**old.properties, **self._actual.get(name, {})}
                    KINDS[old.type].make(self._work(name, properties, now))
                    self.estate.note(self.stack, "UPDATE_COMPLETE", logical=name, kind=old.type, resource=old)
            except (*_FAILURES,) as error:
                if old is not None:
                    told = _told(name, KINDS[old.type], error)
                    self.estate.note(self.stack, "UPDATE_FAILED", told, logical=name, kind=old.type, resource=old)
                elif self._before:
                    self.stack.resources.pop(name)  # an update's own is left where it is
                    continue
                self.stack.reason += f"; and taking {name} back failed: {error}"
                left.insert(0, name)
                continue
            if old is not None:
                self.stack.resources[name] = old
        self.tags, self._tags_before = self._tags_before, self.tags
        self._changed = left
        self.stack.resources |= {name: old for name, old in self._before.items() if name not in left}
        self.stack.outputs = self._outputs
        return not left

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
        self._hold_exports(found)
        return found

    def _hold_exports(self, outputs: Sequence[Mapping[str, str]]) -> None:
        """An export is unique in its account and Region, and stays what it is while another stack reads it."""
        now = {output["ExportName"]: output["OutputValue"] for output in outputs if "ExportName" in output}
        if len(now) < len([output for output in outputs if "ExportName" in output]):
            raise ResourceFailed("Export names must be unique within a template and an AWS account and Region.")
        for other in beside(self.estate, self.stack):
            for taken in sorted(now.keys() & exports_of(other).keys()):
                told = f"Export with name {taken} is already exported by stack {other.name}."
                raise ResourceFailed(f"{told} Export names must be unique within an AWS account and Region.")
            for name, value in exports_of(self.stack).items():
                if name in other.imports and now.get(name) != value:
                    what = "updated" if name in now else "deleted"
                    raise ResourceFailed(f"Export {name} cannot be {what} as it is in use by {other.name}")


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
    if isinstance(error, botocore.exceptions.ParamValidationError):
        # What the SDK found wrong, as a resource's handler tells it.
        report = "; ".join(str(error.kwargs["report"]).splitlines())
        return f"{name} ({kind.type}): Model validation failed: {report}"
    return f"{name} ({kind.type}): {error}"


def is_gone(error: Exception) -> bool:
    """Does the service say that there is no such thing?"""
    if isinstance(error, botocore.exceptions.ClientError):
        code = error.response.get("Error", {}).get("Code", "")
    else:
        code = getattr(error, "code", "")
    return bool(re.search(r"NotFound|NoSuch|NonExistent|DoesNotExist|NotExists", str(code)))


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


def _has_own_name(old: Resource, properties: Mapping[str, Any]) -> bool:
    """Whether a template gives a resource the very name that the one which it is to replace has."""
    return any(properties[key] == old.made.id == old.properties.get(key) for key in properties)


def _at(properties: Mapping[str, Any], path: str) -> Any:
    found: Any = properties
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def transforms_of(template: Template) -> list[str]:
    named = template.get("Transform") or []
    return [named] if isinstance(named, str) else list(named)


def prepare(estate: Estate, stack: Stack, text: str, given: Mapping[str, str]) -> tuple[Template, dict[str, str]]:
    """The template after the transform and its parameters; raises TemplateError."""
    template = read(text)
    values = fit_parameters(template, given)
    transforms = transforms_of(template)
    if other := [one for one in transforms if one not in (SAM, EXTENSIONS)]:
        raise TemplateError(f"No transform named {other[0]} found.")
    if SAM in transforms:
        template = translate(template, values)
    check(template, transforms)
    with estate.cloud.gate.quiet():
        demand_there(template, values, estate.cloud.client("ec2", stack.account))
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
    on_failure: str = "ROLLBACK",
    drifts: Mapping[str, Drift] | None = None,
) -> None:
    """Bring a stack to what the template says; its status tells how that went. `drifts`: what is not as it was
    deployed, and is to be. Raises TemplateError.
    """
    making = not stack.resources
    try:
        template, values = prepare(estate, stack, text, parameters)
    except TemplateError:
        if stack.status == "REVIEW_IN_PROGRESS" and not stack.change_sets:
            estate.all.remove(stack)
        raise
    run = _Deployment(estate, stack, template, values, dict(tags), caller, drifts)
    word = "CREATE" if making else "UPDATE"
    estate.note(stack, f"{word}_IN_PROGRESS", "User Initiated")
    try:
        run.go()
    except ResourceFailed as failed:
        stack.reason = str(failed)
        stack.tags = dict(tags) if making else stack.tags
        if on_failure == "DO_NOTHING":
            estate.note(stack, f"{word}_FAILED", str(failed))
            return
        roll_back(estate, stack, run, "ROLLBACK" if making else "UPDATE_ROLLBACK")
        if on_failure == "DELETE" and making:
            take_down(estate, stack, caller)
        return
    run.clear()
    stack.text, stack.template, stack.parameters = text, template, values
    stack.tags = dict(tags)
    stack.reason = ""
    stack.updated = None if making else estate.cloud.clock.now
    estate.note(stack, f"{word}_COMPLETE")


def roll_back(estate: Estate, stack: Stack, run: _Deployment, word: str, skipped: Sequence[str] = ()) -> None:
    """Take a deployment back; what does not come back is gone on with by ContinueUpdateRollback."""
    estate.note(stack, f"{word}_IN_PROGRESS", stack.reason)
    done = run.undo(skipped)
    stack.unfinished = None if done else lambda skipped: roll_back(estate, stack, run, word, skipped)
    estate.note(stack, f"{word}_COMPLETE" if done else f"{word}_FAILED", stack.reason)


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
    exports = exports_of(stack).keys()
    return [other.name for other in beside(estate, stack) if exports & other.imports]


def exports_of(stack: Stack) -> dict[str, str]:
    return {output["ExportName"]: output["OutputValue"] for output in stack.outputs if "ExportName" in output}


def beside(estate: Estate, stack: Stack) -> list[Stack]:
    """The other stacks of its account and Region."""
    return [
        other
        for other in estate.all
        if other is not stack
        and (other.account, other.region) == (stack.account, stack.region)
        and other.status != "DELETE_COMPLETE"
    ]
