"""botocore's models of AWS's services, each read once: operations, errors, page tokens."""

from __future__ import annotations

import functools
from typing import Any

from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import StructureShape
from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES
from moto.core.model import OperationModel, ServiceModel
from moto.core.utils import get_service_model

_SERVICE_BY_ID = {hyphens: name for name, hyphens in CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES.items()}


@functools.cache
def model(service: str) -> ServiceModel:
    """The botocore model of a service, in moto's dress."""
    return get_service_model(service)


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    modelled: OperationModel = model(service).operation_model(operation)
    return modelled


@functools.cache
def error_shapes(service: str, operation: str = "") -> tuple[StructureShape, ...]:
    """The errors that the model knows, of one operation or of all."""
    of: Any = operation_model(service, operation) if operation else model(service)
    return tuple(of.error_shapes)


@functools.cache
def known_services() -> frozenset[str]:
    return frozenset(Loader().list_available_services("service-2"))


@functools.cache
def page_tokens(service: str, operation: str) -> tuple[str, ...]:
    """The parameters by which an operation is told where to go on."""
    try:
        pages = Loader().load_service_model(service, "paginators-1")["pagination"]
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
