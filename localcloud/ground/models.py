"""botocore's models of AWS's services, each read once: operations, errors, page tokens."""

from __future__ import annotations

import functools
import gzip
import re
from pathlib import Path
from typing import Any

from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader, create_loader
from botocore.model import StructureShape
from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES
from moto.core.model import OperationModel, ServiceModel
from moto.core.utils import get_service_model

_SERVICE_BY_ID = {hyphens: name for name, hyphens in CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES.items()}


@functools.cache
def loader(search_path: str | None = None) -> Loader:
    """The one that all sessions read botocore's models with: each is read from disk, and kept, once."""
    return create_loader(search_path)


@functools.lru_cache(maxsize=32)
def model(service: str) -> ServiceModel:
    """The botocore model of a service, in moto's dress. Those of services long not called are let go."""
    return get_service_model(service)


@functools.lru_cache(maxsize=1024)
def operation_model(service: str, operation: str) -> OperationModel:
    modelled: OperationModel = model(service).operation_model(operation)
    return modelled


@functools.lru_cache(maxsize=1024)
def error_shapes(service: str, operation: str = "") -> tuple[StructureShape, ...]:
    """The errors that the model knows, of one operation or of all."""
    of: Any = operation_model(service, operation) if operation else model(service)
    return tuple(of.error_shapes)


@functools.cache
def known_services() -> frozenset[str]:
    return frozenset(loader().list_available_services("service-2"))


@functools.cache
def regions() -> frozenset[str]:
    """All regions that AWS has, in every partition."""
    partitions = loader().load_data("endpoints")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])


def exists(service: str) -> bool:
    return service in known_services()


def signed_as(signing_name: str) -> tuple[str, ...]:
    """The services whose calls are signed by that name, which need not be botocore's."""
    return _by_signing_name().get(signing_name, ())


@functools.cache
def _by_signing_name() -> dict[str, tuple[str, ...]]:
    # Of 400 models only the beginning is read, where that stands: to read them whole takes a minute.
    found: dict[str, list[str]] = {}
    for name in sorted(known_services()):
        head = _head(name)
        said = dict(re.findall(r'"(signingName|endpointPrefix)"\s*:\s*"([^"]+)"', head))
        signed = said.get("signingName") or said.get("endpointPrefix")
        if signed:
            found.setdefault(signed, []).append(name)
    return {signed: tuple(names) for signed, names in found.items()}


def _head(service: str) -> str:
    loader = Loader()
    newest = loader.determine_latest_version(service, "service-2")
    for folder in loader.search_paths:
        plain = Path(folder) / service / newest / "service-2.json"
        for path, opened in ((plain, open), (plain.with_suffix(".json.gz"), gzip.open)):
            if path.is_file():
                with opened(path, "rb") as file:
                    return str(file.read(4096).decode(errors="replace"))
    return ""


@functools.cache
def page_tokens(service: str, operation: str) -> tuple[str, ...]:
    """The parameters by which an operation is told where to go on."""
    try:
        pages = loader().load_service_model(service, "paginators-1")["pagination"]
    except (UnknownServiceError, DataNotFoundError):
        return ()
    named = pages.get(operation, {}).get("input_token", [])
    return (named,) if isinstance(named, str) else tuple(named)


def service_of_id(service_id: str) -> str:
    """botocore's name of a service from its hyphenated id, as event names spell it."""
    return _SERVICE_BY_ID.get(service_id, service_id)


@functools.cache
def is_known(service: str, operation: str) -> bool:
    try:
        return operation in model(service).operation_names
    except UnknownServiceError:
        return False
