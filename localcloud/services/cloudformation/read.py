"""The text of a template, YAML or JSON, read as CloudFormation reads it."""

from __future__ import annotations

import functools
import json
from typing import Any

import yaml

from localcloud.ground.yaml_text import SAFE, is_too_deep
from localcloud.services.cloudformation.form import demand_form
from localcloud.services.cloudformation.model import Template, TemplateError
from localcloud.services.cloudformation.quotas import demand_within


class _Loader(SAFE):  # type: ignore[misc]  # one of two, with the same base
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
    for first, resolvers in SAFE.yaml_implicit_resolvers.items()
}


@functools.lru_cache(maxsize=64)
def _read(text: str) -> str:
    """The template as JSON, whatever it is written in."""
    if is_too_deep(text):
        raise TemplateError("Template format error: unsupported structure.")
    try:
        # A loader of our own on top of the safe one.
        found = yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise TemplateError(f"Template format error: YAML not well-formed. {error}") from error
    except TemplateError:
        raise
    except (RecursionError, ValueError, TypeError) as error:
        # Nested too deeply; a number or a key of a kind that there is none of.
        raise TemplateError("Template format error: unsupported structure.") from error
    if not isinstance(found, dict):
        raise TemplateError("Template format error: unsupported structure.")
    try:
        return json.dumps(found, allow_nan=False)
    except (RecursionError, ValueError, TypeError) as error:
        raise TemplateError("Template format error: unsupported structure.") from error


@functools.lru_cache(maxsize=64)
def demand_no_alias(text: str) -> None:
    """TemplateError for what the CLIs take, who write it out, and CloudFormation does not: W1101 of cfn-lint.

    What is no YAML, or too deep, `read` tells.
    """
    if is_too_deep(text):
        return
    try:
        aliases = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=SAFE))
    except yaml.YAMLError:
        return
    if aliases:
        raise TemplateError("Template error: YAML aliases are not allowed in CloudFormation templates")


def read(text: str) -> Template:
    """A template from its text (YAML or JSON); raises TemplateError."""
    template: Template = json.loads(_read(text))
    demand_form(template)
    demand_within(template)
    return template
