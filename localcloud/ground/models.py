"""botocore's models of AWS's services, each read once: operations, errors, page tokens."""

from __future__ import annotations

import contextlib
import functools
import gc
import gzip
import itertools
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader, create_loader
from botocore.model import StructureShape
from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES
from moto.core.loaders import Loader as MotoLoader
from moto.core.loaders import moto_root
from moto.core.model import OperationModel, ServiceModel
from moto.core.routing import ServiceOperationRouter

_SERVICE_BY_ID = {hyphens: name for name, hyphens in CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES.items()}


class _Files(JSONFileLoader):
    """botocore's, several times as fast: the models are read by whoever starts, and each test's process starts."""

    def load_file(self, file_path: str) -> Any:
        for ending, opened in ((".json", open), (".json.gz", gzip.open)):
            with contextlib.suppress(FileNotFoundError), opened(file_path + ending, "rb") as file:
                return msgspec.json.decode(file.read())
        return None


@functools.cache
def loader(search_path: str | None = None) -> Loader:
    """The one that all sessions read botocore's models with: each is read from disk, and kept, once."""
    made = create_loader(search_path)
    made.file_loader = _Files()
    return made


class _Forgetful(MotoLoader):
    """moto's, for moto adds to the models. It keeps none that it reads, and knows from ours which there are."""

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[moto_root], file_loader=_Files())

    def list_available_services(self, type_name: str) -> list[str]:
        found: list[str] = loader().list_available_services(type_name)
        return found


KEPT = 32
"""So many services' models are kept, those that were called last."""


class _Known:
    """What is known of a service: its model, in moto's dress, and the router that finds its operations."""

    def __init__(self, service: str) -> None:
        # moto keeps the models that it reads for ever, a megabyte each: so it does not read them.
        self.model = ServiceModel(_Forgetful().load_service_model(service, "service-2"), service)

    @functools.cached_property
    def router(self) -> ServiceOperationRouter:
        return ServiceOperationRouter(self.model)


_kept: OrderedDict[str, _Known] = OrderedDict()
_let_go = itertools.count(1)


def _known(service: str) -> _Known:
    found = _kept.pop(service, None)
    if found is None:
        found = _Known(service)
        if len(_kept) >= KEPT:
            _kept.popitem(last=False)
            # A model and its operations name each other, so that only a look for garbage frees what is let go; and
            # while a local cloud is open those are rare.
            if next(_let_go) % 16 == 0:
                gc.collect()
    _kept[service] = found
    return found


def model(service: str) -> ServiceModel:
    """The botocore model of a service, in moto's dress. Those of services long not called are let go."""
    return _known(service).model


def router(service: str) -> ServiceOperationRouter:
    """Finds the operation of a service that a request names."""
    return _known(service).router


# The model keeps its operations, and these their errors: a cache of our own would keep the model.


def operation_model(service: str, operation: str) -> OperationModel:
    found: OperationModel = model(service).operation_model(operation)
    return found


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


class Head(NamedTuple):
    """What the beginning of a service's model says: enough to tell whose a message may be."""

    service: str
    signed: str
    """The name by which its calls are signed, which need not be botocore's and may be several services'."""
    version: str
    protocols: tuple[str, ...]
    target: str = ""


@functools.cache
def heads() -> tuple[Head, ...]:
    """Of all services. Of 400 models only the beginning is read: to read them whole takes a minute."""
    return tuple(_head_of(name) for name in sorted(known_services()))


def _head_of(service: str) -> Head:
    head = _head(service)
    said = dict(re.findall(r'"(signingName|endpointPrefix|targetPrefix|apiVersion|protocol)"\s*:\s*"([^"]+)"', head))
    listed = re.search(r'"protocols"\s*:\s*\[([^\]]*)\]', head)
    offered = re.findall(r'"([^"]+)"', listed[1]) if listed else []
    return Head(
        service,
        said.get("signingName") or said.get("endpointPrefix", ""),
        said.get("apiVersion", ""),
        tuple(dict.fromkeys([*offered, said.get("protocol", "")])),
        said.get("targetPrefix", ""),
    )


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


def page_tokens(service: str, operation: str) -> tuple[str, ...]:
    """The parameters by which an operation is told where to go on."""
    return _paginator(service, operation, "input_token")


def page_lists(service: str, operation: str) -> tuple[str, ...]:
    """The members of an answer that are given page by page."""
    return _paginator(service, operation, "result_key")


@functools.cache
def _paginator(service: str, operation: str, what: str) -> tuple[str, ...]:
    try:
        pages = loader().load_service_model(service, "paginators-1")["pagination"]
    except (UnknownServiceError, DataNotFoundError):
        return ()
    named = pages.get(operation, {}).get(what, [])
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
