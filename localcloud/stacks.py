"""CloudFormation: deploys templates as they stand, SAM's among them, and refuses what AWS would refuse.

The template is read strictly (an unknown name, attribute, property or function is an error), the SAM transform
is the real one, and the resources are made by `cfn_types` through ordinary API calls of whoever deploys. moto's
CloudFormation is not used: it skips types it does not know and drops references that it cannot resolve.
"""

from __future__ import annotations

import copy
import datetime
import functools
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import botocore.exceptions
import yaml

from localcloud import cfn_types
from localcloud.caller import Caller
from localcloud.cfn_types import KINDS, LOCAL_BUCKET, Kind, Made, ResourceFailed, Work, in_s3
from localcloud.errors import AwsError, NotEmulated
from localcloud.ids import uuid4

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

SAM = "AWS::Serverless-2016-10-31"
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
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
_NO_VALUE = object()

type Template = dict[str, Any]


class TemplateError(ValueError):
    """A template or its parameters that CloudFormation would not take; the text says what and where."""


class StackFailed(RuntimeError):
    """A deployment that did not come to its end; the text says which resource failed and why."""


# --- reading -----------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation reads it: short forms of functions, dates as text, no key twice."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = _mapping(loader, node)
    return {name: value}


def _mapping(loader: yaml.SafeLoader, node: yaml.Node) -> dict[Any, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise TemplateError(f"not a mapping{node.start_mark}")
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise TemplateError(f"{key} stands twice,{key_node.start_mark}")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_multi_constructor("!", _short_form)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@functools.lru_cache(maxsize=64)
def _read(text: str) -> str:
    """The template as JSON, whatever it is written in."""
    try:
        # A loader of our own on top of the safe one.
        found = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise TemplateError(f"Template format error: YAML not well-formed. {error}") from error
    if not isinstance(found, dict):
        raise TemplateError("Template format error: unsupported structure.")
    return json.dumps(found)


def read(text: str) -> Template:
    """A template from its text (YAML or JSON); raises TemplateError."""
    template: Template = json.loads(_read(text))
    return template


# --- SAM ---------------------------------------------------------------------------------------------------


class _ManagedPolicies:
    """Names of the policies that AWS manages, without asking IAM for a thousand of them."""

    def load(self) -> dict[str, str]:
        return {arn.rpartition("/")[2]: arn for arn in cfn_types._aws_managed_policies()}


_sam_translations: dict[str, str] = {}


def translate(template: Template, parameters: Mapping[str, str]) -> Template:
    """The template after the SAM transform; raises TemplateError with what the transform says."""
    # Imported here because it takes long, and only a template with the transform needs it.
    from samtranslator.model.exceptions import InvalidDocumentException  # type: ignore[import-untyped]  # has none
    from samtranslator.translator.transform import transform  # type: ignore[import-untyped]  # has none

    key = json.dumps([template, dict(parameters)], sort_keys=True)
    if key not in _sam_translations:
        loader: Any = _ManagedPolicies()
        # It warns of metrics about itself that nobody collects here.
        logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
        try:
            translated = transform(copy.deepcopy(template), dict(parameters), loader)
        except InvalidDocumentException as error:
            causes = "; ".join(str(cause.message) for cause in error.causes)
            raise TemplateError(f"Transform {SAM} failed with: {error.message} {causes}") from error
        translated.pop("Transform", None)
        _sam_translations[key] = json.dumps(translated)
    result: Template = json.loads(_sam_translations[key])
    return result


def localise(template: Template, base: Path) -> Template:
    """The template with its local folders and files in a form that the transform and the types take.

    Folders of code become S3 locations that `cfn_types` knows for local ones; definitions are put in.
    """
    template = copy.deepcopy(template)
    shared = (template.get("Globals") or {}).get("Function") or {}
    if isinstance(shared.get("CodeUri"), str):
        shared["CodeUri"] = _local_code(shared["CodeUri"], base)
    for resource in (template.get("Resources") or {}).values():
        properties = resource.get("Properties") or {}
        for key in _LOCAL_CODE.get(resource.get("Type"), ()):
            if isinstance(properties.get(key), str):
                properties[key] = _local_code(properties[key], base, plain=key in {"Code", "Content"})
        for key in _LOCAL_DEFINITIONS.get(resource.get("Type"), ()):
            if isinstance(properties.get(key), str):
                path = base / properties.pop(key)
                if not path.is_file():
                    raise TemplateError(f"there is no file {path}")
                properties["Definition"] = read(path.read_text())
        if resource.get("Type") == STACK_SET and not str(properties.get("TemplateURL", "https:")).startswith("http"):
            path = base / properties.pop("TemplateURL")
            if not path.is_file():
                raise TemplateError(f"there is no file {path}")
            properties["TemplateBody"] = path.read_text()
    return template


STACK_SET = "AWS::CloudFormation::StackSet"


_LOCAL_CODE = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Lambda::Function": ("Code",),
    "AWS::Lambda::LayerVersion": ("Content",),
}
_LOCAL_DEFINITIONS = {
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::StepFunctions::StateMachine": ("DefinitionS3Location",),
}


