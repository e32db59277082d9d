"""What has to be an object, a list or a text in a template, before anything of it is understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.services.cloudformation.model import Template, TemplateError

_SECTIONS = ("Conditions", "Mappings", "Metadata", "Outputs", "Parameters", "Resources", "Rules")
VERSION = "2010-09-09"
_TEXTS = {"Resources": ("Condition", "DeletionPolicy", "Type", "UpdateReplacePolicy"), "Outputs": ("Condition",)}
_TYPE = re.compile(
    r"String|Number|CommaDelimitedList|List<(String|Number)>|AWS::SSM::Parameter::Name"
    r"|(AWS::SSM::Parameter::Value<)?((List<)?AWS::[A-Za-z0-9]+(::[A-Za-z0-9]+)+>?|String|List<String>|CommaDelimitedList)>?"
)
_NUMBERS = ("MaxLength", "MaxValue", "MinLength", "MinValue")


def demand_form(template: Template) -> None:
    """Raises TemplateError where something of another kind stands."""
    for section in _SECTIONS:
        part = template.get(section)
        _demand(part is None or isinstance(part, dict), f"{section} must be an object")
        if section in ("Conditions", "Metadata"):
            continue
        for name, one in (part or {}).items():
            where = f"{section}/{name}"
            _demand(isinstance(one, dict), f"{where} must be an object")
            for word in _TEXTS.get(section, ()):
                _demand(isinstance(one.get(word, ""), str), f"{where}/{word} must be a text")
            _OF[section](one, where)
    version = template.get("AWSTemplateFormatVersion", VERSION)
    _demand(version == VERSION, f"{version} is not a supported value for AWSTemplateFormatVersion")
    _demand(isinstance(template.get("Description") or "", str), "Description must be a text")
    transforms = template.get("Transform") or []
    _demand(_is_texts(transforms), "Transform must be a name or a list of names")
    _demand_functions(template, "")


def _demand(holds: bool, what: str) -> None:  # noqa: FBT001 - the question itself
    if not holds:
        raise TemplateError(f"Template format error: {what}.")


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _resource(one: Mapping[str, Any], where: str) -> None:
    properties = one.get("Properties")
    _demand(properties is None or isinstance(properties, dict), f"{where}/Properties must be an object")
    _demand(_is_texts(one.get("DependsOn") or []), f"{where}/DependsOn must be a name or a list of names")


def _output(one: Mapping[str, Any], where: str) -> None:
    _demand(one.get("Value") is not None, f"{where} must have a Value")
    export = one.get("Export")
    _demand(export is None or (isinstance(export, dict) and "Name" in export), f"{where}/Export must have a Name")


def _parameter(one: Mapping[str, Any], where: str) -> None:
    _demand(isinstance(one.get("Type"), str), f"{where} must have a Type")
    _demand(_TYPE.fullmatch(one["Type"]) is not None, f"Unrecognized parameter type: {one['Type']}")
    _demand(isinstance(one.get("Default", ""), str | int | float), f"{where}/Default must be a text or a number")
    _demand(isinstance(one.get("AllowedValues", []), list), f"{where}/AllowedValues must be a list")
    for word in _NUMBERS:
        _demand(_is_number(one.get(word, 0)), f"{where}/{word} must be a number")
    pattern = one.get("AllowedPattern", "")
    try:
        re.compile(pattern)
    except (TypeError, re.error) as wrong:
        raise TemplateError(f"Template format error: {where}/AllowedPattern must be a regular expression.") from wrong


def _is_number(value: Any) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", str(value)) is not None


def _mapping(one: Mapping[str, Any], where: str) -> None:
    _demand(all(isinstance(rest, dict) for rest in one.values()), f"{where} must have an object for each key")


def _rule(one: Mapping[str, Any], where: str) -> None:
    assertions = one.get("Assertions")
    fits = isinstance(assertions, list) and all(isinstance(it, dict) and "Assert" in it for it in assertions)
    _demand(fits, f"{where} must have a list of Assertions")


_OF: dict[str, Callable[[Mapping[str, Any], str], None]] = {
    "Mappings": _mapping,
    "Outputs": _output,
    "Parameters": _parameter,
    "Resources": _resource,
    "Rules": _rule,
}


def _demand_functions(value: Any, where: str) -> None:
    """Those that say what refers to what; the others are held to their form when they are worked out."""
    if isinstance(value, list):
        for one in value:
            _demand_functions(one, where)
    elif isinstance(value, dict):
        for key, one in value.items():
            holds = _FUNCTIONS.get(key) if len(value) == 1 else None
            if holds is not None and not holds(one):
                raise TemplateError(f"Template error: {where or '/'}: {key} is not given what it takes.")
            _demand_functions(one, f"{where}/{key}")


def _is_attribute(value: Any) -> bool:
    if isinstance(value, str):
        return "." in value
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _is_sub(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict)
    return isinstance(value, str)


_FUNCTIONS: dict[str, Callable[[Any], bool]] = {
    "Fn::GetAtt": _is_attribute,
    "Fn::If": lambda value: isinstance(value, list) and len(value) == 3 and isinstance(value[0], str),
    "Fn::Sub": _is_sub,
    "Ref": lambda value: isinstance(value, str),
}
