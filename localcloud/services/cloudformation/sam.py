"""The SAM transform, the real one; and local folders put where it takes an S3 location."""

from __future__ import annotations

import copy
import functools
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import samtranslator  # type: ignore[import-untyped]  # has none

from localcloud.ground import machine
from localcloud.ground.kinds import LOCAL_BUCKET
from localcloud.ground.managed_policies import aws_managed_policies
from localcloud.services.cloudformation.model import Template, TemplateError
from localcloud.services.cloudformation.read import read

SAM = "AWS::Serverless-2016-10-31"


class _ManagedPolicies:
    """Names of the policies that AWS manages, without asking IAM for a thousand of them."""

    def load(self) -> dict[str, str]:
        return {arn.rpartition("/")[2]: arn for arn in aws_managed_policies()}


def translate(template: Template, parameters: Mapping[str, str]) -> Template:
    """The template after the SAM transform; raises TemplateError with what the transform says."""
    where = os.environ.get("AWS_DEFAULT_REGION", "")
    key = json.dumps([samtranslator.__version__, where, template, dict(parameters)])
    result: Template = json.loads(_translated(key))
    return result


@functools.lru_cache(maxsize=64)
def _translated(key: str) -> str:
    # By what was translated: the transform takes longer to import than the rest of a deployment.
    return machine.kept("sam", key, lambda: _transformed(*json.loads(key)[2:]))


def _transformed(template: Template, parameters: Mapping[str, str]) -> str:
    # Where it is installed, it has a grammar of addresses read, by which the transform checks none: seconds.
    with machine.lacking("rfc3987_syntax"):
        from samtranslator.model.exceptions import InvalidDocumentException  # type: ignore[import-untyped]  # has none
        from samtranslator.translator.transform import transform  # type: ignore[import-untyped]  # has none

    loader: Any = _ManagedPolicies()
    # It warns of metrics about itself that nobody collects here.
    logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
    try:
        translated = transform(template, parameters, loader)
    except InvalidDocumentException as error:
        causes = "; ".join(str(cause.message) for cause in error.causes)
        raise TemplateError(f"Transform {SAM} failed with: {error.message} {causes}") from error
    translated.pop("Transform", None)
    return json.dumps(translated)


def localise(template: Template, base: Path) -> Template:
    """The template with its local folders and files in a form that the transform and the types take.

    Folders of code become S3 locations that the types of Lambda know for local ones; definitions are put in.
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