def _local_code(text: str, base: Path, *, plain: bool = False) -> Any:
    if text.startswith("s3://"):
        return text
    folder = (base / text).resolve()
    if not folder.is_dir():
        raise TemplateError(f"there is no folder {folder}")
    names = ("S3Bucket", "S3Key") if plain else ("Bucket", "Key")
    return {names[0]: LOCAL_BUCKET, names[1]: str(folder)}


# --- parameters --------------------------------------------------------------------------------------------


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
    if len(part) > int(rule.get("MaxLength", 4096)):
        return f"contain at most {rule.get('MaxLength', 4096)} characters"
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


def _parameter_values(template: Template, values: Mapping[str, str], look_up: Callable[[str], str]) -> dict[str, Any]:
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


# --- what a template says ----------------------------------------------------------------------------------


def references(value: Any) -> Iterator[tuple[str, str]]:
    """All (name, attribute) that a part of a template refers to; attribute is '' for Ref."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "Ref" and isinstance(one, str):
                yield one, ""
            elif key == "Fn::GetAtt":
                name, attribute = one if isinstance(one, list) else one.split(".", 1)
                yield name, attribute if isinstance(attribute, str) else ""
            elif key == "Fn::Sub":
                yield from _sub_references(one)
            else:
                yield from references(one)


def _sub_references(value: Any) -> Iterator[tuple[str, str]]:
    text, more = value if isinstance(value, list) else (value, {})
    for name in re.findall(r"\$\{([^!}][^}]*)\}", text):
        if name not in more:
            plain, _, attribute = name.partition(".")
            yield plain.strip(), attribute.strip()
    yield from references(list(more.values()))


def check(template: Template) -> None:
    """Raises TemplateError for what CloudFormation refuses before it makes anything."""
    if strange := set(template) - _SECTIONS:
        raise TemplateError(f"Invalid template property or properties [{', '.join(sorted(strange))}]")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    conditions = template.get("Conditions") or {}
    for name, resource in resources.items():
        _check_resource(name, resource, resources, conditions)
    known = set(resources) | set(template.get("Parameters") or {}) | _PSEUDO
    for section in ("Resources", "Outputs", "Conditions", "Rules"):
        for name, part in (template.get(section) or {}).items():
            _check_references(f"{section} {name}", part, known, resources)
    barred = sorted(_functions_in(template.get("Rules")) - RULE_FUNCTIONS)
    if barred:
        raise TemplateError(
            f"Template validation error: functions not supported in the Rules block: {', '.join(barred)}"
        )
    for where, name in _conditions_named(template.get("Resources"), "Resources"):
        if name not in conditions:
            raise TemplateError(f"Template validation error: {where}: condition {name} is not defined")


RULE_FUNCTIONS = frozenset(
    {"Ref"}
    | {f"Fn::{name}" for name in ("And", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "If", "Not", "Or")}
    | {f"Fn::{name}" for name in ("RefAll", "ValueOf", "ValueOfAll")}
)
"""What CloudFormation evaluates in a template's Rules; nothing else (its reference of rule functions)."""


def _functions_in(value: Any) -> set[str]:
    """The names of all intrinsic functions in a part of a template."""
    if isinstance(value, list):
        return {name for one in value for name in _functions_in(one)}
    if not isinstance(value, dict):
        return set()
    inner = {name for one in value.values() for name in _functions_in(one)}
    only = next(iter(value)) if len(value) == 1 else ""
    return inner | ({only} if only == "Ref" or only.startswith("Fn::") else set())


def _check_resource(name: str, resource: Any, resources: Mapping[str, Any], conditions: Mapping[str, Any]) -> None:
    if not isinstance(resource, dict) or "Type" not in resource:
        raise TemplateError(f"Template format error: [/Resources/{name}] has no Type")
    if not re.fullmatch(r"[A-Za-z0-9]{1,255}", name):
        raise TemplateError(f"Template format error: Resource name {name} is non alphanumeric.")
    if strange := set(resource) - _RESOURCE:
        raise TemplateError(f"Invalid template resource property '{sorted(strange)[0]}' in {name}")
    if resource["Type"] not in KINDS:
        raise TemplateError(f"Unrecognized resource types: [{resource['Type']}] ({name})")
    if resource.get("Condition") is not None and resource["Condition"] not in conditions:
        raise TemplateError(f"Template format error: Unresolved condition {resource['Condition']} in {name}")
    for other in _depends(resource):
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


