"""The parameters of a template: what is given, what is left out, what fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from localcloud.ground.errors import AwsError
from localcloud.services.cloudformation.model import Stack, Template, TemplateError

_PARAMETER = {
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
}

VALUE = 4_096
"""Bytes of a parameter's value (the guide, "CloudFormation quotas")."""


def fit_parameters(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """All parameters with their values as text; raises TemplateError for one that does not fit."""
    declared = template.get("Parameters") or {}
    if unknown := sorted(set(given) - set(declared)):
        raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values = {
        name: str(given[name] if name in given else _default(rule))
        for name, rule in declared.items()
        if name in given or "Default" in rule
    }
    if missing := sorted(set(declared) - set(values)):
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
    for name, rule in declared.items():
        if strange := set(rule) - _PARAMETER:
            raise TemplateError(f"Parameter {name}: {sorted(strange)[0]} is not known")
        _fit(name, rule, values[name])
    return values


def _default(rule: Mapping[str, Any]) -> str:
    value = rule["Default"]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fit(name: str, rule: Mapping[str, Any], value: str) -> None:
    is_list = rule["Type"] == "CommaDelimitedList" or rule["Type"].startswith("List<")
    parts = [part.strip() for part in value.split(",")] if is_list else [value]
    if len(value.encode()) > VALUE:
        raise TemplateError(f"Parameter '{name}' must contain at most {VALUE} bytes")
    say = rule.get("ConstraintDescription")
    for part in parts:
        fault = _fault(rule, part)
        if fault:
            raise TemplateError(f"Parameter '{name}' must {say or fault} (it is {part!r})")


def _fault(rule: Mapping[str, Any], part: str) -> str:
    if "AllowedValues" in rule and part not in {_default({"Default": value}) for value in rule["AllowedValues"]}:
        return f"be one of {', '.join(map(str, rule['AllowedValues']))}"
    if "AllowedPattern" in rule and re.fullmatch(rule["AllowedPattern"], part) is None:
        return f"match pattern {rule['AllowedPattern']}"
    if len(part) < int(rule.get("MinLength", 0)):
        return f"contain at least {rule['MinLength']} characters"
    if len(part) > int(rule.get("MaxLength", VALUE)):
        return f"contain at most {rule.get('MaxLength', VALUE)} characters"
    if "Number" in rule["Type"]:
        try:
            number = float(part)
        except ValueError:
            return "be a number"
        if number < float(rule.get("MinValue", number)):
            return f"be a number not less than {rule['MinValue']}"
        if number > float(rule.get("MaxValue", number)):
            return f"be a number not greater than {rule['MaxValue']}"
    return ""


def parameter_values(template: Template, values: Mapping[str, str], look_up: Callable[[str], str]) -> dict[str, Any]:
    """Parameters as Ref answers them: lists as lists, SSM parameters as what they hold."""
    found: dict[str, Any] = {}
    for name, rule in (template.get("Parameters") or {}).items():
        kind, value = rule["Type"], values[name]
        if kind.startswith("AWS::SSM::Parameter::Value<"):
            value = look_up(value)
            kind = kind.removeprefix("AWS::SSM::Parameter::Value<").removesuffix(">")
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        found[name] = [part.strip() for part in value.split(",")] if is_list else value
    return found


_THERE = {
    "AWS::EC2::Instance::Id": ("describe_instances", "InstanceIds"),
    "AWS::EC2::KeyPair::KeyName": ("describe_key_pairs", "KeyNames"),
    "AWS::EC2::SecurityGroup::Id": ("describe_security_groups", "GroupIds"),
    "AWS::EC2::Subnet::Id": ("describe_subnets", "SubnetIds"),
    "AWS::EC2::VPC::Id": ("describe_vpcs", "VpcIds"),
}


def demand_there(template: Template, values: Mapping[str, str], ec2: Any) -> None:
    """TemplateError for a parameter of a type of EC2's that names what `ec2`, a client, has not."""
    for name, rule in (template.get("Parameters") or {}).items():
        kind = rule["Type"].removeprefix("List<").removesuffix(">")
        for part in values[name].split(",") if kind in _THERE else ():
            operation, member = _THERE[kind]
            try:
                getattr(ec2, operation)(**{member: [part.strip()]})
            except ClientError as error:
                text = f"Parameter validation failed: parameter value {part} for parameter name {name} does not exist"
                raise TemplateError(text) from error


def declared_in(template: Template) -> list[dict[str, Any]]:
    found = []
    for name, rule in (template.get("Parameters") or {}).items():
        one: dict[str, Any] = {"ParameterKey": name, "ParameterType": rule["Type"]}
        if "Default" in rule:
            one["DefaultValue"] = _default(rule)
        if "Description" in rule:
            one["Description"] = rule["Description"]
        one["NoEcho"] = str(rule.get("NoEcho", False)).lower() == "true"
        found.append(one)
    return found


def demand_key(parameter: Mapping[str, Any]) -> None:
    """The model asks for none."""
    if not parameter.get("ParameterKey"):
        raise AwsError("ValidationError", "Parameters: a parameter has no ParameterKey")


def given_parameters(params: Mapping[str, Any], stack: Stack | None) -> dict[str, str]:
    given = {}
    for one in params.get("Parameters") or []:
        demand_key(one)
        if one.get("UsePreviousValue"):
            if stack is not None and one["ParameterKey"] in stack.parameters:
                given[one["ParameterKey"]] = stack.parameters[one["ParameterKey"]]
        else:
            given[one["ParameterKey"]] = one.get("ParameterValue", "")
    return given
