"""Which sandbox a function runs in: its code and layers unpacked, its variables, its credentials."""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend as lambda_backend

from localcloud.services.lambda_.estate import Estate
from localcloud.services.lambda_.log import group_name, open_stream, stream_name
from localcloud.services.lambda_.sandbox import Sandbox

SESSION_SECONDS = 12 * 3600.0  # life of a sandbox's credentials; after it a new sandbox starts cold


def _environment(function: LambdaFunction, code: str, credentials: Mapping[str, Any], stream: str) -> dict[str, str]:
    """The variables that a function sees on Lambda, and nothing of this process.

    X-Ray is not emulated, so its SDK and Powertools' Tracer are told that there is no daemon; the null files
    keep boto3 from a configuration of this machine.
    """
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": group_name(function),
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "LAMBDA_TASK_ROOT": code,
        "_HANDLER": str(function.handler),
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_XRAY_SDK_ENABLED": "false",
        "POWERTOOLS_TRACE_DISABLED": "true",
        **{name: str(value) for name, value in function.environment_vars.items()},
    }


def sandbox_of(estate: Estate, function: LambdaFunction, request: str) -> tuple[Sandbox, bool]:
    """Where this request runs, and whether it starts cold there."""
    layers = [layer["Arn"] for layer in function.layers]
    key = (
        function.code_sha_256,
        function.handler,
        tuple(layers),
        json.dumps(function.environment_vars, sort_keys=True),
        function.role,
    )
    known = estate.sandboxes.get(function.function_arn)
    if known is not None and known[0] == key and known[1].credentials_end > estate.cloud.clock.now:
        return known[1], False
    code = folder_of(estate, function.code_bytes)
    folders = [str(code), *(str(folder) for arn in layers for folder in layer_folders(estate, function, arn))]
    credentials = estate.cloud.sts.issue(
        function.role, function.function_name, SESSION_SECONDS, service="lambda.amazonaws.com"
    )
    stream = stream_name(estate.cloud.clock.now, request)
    writer, _ = estate.cloud.sts.sessions[credentials["AccessKeyId"]]
    open_stream(estate.cloud, function, writer, stream)
    sandbox = Sandbox(
        folders,
        _environment(function, str(code), credentials, stream),
        estate.cloud.clock.now + SESSION_SECONDS - float(function.timeout),
    )
    estate.sandboxes[function.function_arn] = (key, sandbox)
    estate.made.append(sandbox)
    estate.cold[function.function_arn] = estate.cold.get(function.function_arn, 0) + 1
    importlib.invalidate_caches()
    return sandbox, True


def layer_folders(estate: Estate, function: LambdaFunction, arn: str) -> Iterator[Path]:
    version = lambda_backend(function.account_id, function.region).layers_versions_by_arn(arn)
    if version is None:
        return  # deleted since; a function keeps the copy that it has on AWS, and here has none
    top = folder_of(estate, version.code_bytes)
    # A folder without `python/` is the source of a layer that `sam build` would move into one.
    inner = [top / "python", top / "python" / "lib" / "python3.13" / "site-packages"]
    yield from [folder for folder in inner if folder.is_dir()] or [top]


def folder_of(estate: Estate, code: bytes) -> Path:
    digest = hashlib.sha256(code).hexdigest()
    if digest not in estate.folders:
        folder = Path(estate.unpacked.name) / digest
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            archive.extractall(folder)
        estate.folders[digest] = folder
    return estate.folders[digest]
