"""Functions, layers, permissions and what calls a function, as CloudFormation makes them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.ground.kinds import (
    LOCAL_BUCKET,
    Gone,
    Made,
    Properties,
    ResourceFailed,
    Work,
    as_text,
    kind,
    nothing,
    picked,
    retag,
    there,
)

_FUNCTION = (
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)

_ENVIRONMENT_BYTES = 4096  # facts 21


def _code(work: Work, code: Mapping[str, Any]) -> dict[str, Any]:
    if code.get("S3Bucket") == LOCAL_BUCKET:
        return {"ZipFile": work.cloud.functions.stand_in(Path(code["S3Key"]))}
    if isinstance(code.get("ZipFile"), str):
        return {"ZipFile": _inline(code["ZipFile"])}
    return dict(code)


def _inline(text: str) -> bytes:
    """CloudFormation calls the file `index`, whatever the handler is called."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), text)
    return packed.getvalue()


def _function_settings(work: Work) -> dict[str, Any]:
    given = work.take_some(*_FUNCTION)
    if "KmsKeyArn" in given:
        given["KMSKeyArn"] = given.pop("KmsKeyArn")
    variables = (given.get("Environment") or {}).get("Variables") or {}
    for key, value in variables.items():
        if not isinstance(value, str | int | float | bool):
            raise ResourceFailed(f"{work.logical}: the variable {key} is no text: {value!r}")
    variables = {key: as_text(value) for key, value in variables.items()}
    if sum(len(key) + len(value) for key, value in variables.items()) > _ENVIRONMENT_BYTES:
        raise ResourceFailed(f"{work.logical}: the environment is larger than {_ENVIRONMENT_BYTES} bytes")
    if "Environment" in given:
        given["Environment"] = {"Variables": variables}
    return given


def _read_function(work: Work) -> Properties:
    """Its code is written only."""
    client, name = work.client("lambda"), there(work).id
    found = client.get_function_configuration(FunctionName=name)
    read = picked(found, "Architectures", "Description", "Handler", "MemorySize", "Role", "Runtime", "Timeout")
    reserved = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    return {
        **read,
        "Environment": {"Variables": found.get("Environment", {}).get("Variables", {})},
        "Layers": [layer["Arn"] for layer in found.get("Layers", ())],
        "ReservedConcurrentExecutions": reserved,
    }


@kind(
    "AWS::Lambda::Function",
    lambda work: work.client("lambda").delete_function(FunctionName=there(work).id),
    attributes=("Arn",),
    replaces=("FunctionName", "PackageType"),
    read=_read_function,
    requires=(
        "Code",
        "Role",
    ),
)
def _function(work: Work) -> Made:
    client = work.client("lambda")
    name = work.name(work.take("FunctionName"))
    code = _code(work, work.require("Code"))
    reserved = work.take("ReservedConcurrentExecutions")
    given = _function_settings(work)
    if work.old is None:
        arn = client.create_function(FunctionName=name, Code=code, Tags=work.tags(), **given)["FunctionArn"]
    else:
        arn = work.old.attributes["Arn"]
        given.pop("PackageType", None)
        architectures = given.pop("Architectures", None)
        client.update_function_configuration(FunctionName=name, **given)
        more = {"Architectures": architectures} if architectures else {}
        client.update_function_code(FunctionName=name, **code, **more)
        retag(
            work,
            lambda tags: client.tag_resource(Resource=arn, Tags=tags),
            lambda keys: client.untag_resource(Resource=arn, TagKeys=keys),
        )
    if reserved is not None:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(reserved))
    elif work.old_properties.get("ReservedConcurrentExecutions") is not None:
        client.delete_function_concurrency(FunctionName=name)
    return Made(name, {"Arn": arn})


def _remove_layer(work: Work) -> None:
    arn = there(work).id
    name, version = arn.split(":")[6:8]
    work.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


@kind("AWS::Lambda::LayerVersion", _remove_layer, attributes=("LayerVersionArn",), replaces=None, requires=("Content",))
def _layer(work: Work) -> Made:
    content = _code(work, work.require("Content"))
    given = work.take_some("Description", "CompatibleArchitectures", "CompatibleRuntimes", "LicenseInfo")
    name = work.take("LayerName") or f"{work.stack}-{work.logical}"
    arn = work.client("lambda").publish_layer_version(LayerName=name, Content=content, **given)["LayerVersionArn"]
    return Made(arn, {"LayerVersionArn": arn})


