"""Which intrinsic functions a template may use: some only by AWS's transform for extensions of the language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from localcloud.services.cloudformation.model import Template, TemplateError
from localcloud.services.cloudformation.scope import FUNCTIONS

EXTENSIONS = "AWS::LanguageExtensions"
_EXTENDED = frozenset({"Fn::Length", "Fn::ToJsonString"})


def functions_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Name and argument of every intrinsic function in a part of a template."""
    if isinstance(value, list):
        for one in value:
            yield from functions_in(one)
    elif isinstance(value, dict):
        only = next(iter(value)) if len(value) == 1 else ""
        if only == "Ref" or only.startswith("Fn::"):
            yield only, value[only]
        for one in value.values():
            yield from functions_in(one)


def demand_known(template: Template, transforms: Sequence[str]) -> None:
    """TemplateError for a function that there is not, or not without the transform."""
    for where, part in _parts(template):
        for name, argument in functions_in(part):
            if name not in FUNCTIONS:
                known = ", ".join(sorted(one for one in FUNCTIONS if one.startswith("Fn::")))
                raise TemplateError(
                    f"Template error: {where}: Encountered unsupported function: {name} Supported here are: [{known}]"
                )
            has_default = name == "Fn::FindInMap" and isinstance(argument, list) and len(argument) > 3
            if (name in _EXTENDED or has_default) and EXTENSIONS not in transforms:
                what = f"a default value of {name}" if has_default else name
                raise TemplateError(f"Template error: {where}: {what} needs the transform {EXTENSIONS}")


def _parts(template: Template) -> Iterator[tuple[str, Any]]:
    for name, one in (template.get("Resources") or {}).items():
        yield f"Resources {name}", one.get("Properties")
    for section in ("Conditions", "Outputs"):
        for name, one in (template.get(section) or {}).items():
            yield f"{section} {name}", one
