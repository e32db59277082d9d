"""The intrinsic functions, and what they look into."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from localcloud.services.cloudformation.estate import Estate
from localcloud.services.cloudformation.model import Stack, Template, TemplateError
from localcloud.services.cloudformation.parameters import parameter_values

_NO_VALUE = object()


@dataclass
class Scope:
    """What a template's functions look into: `values` by name, and the stacks' exports."""

    values: dict[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    attribute: Callable[[str, str], Any]
    export: Callable[[str], str]
    zones: Callable[[str], list[str]]
    imported: set[str] = field(default_factory=set)
    """The exports that were read."""
    _known: dict[str, bool] = field(default_factory=dict)

    def condition(self, name: str) -> bool:
        """Whether a named condition holds."""
        if name not in self._known:
            if name not in self.conditions:
                raise TemplateError(f"condition {name} is not defined")
            self._known[name] = bool(self.resolve(self.conditions[name]))
        return self._known[name]

    def resolve(self, value: Any) -> Any:
        """A part of a template with its functions worked out; `_NO_VALUE` where AWS::NoValue stands."""
        if isinstance(value, list):
            found = [self.resolve(one) for one in value]
            return [one for one in found if one is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (key, argument) = next(iter(value.items()))
            if key in FUNCTIONS:
                return _worked_out(self, key, argument)
            if key.startswith("Fn::"):
                raise TemplateError(f"the function {key} is not known here")
        resolved = {key: self.resolve(one) for key, one in value.items()}
        return {key: one for key, one in resolved.items() if one is not _NO_VALUE}

    def text(self, value: Any) -> str:
        """As `resolve`, and must be one text, number or boolean."""
        found = self.resolve(value)
        if isinstance(found, bool):
            return str(found).lower()
        if not isinstance(found, str | int | float):
            raise TemplateError(f"must be text: {json.dumps(value)}")
        return str(found)


def _worked_out(scope: Scope, key: str, argument: Any) -> Any:
    try:
        return FUNCTIONS[key](scope, argument)
    except TemplateError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError) as wrong:
        raise TemplateError(f"Template error: {key} cannot take {json.dumps(argument)[:200]}") from wrong


def _ref(scope: Scope, name: Any) -> Any:
    if name == "AWS::NoValue":
        return _NO_VALUE
    if name not in scope.values:
        raise TemplateError(f"Ref of {name}, which is not there (its condition may be false)")
    return scope.values[name]


def _get_att(scope: Scope, argument: Any) -> Any:
    name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
    return scope.attribute(name, scope.text(attribute))


def _sub(scope: Scope, argument: Any) -> str:
    text, given = argument if isinstance(argument, list) else (argument, {})
    more = {key: scope.text(value) for key, value in given.items()}

    def one(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in more:
            return more[name]
        plain, _, attribute = name.partition(".")
        found = scope.attribute(plain, attribute) if attribute else _ref(scope, plain)
        if not isinstance(found, str | int | float):
            raise TemplateError(f"Fn::Sub: ${{{name}}} is not text")
        return str(found)

    return re.sub(r"\$\{([^}]*)\}", one, text)


def _import_value(scope: Scope, argument: Any) -> str:
    name = scope.text(argument)
    found = scope.export(name)
    scope.imported.add(name)
    return found


def _join(scope: Scope, argument: Any) -> str:
    separator, parts = argument
    found = scope.resolve(parts)
    if not isinstance(found, list):
        raise TemplateError(f"Fn::Join takes a list: {json.dumps(argument)}")
    return str(separator).join(scope.text(part) for part in found)


def _pick(scope: Scope, argument: Any) -> Any:
    index, parts = int(scope.text(argument[0])), scope.resolve(argument[1])
    if not isinstance(parts, list) or not 0 <= index < len(parts):
        raise TemplateError(f"Fn::Select cannot select nonexistent value at index {index}")
    return parts[index]


def _find_in_map(scope: Scope, argument: Any) -> Any:
    name, top, second = (scope.text(part) for part in argument[:3])
    try:
        return scope.mappings[name][top][second]
    except KeyError as error:
        if len(argument) == 4 and "DefaultValue" in argument[3]:
            return scope.resolve(argument[3]["DefaultValue"])
        raise TemplateError(f"Unable to get mapping for {name}::{top}::{second}") from error


def _if(scope: Scope, argument: Any) -> Any:
    name, yes, no = argument
    return scope.resolve(yes if scope.condition(name) else no)


def _cidr(scope: Scope, argument: Any) -> list[str]:
    import ipaddress

    block, count, *bits = [scope.text(part) for part in argument]
    network = ipaddress.ip_network(block)
    prefix = network.max_prefixlen - int(bits[0] if bits else 8)
    subnets = network.subnets(new_prefix=prefix)
    return [str(subnet) for subnet, _ in zip(subnets, range(int(count)), strict=False)]


def _base64(scope: Scope, argument: Any) -> str:
    import base64

    return base64.b64encode(scope.text(argument).encode()).decode()


def _contains(scope: Scope, argument: Any) -> bool:
    values, value = scope.resolve(argument[0]), scope.resolve(argument[1])
    return value in values


FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
    "Ref": _ref,
    "Condition": lambda scope, name: scope.condition(name) if name in scope.conditions else {"Condition": name},
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": lambda scope, argument: scope.text(argument[1]).split(argument[0]),
    "Fn::Select": _pick,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::And": lambda scope, parts: all(scope.resolve(part) for part in parts),
    "Fn::Or": lambda scope, parts: any(scope.resolve(part) for part in parts),
    "Fn::Not": lambda scope, parts: not scope.resolve(parts[0]),
    "Fn::Equals": lambda scope, parts: _same(scope.resolve(parts[0]), scope.resolve(parts[1])),
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": lambda scope, parts: all(one == scope.resolve(parts[1]) for one in scope.resolve(parts[0])),
    "Fn::EachMemberIn": lambda scope, parts: set(scope.resolve(parts[0])) <= set(scope.resolve(parts[1])),
    "Fn::GetAZs": lambda scope, region: scope.zones(scope.text(region)),
    "Fn::Cidr": _cidr,
    "Fn::Base64": _base64,
    "Fn::ImportValue": _import_value,
    "Fn::ToJsonString": lambda scope, value: json.dumps(scope.resolve(value)),
    "Fn::Length": lambda scope, value: len(scope.resolve(value)),
}


def _same(one: Any, other: Any) -> bool:
    def spelled(value: Any) -> Any:
        return (
            str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value
        )

    return bool(spelled(one) == spelled(other))


def scope_of(estate: Estate, stack: Stack, template: Template, parameters: Mapping[str, str]) -> Scope:
    def look_up(name: str) -> str:
        ssm = estate.cloud.client("ssm", stack.account)
        try:
            return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            text = f"Unable to fetch parameters [{name}] from parameter store for this account."
            raise TemplateError(text) from error

    values: dict[str, Any] = {
        "AWS::AccountId": stack.account,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
        **parameter_values(template, parameters, look_up),
    }

    def attribute(name: str, wanted: str) -> Any:
        resource = stack.resources.get(name)
        if resource is None:
            raise TemplateError(f"Fn::GetAtt of {name}, which is not there (its condition may be false)")
        if wanted not in resource.made.attributes:
            raise TemplateError(f"{name} ({resource.type}) has no attribute {wanted} here")
        return resource.made.attributes[wanted]

    def export(name: str) -> str:
        for other in estate.all:
            if (other.account, other.region) == (stack.account, stack.region):
                for output in other.outputs:
                    if output.get("ExportName") == name:
                        return output["OutputValue"]
        raise TemplateError(f"No export named {name} found.")

    return Scope(
        values=values,
        mappings=template.get("Mappings") or {},
        conditions=template.get("Conditions") or {},
        attribute=attribute,
        export=export,
        zones=lambda region: [f"{region or stack.region}{letter}" for letter in "acd"],
    )