def _depends(resource: Mapping[str, Any]) -> list[str]:
    depends = resource.get("DependsOn") or []
    return [depends] if isinstance(depends, str) else list(depends)


def in_order(resources: Mapping[str, Any]) -> list[str]:
    """The resources' names so that each comes after those it needs; TemplateError for a circle."""
    needs = {
        name: {other for other, _ in references(resource.get("Properties") or {}) if other in resources}
        | set(_depends(resource))
        for name, resource in resources.items()
    }
    order: list[str] = []
    while len(order) < len(resources):
        ready = [name for name in resources if name not in order and needs[name] <= set(order)]
        if not ready:
            left = sorted(set(resources) - set(order))
            raise TemplateError(f"Circular dependency between resources: [{', '.join(left)}]")
        order += ready
    return order


# --- intrinsic functions -----------------------------------------------------------------------------------


@dataclass
class Scope:
    """What a template's functions look into: `values` by name, and the stacks' exports."""

    values: dict[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    attribute: Callable[[str, str], Any]
    export: Callable[[str], str]
    zones: Callable[[str], list[str]]
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
            function = _FUNCTIONS.get(key)
            if function is not None:
                return function(self, argument)
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


_FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
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
    "Fn::ImportValue": lambda scope, name: scope.export(scope.text(name)),
    "Fn::ToJsonString": lambda scope, value: json.dumps(scope.resolve(value)),
    "Fn::Length": lambda scope, value: len(scope.resolve(value)),
}


def _same(one: Any, other: Any) -> bool:
    def spelled(value: Any) -> Any:
        return (
            str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value
        )

    return bool(spelled(one) == spelled(other))


# --- stacks ------------------------------------------------------------------------------------------------


@dataclass
class Resource:
    """A resource of a stack as it was made; `properties` are worked out."""

    logical: str
    type: str
    made: Made
    properties: dict[str, Any]
    status: str
    at: float
    keep: bool = False


@dataclass
class ChangeSet:
    """A change that waits to be executed."""

    id: str
    name: str
    template: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    changes: list[Change]
    status: str
    reason: str
    at: float
    creates: bool
    description: str = ""
    role: str = ""
    execution: str = "AVAILABLE"


@dataclass
class Stack:
    """A stack. `text` is the template as it was given, `template` after the transform."""

    id: str
    name: str
    account: str
    region: str
    created: float
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    updated: float | None = None
    deleted: float | None = None
    text: str = ""
    template: Template = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    role: str = ""
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    protected: bool = False


