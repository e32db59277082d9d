"""What botocore and moto work out anew with each client and each call, though it comes out the same: kept, or left out.

`localcloud.ground.moto` puts it in place while a local cloud is open.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.client import ClientCreator
from botocore.compat import get_current_datetime
from botocore.exceptions import NoCredentialsError
from botocore.hooks import HierarchicalEmitter
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.dynamodb.parsing import ast_nodes

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Where a server may listen: what is called there goes over the wire, and is signed as for any server."""

_V4: Any = SigV4Auth
_add_auth: Callable[[Any, Any], None] = SigV4Auth.add_auth


def sign(auth: Any, request: Any) -> None:
    """What stays in this process is told who signed, and when; nobody there reckons what the signature is."""
    if type(auth) is not _V4 or urlsplit(request.url).hostname in LOOPBACK:
        _add_auth(auth, request)
        return
    if auth.credentials is None:
        raise NoCredentialsError
    request.context["timestamp"] = get_current_datetime().strftime(SIGV4_TIMESTAMP)
    auth._modify_request_before_signing(request)
    signed = f"Credential={auth.scope(request)}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    request.headers["Authorization"] = f"AWS4-HMAC-SHA256 {signed}"


_create_methods: Callable[[Any, Any], dict[str, Any]] = vars(ClientCreator)["_create_methods"]
_methods: dict[str, tuple[Any, dict[str, Any]]] = {}
"""Service -> its model as it was read, and a method for each operation: the client comes with the call."""


def methods(creator: ClientCreator, service_model: Any) -> dict[str, Any]:
    """Those of a client's class, which are made by the hundred for each client."""
    said = service_model._service_description
    known = _methods.get(service_model.service_name)
    if known is None or known[0] is not said:
        first: Any = copy.copy(creator)
        first._event_emitter = HierarchicalEmitter()  # not this session's, which their documentation would keep
        known = _methods[service_model.service_name] = (said, _create_methods(first, service_model))
    return dict(known[1])


_possible: dict[tuple[Any, ...], tuple[str, ...]] = {}
_get_possible_keys = XFormedAttributePicker.get_possible_keys


def possible_keys(picker: XFormedAttributePicker, context: AttributePickerContext) -> tuple[str, ...]:
    """What an attribute of an answer may be called by moto's objects of this class."""
    shape: Any = context.shape
    parent: Any = getattr(shape, "parent", None)
    asked = (
        tuple(picker.alias_providers),
        type(context.obj),
        context.key,
        None if context.service_model is None else context.service_model.service_name,
        None if shape is None else (shape.name, shape.type_name, shape.serialization.get("name")),
        None if parent is None else parent.name,
    )
    known = _possible.get(asked)
    if known is None:
        known = _possible[asked] = tuple(_get_possible_keys(picker, context))
    return known


_nodes: dict[type, tuple[type, ...]] = {}
TRAVERSER: Any = vars(ast_nodes)["DepthFirstTraverser"]
_nodes_to_be_processed: Callable[[Any], tuple[type, ...]] = TRAVERSER.nodes_to_be_processed


def nodes(traverser: Any) -> tuple[type, ...]:
    """Which parts of an expression are its to work on: moto asks for each part of each expression."""
    known = _nodes.get(type(traverser))
    if known is None:
        known = _nodes[type(traverser)] = _nodes_to_be_processed(traverser)
    return known