def _remove_permission(work: Work) -> None:
    work.client("lambda").remove_permission(FunctionName=work.require("FunctionName"), StatementId=there(work).id)


def _read_permission(work: Work) -> Properties:
    """A statement cannot be changed, only taken away."""
    policy = work.client("lambda").get_policy(FunctionName=work.properties["FunctionName"])["Policy"]
    if there(work).id not in [statement.get("Sid") for statement in json.loads(policy)["Statement"]]:
        raise Gone(f"no statement {there(work).id}")
    return {}


@kind(
    "AWS::Lambda::Permission",
    _remove_permission,
    read=_read_permission,
    attributes=("Id",),
    replaces=None,
    requires=(
        "FunctionName",
        "Action",
        "Principal",
    ),
)
def _permission(work: Work) -> Made:
    given = work.take_some(
        "Action", "FunctionName", "Principal", "SourceAccount", "SourceArn", "PrincipalOrgID", "EventSourceToken"
    )
    sid = work.name(None, 100)
    work.client("lambda").add_permission(StatementId=sid, **given)
    return Made(sid, {})


_MAPPING = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ScalingConfig",
)


def _read_mapping(work: Work) -> Properties:
    found = work.client("lambda").get_event_source_mapping(UUID=there(work).id)
    read = picked(found, "BatchSize", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds", "ScalingConfig")
    return {**read, "Enabled": found["State"] in {"Enabled", "Enabling", "Creating"}}


@kind(
    "AWS::Lambda::EventSourceMapping",
    lambda work: work.client("lambda").delete_event_source_mapping(UUID=there(work).id),
    read=_read_mapping,
    attributes=("EventSourceMappingArn", "Id"),
    replaces=("EventSourceArn", "StartingPosition"),
    requires=("FunctionName",),
)
def _mapping(work: Work) -> Made:
    client = work.client("lambda")
    given, tags = work.take_some(*_MAPPING), work.tags()
    fixed = work.take_some("EventSourceArn", "StartingPosition")
    if work.old is None:
        answer = client.create_event_source_mapping(Tags=tags, **given, **fixed)
    else:
        answer = client.update_event_source_mapping(UUID=work.old.id, **given)
    arn = answer.get("EventSourceMappingArn", "")
    return Made(answer["UUID"], {"EventSourceMappingArn": arn, "Id": answer["UUID"]})


@kind(
    "AWS::Lambda::EventInvokeConfig",
    lambda work: work.client("lambda").delete_function_event_invoke_config(FunctionName=work.require("FunctionName")),
    replaces=("FunctionName", "Qualifier"),
    requires=(
        "FunctionName",
        "Qualifier",
    ),
)
def _invoke_config(work: Work) -> Made:
    given = work.take_some("DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
    if work.take("Qualifier") not in {None, "$LATEST"}:
        raise ResourceFailed(f"{work.logical}: only the qualifier $LATEST is emulated")
    work.client("lambda").put_function_event_invoke_config(**given)
    return Made(work.name(None), {})


@kind("AWS::Lambda::Version", nothing, attributes=("FunctionArn", "Version"), replaces=None, requires=("FunctionName",))
def _version(work: Work) -> Made:
    given = work.take_some("FunctionName", "Description", "CodeSha256")
    answer = work.client("lambda").publish_version(**given)
    arn = f"{answer['FunctionArn'].removesuffix(':' + answer['Version'])}:{answer['Version']}"
    return Made(arn, {"FunctionArn": arn, "Version": answer["Version"]})


def _remove_alias(work: Work) -> None:
    work.client("lambda").delete_alias(FunctionName=work.require("FunctionName"), Name=work.require("Name"))


@kind(
    "AWS::Lambda::Alias",
    _remove_alias,
    attributes=("AliasArn",),
    replaces=("Name", "FunctionName"),
    requires=(
        "FunctionName",
        "FunctionVersion",
        "Name",
    ),
)
def _alias(work: Work) -> Made:
    client = work.client("lambda")
    given = work.take_some("FunctionName", "Name", "FunctionVersion", "Description", "RoutingConfig")
    call = client.create_alias if work.old is None else client.update_alias
    arn = call(**given)["AliasArn"]
    return Made(arn, {"AliasArn": arn})