class Stacks:
    """The stacks of all accounts, and CloudFormation's API."""

    name: ClassVar[str] = "cloudformation"

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._stacks: list[Stack] = []
        for part in ("events", "functions", "queues", "schedules"):
            cloud.component(part)  # they check what moto does not, and must hear the first resource

    # --- for this process ----------------------------------------------------------------------------------

    def deploy(
        self,
        template: Path,
        account: str,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Make a stack of the template, or change it to that; answers its outputs.

        Folders of code are used where they are. The account's owner deploys. Raises TemplateError for a template
        or parameters that are refused, StackFailed when a resource fails (then all is as it was before).
        """
        text = json.dumps(localise(read(template.read_text()), template.parent))
        return self.deploy_text(text, account, name, parameters, tags=tags)

    def deploy_text(
        self,
        text: str,
        account: str,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """The same with the template as it is sent to CloudFormation."""
        region = self.cloud.region
        caller = Caller(account, region, f"arn:aws:iam::{account}:root")
        stack = self._find(name, account, region)
        if stack is None:
            stack = self._new(name, account, region)
        self._apply(stack, text, dict(parameters or {}), dict(tags or {}), caller)
        if not stack.status.endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")) or "ROLLBACK" in stack.status:
            raise StackFailed(f"stack {name} in {account}: {stack.reason}")
        return {output["OutputKey"]: output["OutputValue"] for output in stack.outputs}

    def delete(self, account: str, name: str) -> None:
        """Delete a stack as its account's owner: StackFailed when something cannot be removed."""
        stack = self._find(name, account, self.cloud.region)
        if stack is None:
            return
        self._delete(stack, Caller(account, self.cloud.region, f"arn:aws:iam::{account}:root"))
        if stack.status != "DELETE_COMPLETE":
            raise StackFailed(f"stack {name} in {account}: {stack.reason}")

    def stack(self, account: str, name: str) -> Stack:
        """The stack of that name; KeyError."""
        found = self._find(name, account, self.cloud.region)
        if found is None:
            raise KeyError(name)
        return found

    def physical(self, account: str, name: str, logical: str) -> str:
        """The physical id of a resource of a stack; KeyError."""
        return self.stack(account, name).resources[logical].made.id

    # --- deploying -----------------------------------------------------------------------------------------

    def _find(self, name: str, account: str, region: str) -> Stack | None:
        for stack in reversed(self._stacks):
            if stack.account == account and stack.region == region and name in (stack.name, stack.id):
                if stack.status == "DELETE_COMPLETE" and name != stack.id:
                    continue
                return stack
        return None

    def _new(self, name: str, account: str, region: str) -> Stack:
        stack_id = f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid4(self.cloud.random_ids)}"
        stack = Stack(stack_id, name, account, region, self.cloud.clock.now)
        self._stacks.append(stack)
        return stack

    def _prepare(self, stack: Stack, text: str, given: Mapping[str, str]) -> tuple[Template, dict[str, str]]:
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
        scope = self._scope(stack, template, values)
        for name, rule in (template.get("Rules") or {}).items():
            if "RuleCondition" in rule and not scope.resolve(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not scope.resolve(assertion["Assert"]):
                    told = assertion.get("AssertDescription", f"rule {name}")
                    raise TemplateError(f"Template constraint was not met: {told}")
        return template, values

    def _scope(self, stack: Stack, template: Template, parameters: Mapping[str, str]) -> Scope:
        def look_up(name: str) -> str:
            found = self.cloud.client("ssm", stack.account).get_parameter(Name=name)
            return str(found["Parameter"]["Value"])

        values: dict[str, Any] = {
            "AWS::AccountId": stack.account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": stack.region,
            "AWS::StackId": stack.id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
            **_parameter_values(template, parameters, look_up),
        }

        def attribute(name: str, wanted: str) -> Any:
            resource = stack.resources.get(name)
            if resource is None:
                raise TemplateError(f"Fn::GetAtt of {name}, which is not there (its condition may be false)")
            if wanted not in resource.made.attributes:
                raise TemplateError(f"{name} ({resource.type}) has no attribute {wanted} here")
            return resource.made.attributes[wanted]

        def export(name: str) -> str:
            for other in self._stacks:
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

    def _apply(
        self,
        stack: Stack,
        text: str,
        parameters: Mapping[str, str],
        tags: Mapping[str, str],
        caller: Caller,
    ) -> None:
        """Bring a stack to what the template says; its status tells how that went. Raises TemplateError."""
        making = not stack.resources
        try:
            template, values = self._prepare(stack, text, parameters)
        except TemplateError:
            if stack.status == "REVIEW_IN_PROGRESS" and not stack.change_sets:
                self._stacks.remove(stack)
            raise
        run = _Deployment(self, stack, template, values, dict(tags), caller)
        word = "CREATE" if making else "UPDATE"
        self._note(stack, f"{word}_IN_PROGRESS", "User Initiated")
        try:
            run.go()
        except ResourceFailed as failed:
            stack.reason = str(failed)
            self._note(stack, "ROLLBACK_IN_PROGRESS" if making else "UPDATE_ROLLBACK_IN_PROGRESS", str(failed))
            run.undo()
            self._note(stack, "ROLLBACK_COMPLETE" if making else "UPDATE_ROLLBACK_COMPLETE", str(failed))
            return
        stack.text, stack.template, stack.parameters = text, template, values
        stack.tags = dict(tags)
        stack.reason = ""
        stack.updated = None if making else self.cloud.clock.now
        self._note(stack, f"{word}_COMPLETE")

    def _delete(self, stack: Stack, caller: Caller) -> None:
        if stack.protected:
            raise AwsError(
                "ValidationError", f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        if users := self._importers(stack):
            raise AwsError("ValidationError", f"Export cannot be deleted as it is in use by {', '.join(users)}")
        self._note(stack, "DELETE_IN_PROGRESS", "User Initiated")
        run = _Deployment(self, stack, stack.template, stack.parameters, stack.tags, caller)
        failures = run.remove_all()
        if failures:
            stack.reason = "; ".join(failures)
            self._note(stack, "DELETE_FAILED", stack.reason)
            return
        stack.deleted = self.cloud.clock.now
        stack.outputs = []
        self._note(stack, "DELETE_COMPLETE")

    def _importers(self, stack: Stack) -> list[str]:
        exports = {output["ExportName"] for output in stack.outputs if "ExportName" in output}
        return [
            other.name
            for other in self._stacks
            if other is not stack and other.status != "DELETE_COMPLETE" and exports & _imports(other.template)
        ]

    def _note(
        self,
        stack: Stack,
        status: str,
        reason: str = "",
        resource: Resource | None = None,
        logical: str = "",
        kind: str = "AWS::CloudFormation::Stack",
    ) -> None:
        """One event of a stack; without a resource it is the stack's own status."""
        if not logical:
            stack.status = status
        # Clients look for events newer than the last they saw, so no two have one time.
        at = self.cloud.clock.now
        if stack.events:
            at = max(at, stack.events[-1]["Timestamp"].timestamp() + 0.001)
        event = {
            "StackId": stack.id,
            "EventId": uuid4(self.cloud.random_ids),
            "StackName": stack.name,
            "LogicalResourceId": logical or stack.name,
            "PhysicalResourceId": (resource.made.id if resource else "") if logical else stack.id,
            "ResourceType": kind,
            "Timestamp": _utc(at),
            "ResourceStatus": status,
        }
        if reason:
            event["ResourceStatusReason"] = reason
        stack.events.append(event)

    # --- the API -------------------------------------------------------------------------------------------

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; raises AwsError."""
        answer = _ANSWERS.get(operation)
        if answer is None:
            raise NotEmulated(self.name, operation)
        try:
            return answer(self, params, caller)
        except TemplateError as error:
            raise AwsError("ValidationError", str(error)) from error

    def _named(self, params: Mapping[str, Any], caller: Caller) -> Stack:
        name = params["StackName"]
        stack = self._find(name, caller.account, caller.region)
        if stack is None:
            raise AwsError("ValidationError", f"Stack with id {name} does not exist")
        return stack

    def _text(self, params: Mapping[str, Any], caller: Caller, stack: Stack | None = None) -> str:
        if params.get("TemplateBody"):
            return str(params["TemplateBody"])
        if params.get("UsePreviousTemplate") and stack is not None:
            return stack.text
        if not params.get("TemplateURL"):
            raise AwsError("ValidationError", "Either Template URL or Template Body must be specified.")
        bucket, key = in_s3(params["TemplateURL"])
        found = self.cloud.client("s3", caller.account).get_object(Bucket=bucket, Key=key)
        return str(found["Body"].read().decode())

    def _require_capabilities(self, template: Template, capabilities: Sequence[str]) -> None:
        types = {resource.get("Type") for resource in (template.get("Resources") or {}).values()}
        if template.get("Transform") and "CAPABILITY_AUTO_EXPAND" not in capabilities:
            raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
        named = any(
            "RoleName" in (resource.get("Properties") or {})
            or "ManagedPolicyName" in (resource.get("Properties") or {})
            for resource in (template.get("Resources") or {}).values()
            if str(resource.get("Type")).startswith("AWS::IAM::")
        )
        if named and "CAPABILITY_NAMED_IAM" not in capabilities:
            raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
        some = any(str(kind).startswith("AWS::IAM::") for kind in types)
        if some and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(capabilities):
            raise AwsError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")

    def _given(self, params: Mapping[str, Any], stack: Stack | None) -> dict[str, str]:
        given = {}
        for one in params.get("Parameters") or []:
            if one.get("UsePreviousValue"):
                if stack is not None and one["ParameterKey"] in stack.parameters:
                    given[one["ParameterKey"]] = stack.parameters[one["ParameterKey"]]
            else:
                given[one["ParameterKey"]] = one.get("ParameterValue", "")
        return given

    def _create_stack(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name = params["StackName"]
        if self._find(name, caller.account, caller.region) is not None:
            raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
        text = self._text(params, caller)
        self._require_capabilities(read(text), params.get("Capabilities") or [])
        stack = self._new(name, caller.account, caller.region)
        stack.capabilities = list(params.get("Capabilities") or [])
        stack.role = params.get("RoleARN", "")
        stack.protected = bool(params.get("EnableTerminationProtection"))
        self._apply(stack, text, self._given(params, None), _tags(params), caller)
        return {"StackId": stack.id}

    def _update_stack(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._named(params, caller)
        text = self._text(params, caller, stack)
        self._require_capabilities(read(text), params.get("Capabilities") or [])
        given = self._given(params, stack)
        template, values = self._prepare(stack, text, given)
        tags = _tags(params) if "Tags" in params else stack.tags
        if (template, values, tags) == (stack.template, stack.parameters, stack.tags):
            raise AwsError("ValidationError", "No updates are to be performed.")
        self._apply(stack, text, given, tags, caller)
        return {"StackId": stack.id}

    def _delete_stack(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._find(params["StackName"], caller.account, caller.region)
        if stack is not None and stack.status != "DELETE_COMPLETE":
            self._delete(stack, caller)
        return {}

    def _describe_stacks(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        if params.get("StackName"):
            return {"Stacks": [_described(self._named(params, caller))]}
        return {"Stacks": [_described(stack) for stack in self._of(caller) if stack.status != "DELETE_COMPLETE"]}

    def _of(self, caller: Caller) -> list[Stack]:
        return [stack for stack in self._stacks if (stack.account, stack.region) == (caller.account, caller.region)]

    def _list_stacks(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        wanted = params.get("StackStatusFilter") or []
        keys = (
            "StackId",
            "StackName",
            "CreationTime",
            "LastUpdatedTime",
            "DeletionTime",
            "StackStatus",
            "StackStatusReason",
        )
        found = [
            {key: value for key, value in _described(stack).items() if key in keys}
            for stack in self._of(caller)
            if not wanted or stack.status in wanted
        ]
        return {"StackSummaries": found}

    def _describe_events(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return {"StackEvents": self._named(params, caller).events[::-1]}

    def _describe_resources(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._named(params, caller)
        only = params.get("LogicalResourceId")
        found = [
            {"StackId": stack.id, "StackName": stack.name, "Timestamp": _utc(one.at), **_summary(one)}
            for one in stack.resources.values()
            if only in (None, one.logical)
        ]
        return {"StackResources": found}

    def _describe_resource(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._named(params, caller)
        resource = stack.resources.get(params["LogicalResourceId"])
        if resource is None:
            text = f"Resource {params['LogicalResourceId']} does not exist for stack {stack.name}"
            raise AwsError("ValidationError", text)
        detail = {
            "StackId": stack.id,
            "StackName": stack.name,
            "LastUpdatedTimestamp": _utc(resource.at),
            **_summary(resource),
        }
        return {"StackResourceDetail": detail}

    def _list_resources(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        found = [
            {**_summary(one), "LastUpdatedTimestamp": _utc(one.at)}
            for one in self._named(params, caller).resources.values()
        ]
        return {"StackResourceSummaries": found}

    def _get_template(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._named(params, caller)
        processed = params.get("TemplateStage") == "Processed"
        body = json.dumps(stack.template, indent=2) if processed else stack.text
        return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}

    def _get_summary(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._named(params, caller) if params.get("StackName") else None
        template = read(stack.text if stack else self._text(params, caller))
        return {
            "Parameters": _declared(template),
            "Description": template.get("Description", ""),
            "ResourceTypes": sorted({one["Type"] for one in (template.get("Resources") or {}).values()}),
        }

    def _validate(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        template = read(self._text(params, caller))
        if not template.get("Transform"):
            check(template)
        shown = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
        declared = [{key: one[key] for key in shown if key in one} for one in _declared(template)]
        return {"Parameters": declared, "Description": template.get("Description", "")}

    def _list_exports(self, _: dict[str, Any], caller: Caller) -> dict[str, Any]:
        found = [
            {"ExportingStackId": stack.id, "Name": output["ExportName"], "Value": output["OutputValue"]}
            for stack in self._of(caller)
            for output in stack.outputs
            if "ExportName" in output
        ]
        return {"Exports": found}

    def _protect(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._named(params, caller)
        stack.protected = bool(params["EnableTerminationProtection"])
        return {"StackId": stack.id}

    # --- change sets ---------------------------------------------------------------------------------------

    def _create_change_set(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name, kind = params["StackName"], params.get("ChangeSetType", "UPDATE")
        stack = self._find(name, caller.account, caller.region)
        if kind == "IMPORT":
            raise NotEmulated(self.name, "CreateChangeSet of type IMPORT")
        if kind == "UPDATE" and stack is None:
            raise AwsError("ValidationError", f"Stack [{name}] does not exist")
        if kind == "CREATE" and stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            again = f"cannot be created again with the changeSet [{params['ChangeSetName']}]."
            raise AwsError("ValidationError", f"Stack [{name}] already exists and {again}")
        text = self._text(params, caller, stack)
        capabilities = list(params.get("Capabilities") or [])
        fresh = stack is None
        if stack is None:
            stack = self._new(name, caller.account, caller.region)
        given = self._given(params, stack)
        try:
            template, values = self._prepare(stack, text, given)
            # By what the transform made: a change set shows it, so that needs no CAPABILITY_AUTO_EXPAND.
            self._require_capabilities(template, capabilities)
        except (TemplateError, AwsError):
            if fresh:
                self._stacks.remove(stack)
            raise
        if fresh:
            # On AWS this event says REVIEW_IN_PROGRESS, which the model does not know. There must be one: SAM
            # reads the time of the last event to know what is new, and takes its own clock when there is none.
            self._note(stack, "CREATE_IN_PROGRESS", "Review in progress")
            stack.status = "REVIEW_IN_PROGRESS"
        tags = _tags(params) if "Tags" in params else stack.tags
        scope = self._scope(stack, template, values)
        scope.values |= {one.logical: one.made.id for one in stack.resources.values()}
        changes = _changes(stack, template, scope, tags)
        change_set_id = (
            f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{params['ChangeSetName']}"
            f"/{uuid4(self.cloud.random_ids)}"
        )
        stack.change_sets[params["ChangeSetName"]] = ChangeSet(
            id=change_set_id,
            name=params["ChangeSetName"],
            template=text,
            parameters=given,
            tags=tags,
            capabilities=capabilities,
            changes=changes,
            status="CREATE_COMPLETE" if changes else "FAILED",
            reason="" if changes else NO_CHANGES,
            at=self.cloud.clock.now,
            creates=kind == "CREATE",
            description=params.get("Description", ""),
            role=params.get("RoleARN", ""),
            execution="AVAILABLE" if changes else "UNAVAILABLE",
        )
        return {"Id": change_set_id, "StackId": stack.id}

    def _change_set(self, params: Mapping[str, Any], caller: Caller) -> tuple[Stack, ChangeSet]:
        name = params["ChangeSetName"]
        for stack in self._of(caller):
            if params.get("StackName") and params["StackName"] not in (stack.name, stack.id):
                continue
            for one in stack.change_sets.values():
                if name in (one.name, one.id):
                    return stack, one
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)

    def _describe_change_set(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack, one = self._change_set(params, caller)
        changes = []
        for it in one.changes:
            change: dict[str, Any] = {
                "Action": it.action,
                "LogicalResourceId": it.logical,
                "ResourceType": it.type,
            }
            if it.logical in stack.resources:
                change["PhysicalResourceId"] = stack.resources[it.logical].made.id
            if it.replaces:
                change["Replacement"] = it.replaces
            changes.append({"Type": "Resource", "ResourceChange": change})
        answer: dict[str, Any] = {
            "ChangeSetName": one.name,
            "ChangeSetId": one.id,
            "StackId": stack.id,
            "StackName": stack.name,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in one.parameters.items()],
            "CreationTime": _utc(one.at),
            "ExecutionStatus": one.execution,
            "Status": one.status,
            "Tags": [{"Key": key, "Value": value} for key, value in one.tags.items()],
            "Capabilities": one.capabilities,
            "Changes": changes,
        }
        if one.reason:
            answer["StatusReason"] = one.reason
        return answer

    def _execute_change_set(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack, one = self._change_set(params, caller)
        if one.execution != "AVAILABLE":
            text = f"ChangeSet [{one.id}] cannot be executed in its current execution status of [{one.execution}]"
            raise AwsError("InvalidChangeSetStatus", text)
        stack.capabilities = one.capabilities
        stack.role = one.role
        self._apply(stack, one.template, one.parameters, one.tags, caller)
        stack.change_sets.clear()
        return {}

    def _delete_change_set(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack, one = self._change_set(params, caller)
        del stack.change_sets[one.name]
        return {}

    def _list_change_sets(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        stack = self._named(params, caller)
        found = [
            {
                "StackId": stack.id,
                "StackName": stack.name,
                "ChangeSetId": one.id,
                "ChangeSetName": one.name,
                "ExecutionStatus": one.execution,
                "Status": one.status,
                "CreationTime": _utc(one.at),
            }
            for one in stack.change_sets.values()
        ]
        return {"Summaries": found}


_ANSWERS: dict[str, Callable[[Stacks, dict[str, Any], Caller], dict[str, Any]]] = {
    "CreateStack": Stacks._create_stack,
    "UpdateStack": Stacks._update_stack,
    "DeleteStack": Stacks._delete_stack,
    "DescribeStacks": Stacks._describe_stacks,
    "ListStacks": Stacks._list_stacks,
    "DescribeStackEvents": Stacks._describe_events,
    "DescribeStackResources": Stacks._describe_resources,
    "DescribeStackResource": Stacks._describe_resource,
    "ListStackResources": Stacks._list_resources,
    "GetTemplate": Stacks._get_template,
    "GetTemplateSummary": Stacks._get_summary,
    "ValidateTemplate": Stacks._validate,
    "ListExports": Stacks._list_exports,
    "UpdateTerminationProtection": Stacks._protect,
    "CreateChangeSet": Stacks._create_change_set,
    "DescribeChangeSet": Stacks._describe_change_set,
    "ExecuteChangeSet": Stacks._execute_change_set,
    "DeleteChangeSet": Stacks._delete_change_set,
    "ListChangeSets": Stacks._list_change_sets,
}


class _Deployment:
    """One way of a stack from what it is to what a template says."""

    def __init__(
        self,
        stacks: Stacks,
        stack: Stack,
        template: Template,
        parameters: Mapping[str, str],
        tags: dict[str, str],
        caller: Caller,
    ) -> None:
        self.stacks = stacks
        self.cloud = stacks.cloud
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
        scope = self.stacks._scope(self.stack, self.template, self.parameters)
        for name, resource in self.stack.resources.items():
            scope.values[name] = resource.made.id
        wanted = _wanted(self.template, scope)
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
        replace = old is not None and _replaces(kind, old, properties)
        word = "CREATE" if old is None or replace else "UPDATE"
        self.stacks._note(self.stack, f"{word}_IN_PROGRESS", logical=name, kind=kind.type, resource=old)
        work = self._work(name, properties, None if replace else old)
        try:
            made = kind.make(work)
            if work.properties:
                raise ResourceFailed(
                    f"{name}: Properties validation failed: {sorted(work.properties)} are not known here"
                )
        except (*_FAILURES,) as error:
            self.stacks._note(self.stack, f"{word}_FAILED", str(error), logical=name, kind=kind.type, resource=old)
            raise ResourceFailed(_told(name, kind, error)) from error
        keep = part.get("DeletionPolicy") in {"Retain", "RetainExceptOnCreate"}
        resource = Resource(name, kind.type, made, properties, f"{word}_COMPLETE", self.cloud.clock.now, keep)
        self.stack.resources[name] = resource
        self._changed.append(name)
        if replace and old is not None and old.made.id != made.id:
            old.keep = part.get("UpdateReplacePolicy") == "Retain"
            self._replaced.append(old)
        scope.values[name] = made.id
        self.stacks._note(self.stack, f"{word}_COMPLETE", logical=name, kind=kind.type, resource=resource)

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
        self.stacks._note(self.stack, "DELETE_IN_PROGRESS", logical=resource.logical, kind=kind.type, resource=resource)
        if resource.keep:
            self.stacks._note(self.stack, "DELETE_SKIPPED", logical=resource.logical, kind=kind.type, resource=resource)
            return
        work = self._work(resource.logical, resource.properties, resource)
        try:
            kind.remove(work)
        except (*_FAILURES,) as error:
            if not _is_gone(error):
                told = _told(resource.logical, kind, error)
                self.stacks._note(
                    self.stack, "DELETE_FAILED", told, logical=resource.logical, kind=kind.type, resource=resource
                )
                raise ResourceFailed(told) from error
        self.stacks._note(self.stack, "DELETE_COMPLETE", logical=resource.logical, kind=kind.type, resource=resource)

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
)


def _told(name: str, kind: Kind, error: Exception) -> str:
    if isinstance(error, ResourceFailed):
        return str(error)
    if isinstance(error, KeyError):
        return f"{name} ({kind.type}): property {error} is missing"
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


@dataclass(frozen=True)
class Change:
    """What a change set says of a resource. `replaces` is '' for what is added or removed."""

    action: str
    logical: str
    type: str
    replaces: str = ""


def _changes(stack: Stack, template: Template, scope: Scope, tags: Mapping[str, str]) -> list[Change]:
    """What a template would do to a stack: what differs once it is worked out, or waits for something that does."""
    wanted = _wanted(template, scope)
    found: list[Change] = []
    for name, part in wanted.items():
        kind, old = part["Type"], stack.resources.get(name)
        if old is None:
            found.append(Change("Add", name, kind))
            continue
        try:
            properties = scope.resolve(part.get("Properties") or {})
        except TemplateError:  # it reads what is yet to be made
            found.append(Change("Modify", name, kind, "Conditional"))
            continue
        if (old.properties, old.type) != (properties, kind) or dict(tags) != stack.tags:
            replaces = _replaces(KINDS[kind], old, properties)
            found.append(Change("Modify", name, kind, "True" if replaces else "False"))
    found += [Change("Remove", name, one.type) for name, one in stack.resources.items() if name not in wanted]
    if not found and stack.template and stack.template.get("Outputs") != template.get("Outputs"):
        found = [Change("Modify", name, part["Type"], "False") for name, part in wanted.items()][:1]
    return found


def _wanted(template: Template, scope: Scope) -> dict[str, Any]:
    """The resources whose condition holds."""
    return {
        name: part
        for name, part in template["Resources"].items()
        if part.get("Condition") is None or scope.condition(part["Condition"])
    }


def _replaces(kind: Kind, old: Resource, properties: Mapping[str, Any]) -> bool:
    """Whether these properties need another resource in the place of the old one."""
    return (
        old.type != kind.type
        or (kind.replaces is None and old.properties != properties)
        or any(old.properties.get(key) != properties.get(key) for key in kind.replaces or ())
    )


def _tags(params: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in params.get("Tags") or []}


def _declared(template: Template) -> list[dict[str, Any]]:
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


def _described(stack: Stack) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "StackId": stack.id,
        "StackName": stack.name,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
        "CreationTime": _utc(stack.created),
        "StackStatus": stack.status,
        "DisableRollback": False,
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": stack.outputs,
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    }
    if stack.template.get("Description"):
        answer["Description"] = stack.template["Description"]
    if stack.reason:
        answer["StackStatusReason"] = stack.reason
    if stack.role:
        answer["RoleARN"] = stack.role
    for key, at in (("LastUpdatedTime", stack.updated), ("DeletionTime", stack.deleted)):
        if at is not None:
            answer[key] = _utc(at)
    return answer


def _summary(resource: Resource) -> dict[str, Any]:
    return {
        "LogicalResourceId": resource.logical,
        "PhysicalResourceId": resource.made.id,
        "ResourceType": resource.type,
        "ResourceStatus": resource.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def _utc(epoch: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(epoch, datetime.UTC)
