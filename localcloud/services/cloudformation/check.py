"""What CloudFormation refuses of a template before it makes anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localcloud.ground.errors import AwsError
from localcloud.ground.kinds import KINDS
from localcloud.services.cloudformation.language import demand_known, functions_in
from localcloud.services.cloudformation.model import Template, TemplateError
from localcloud.services.cloudformation.order import depends, references
from localcloud.services.cloudformation.quotas import demand_within

_PSEUDO = {
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
}

_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
}

_RESOURCE = {
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
}


_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}


def check(template: Template, transforms: Sequence[str] = ()) -> None:
    """Raises TemplateError for what CloudFormation refuses before it makes anything.

    `transforms`: what the template, as it was given, is transformed by.
    """
    if strange := set(template) - _SECTIONS:
        raise TemplateError(f"Invalid template property or properties [{', '.join(sorted(strange))}]")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    demand_within(template)  # once more: a transform makes many of one
    conditions = template.get("Conditions") or {}
    for name, resource in resources.items():
        _check_resource(name, resource, resources, conditions)
    known = set(resources) | set(template.get("Parameters") or {}) | _PSEUDO
    for section in ("Resources", "Outputs", "Conditions", "Rules"):
        for name, part in (template.get(section) or {}).items():
            _check_references(f"{section} {name}", part, known, resources)
    barred = sorted({name for name, _ in functions_in(template.get("Rules"))} - RULE_FUNCTIONS)
    if barred:
        raise TemplateError(
            f"Template validation error: functions not supported in the Rules block: {', '.join(barred)}"
        )
    demand_known(template, transforms)
    _check_conditions(conditions)
    for where, name in _conditions_named(template.get("Resources"), "Resources"):
        if name not in conditions:
            raise TemplateError(f"Template validation error: {where}: condition {name} is not defined")


def _check_conditions(conditions: Mapping[str, Any]) -> None:
    """Each is worked out from parameters and from others that do not need it."""
    needs: dict[str, set[str]] = {}
    for name, condition in conditions.items():
        if not isinstance(condition, dict):
            told = "Conditions can only be boolean operations on parameters and other conditions"
            raise TemplateError(f"Template format error: {told}")
        needs[name] = set(_conditions_in(condition))
        if unknown := sorted(needs[name] - conditions.keys()):
            text = f"Unresolved condition dependency {unknown[0]} in the Conditions block of the template"
            raise TemplateError(f"Template format error: {text}")
    while needs:
        free = [name for name, others in needs.items() if not others & needs.keys()]
        if not free:
            raise TemplateError(f"Template error: Circular dependency between conditions: [{', '.join(sorted(needs))}]")
        needs = {name: others for name, others in needs.items() if name not in free}


def _conditions_in(condition: Any) -> Iterator[str]:
    if isinstance(condition, list):
        for one in condition:
            yield from _conditions_in(one)
    elif isinstance(condition, dict):
        for key, one in condition.items():
            if key == "Condition" and isinstance(one, str):
                yield one
            elif key == "Fn::If" and isinstance(one, list) and one and isinstance(one[0], str):
                yield one[0]
            yield from _conditions_in(one)


RULE_FUNCTIONS = frozenset(
    {"Ref"}
    | {f"Fn::{name}" for name in ("And", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "If", "Not", "Or")}
    | {f"Fn::{name}" for name in ("RefAll", "ValueOf", "ValueOfAll")}
)
"""What CloudFormation evaluates in a template's Rules; nothing else (its reference of rule functions)."""


NESTED = "AWS::CloudFormation::Stack"


def _instead(type_name: str) -> str:
    """What to do where AWS may well know a type that is not here."""
    if type_name == NESTED:
        return (
            ". Nested stacks are not emulated by the local cloud: deploy the template at TemplateURL as a stack of its"
            " own first, and hand its outputs on as parameters, or by Export and Fn::ImportValue"
        )
    own = re.match(r"AWS::|Custom::|Alexa::", type_name)
    return ". If AWS has it, the local cloud does not: docs/ledger.md lists the types that it knows" if own else ""


def _check_resource(name: str, resource: Any, resources: Mapping[str, Any], conditions: Mapping[str, Any]) -> None:
    if not isinstance(resource, dict) or "Type" not in resource:
        raise TemplateError(f"Template format error: [/Resources/{name}] has no Type")
    if strange := set(resource) - _RESOURCE:
        raise TemplateError(f"Invalid template resource property '{sorted(strange)[0]}' in {name}")
    for policy, kept in _POLICIES.items():
        if resource.get(policy, "Delete") not in kept:
            raise TemplateError(f"Template error: Unrecognized {policy} {resource[policy]} for resource {name}")
    if resource["Type"] not in KINDS:
        raise TemplateError(f"Unrecognized resource types: [{resource['Type']}] ({name}){_instead(resource['Type'])}")
    if resource.get("Condition") is not None and resource["Condition"] not in conditions:
        raise TemplateError(f"Template format error: Unresolved condition {resource['Condition']} in {name}")
    for other in depends(resource):
        if other not in resources:
            raise TemplateError(f"Template format error: Unresolved resource dependency {other} in {name}")


def _check_references(where: str, part: Any, known: set[str], resources: Mapping[str, Any]) -> None:
    for name, attribute in references(part):
        if name not in known:
            raise TemplateError(f"Template format error: Unresolved dependency [{name}] in {where}")
        if not attribute:
            continue
        if name not in resources:
            raise TemplateError(f"Template format error: {where}: Fn::GetAtt of {name}, which is no resource")
        kind = KINDS[resources[name]["Type"]]
        if attribute not in kind.attributes:
            raise TemplateError(
                f"Template error: {where}: resource {name} does not support attribute {attribute} ({kind.type})"
            )


def _conditions_named(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for one in value:
            yield from _conditions_named(one, where)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "Fn::If" and isinstance(one, list) and one:
                yield where, one[0]
            yield from _conditions_named(one, f"{where}.{key}")


def require_capabilities(template: Template, capabilities: Sequence[str]) -> None:
    types = {resource.get("Type") for resource in (template.get("Resources") or {}).values()}
    if template.get("Transform") and "CAPABILITY_AUTO_EXPAND" not in capabilities:
        raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
    named = any(
        "RoleName" in (resource.get("Properties") or {}) or "ManagedPolicyName" in (resource.get("Properties") or {})
        for resource in (template.get("Resources") or {}).values()
        if str(resource.get("Type")).startswith("AWS::IAM::")
    )
    if named and "CAPABILITY_NAMED_IAM" not in capabilities:
        raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    some = any(str(kind).startswith("AWS::IAM::") for kind in types)
    if some and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(capabilities):
        raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
