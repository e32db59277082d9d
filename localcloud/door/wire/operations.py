"""Which operation a message is, by the ways in which the protocols say it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from moto.core.request import Request
from werkzeug.exceptions import NotFound

from localcloud.door.wire.message import Credential, Message, Operation
from localcloud.ground.models import Head, heads, model, operation_model, router

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"/service/(?P<service>[^/]+)/operation/(?P<operation>[^/?]+)$")


def credential(message: Message) -> Credential:
    """What the signature of a message says; from the Authorization header or a presigned URL."""
    found = _CREDENTIAL.search(message.headers.get("authorization", ""))
    if found:
        return Credential(*found.groups())
    query = dict(parse_qsl(urlsplit(message.url).query))
    parts = query.get("X-Amz-Credential", "").split("/")
    if len(parts) == 5:
        return Credential(parts[0], parts[2], parts[3])
    if "AWSAccessKeyId" in query:
        return Credential(query["AWSAccessKeyId"], "", "s3")
    # SimpleDB still signs so: within the form, and for nobody by name.
    return Credential(_form(message).get("AWSAccessKeyId", ""))


def request(message: Message, region: str, service: str) -> Request:
    """The message as moto takes it, addressed to the service's own host name.

    Over HTTP a message is addressed to the local cloud; moto finds account-less things (the region, a bucket
    in the host name) in the URL, so it gets the one that AWS would have got.
    """
    url = canonical_url(message, region, service)
    headers = {**message.headers, "host": urlsplit(url).netloc}
    if message.headers.get("content-type", "").startswith(_OTHER_PROTOCOLS) and _is_rest(service):
        # A REST call is known by method and path. moto goes by this header first, and `curl -d` calls all a form.
        del headers["content-type"]
    return Request.from_primitives(message.method, url, headers, message.body)


_OTHER_PROTOCOLS = ("application/x-www-form-urlencoded", "application/x-amz-json")


def _is_rest(service: str) -> bool:
    # Of an object in S3 the header says what it is.
    return service != "s3" and str(model(service).protocol).startswith("rest")


def canonical_url(message: Message, region: str, service: str) -> str:
    parts = urlsplit(message.url)
    prefix = model(service).endpoint_prefix
    if service == "s3":
        if parts.hostname and parts.hostname.endswith(".amazonaws.com"):
            return message.url
        bucket = _bucket_in(parts.hostname or "")
        prefix = f"{bucket}.s3" if bucket else "s3"
    host = f"{prefix}.{region}.amazonaws.com"
    return urlunsplit(("https", host, parts.path or "/", parts.query, ""))


def _bucket_in(host: str) -> str:
    """The bucket of a virtual-hosted request to the local cloud, as in `bucket.localhost` or `bucket.s3.localhost`."""
    for end in (".s3.localhost", ".localhost"):
        if host.endswith(end):
            return host.removesuffix(end)
    return ""


def identify(message: Message) -> Operation | None:
    """Which operation a message is, by the ways in which the protocols say it; None when nothing fits.

    Several services may sign by one name: each is asked that speaks the message's protocol, and the one fits that
    has the operation.
    """
    signed = credential(message).signing_name
    path = urlsplit(message.url).path
    rpc = _CBOR_PATH.search(path)
    if rpc and message.headers.get("smithy-protocol"):
        return _by_target(rpc["service"], rpc["operation"], signed)
    if target := message.headers.get("x-amz-target", ""):
        prefix, _, operation = target.rpartition(".")
        return _by_target(prefix, operation, signed)
    form = _form(message)
    if "Action" in form and (found := _by_action(form, signed)):
        return found
    return _by_route(message, signed)


def _form(message: Message) -> dict[str, str]:
    form = dict(parse_qsl(urlsplit(message.url).query, keep_blank_values=True))
    if message.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form.update(parse_qsl(message.body.decode("utf-8", "replace"), keep_blank_values=True))
    return form


def _candidates(signing_name: str) -> tuple[Head, ...]:
    """The services that sign by a name, first the one that is called so; all where nobody has signed."""
    if not signing_name:
        return heads()
    first = _FIRST.get(signing_name, signing_name)
    # A client may be older than the name by which a service signs now.
    found = [head for head in heads() if head.signed == signing_name] or [
        head for head in heads() if head.service == signing_name
    ]
    return tuple(sorted(found, key=lambda head: head.service != first))


# Where no service is called as several sign, and one is meant by most.
_FIRST = {"elasticloadbalancing": "elbv2", "execute-api": "apigatewaymanagementapi", "lex": "lexv2-models"}


def service_of(message: Message) -> str:
    """The service that a message is signed for; '' where nobody knows."""
    signed = credential(message).signing_name
    return next((head.service for head in _candidates(signed)), "") if signed else ""


def _of(heads: Iterable[Head], operation: str) -> Operation | None:
    """The operation of the first that has it; else of the first, which will say that it has none."""
    asked = tuple(heads)
    found = next((head for head in asked if operation in model(head.service).operation_names), None)
    head = found or next(iter(asked), None)
    return Operation(head.service, operation, {}) if head else None


def _by_target(prefix: str, operation: str, signing_name: str) -> Operation | None:
    # AWS's own clients send the full prefix; the service name of the CBOR protocol is the same word.
    words = (prefix, prefix.rpartition(".")[2])
    candidates = _candidates(signing_name)
    named = [head for head in candidates if head.target in words]
    return _of(named or (candidates if signing_name else ()), operation)


def _by_action(form: dict[str, str], signing_name: str) -> Operation | None:
    spoken = [head for head in _candidates(signing_name) if not _QUERY.isdisjoint(head.protocols)]
    named = [head for head in spoken if head.version == form.get("Version")]
    return _of(named or (spoken if signing_name else ()), form["Action"])


_QUERY = frozenset({"query", "ec2"})
_REST = frozenset({"rest-json", "rest-xml"})


def _by_route(message: Message, signing_name: str) -> Operation | None:
    services = _rest_services(message, signing_name)
    lenient = (_routed, lambda asked, service: _routed(_with_required_queries(asked, service), service))
    for way in lenient:
        greedy: Operation | None = None
        for service in services:
            found = way(request(message, "us-east-1", service), service)
            if found is not None and _is_as_long(found, message):
                return found
            # The last label of a path takes in all that follows, though another service may say more of it.
            greedy = greedy or found
        if greedy is not None:
            return greedy
    return None


def _rest_services(message: Message, signing_name: str) -> list[str]:
    """Those that may be meant by a method and a path, in the order in which they are asked."""
    if not signing_name:
        # Whoever has not signed wants something public of S3, or signs in.
        wants_json = message.headers.get("content-type", "").startswith("application/json")
        return [*(["sso-oidc", "signin"] if wants_json else []), "sso", "s3"]
    found = [head.service for head in _candidates(signing_name) if not _REST.isdisjoint(head.protocols)]
    if "s3control" in found:
        # To S3 all is a bucket and a key; S3 Control says in each call whose account it is about, or its version.
        is_control = "x-amz-account-id" in message.headers or "/v20180820/" in message.url
        return ["s3control"] if is_control else ["s3"]
    return found


def _is_as_long(found: Operation, message: Message) -> bool:
    template = operation_model(found.service, found.name).http_trait.path
    return template.rstrip("/").count("/") == urlsplit(message.url).path.rstrip("/").count("/")


def route(message: Request, service: str) -> Operation | None:
    """The operation of a REST service that method and path name, with the values in the path."""
    return _routed(message, service) or _routed(_with_required_queries(message, service), service)


def _routed(message: Request, service: str) -> Operation | None:
    try:
        found, path = router(service).match(message)
    except (NotFound, NotImplementedError):  # the latter: in a protocol that the service does not speak
        return None
    return Operation(service, found.name, path)


def _with_required_queries(message: Request, service: str) -> Request:
    """The message as if it had every query argument that some operation requires.

    moto's router knows an operation by them as well, so a call that lacks one would be no operation at all;
    on AWS it is one that is not valid.
    """
    lacking = [name for name in _required_queries(service) if name not in message.args]
    query = "&".join([*filter(None, [urlsplit(message.raw_url).query]), *(f"{name}=" for name in lacking)])
    url = urlunsplit(urlsplit(message.raw_url)._replace(query=query))
    return Request.from_primitives(message.method, url, message.headers, b"")


@functools.cache
def _required_queries(service: str) -> tuple[str, ...]:
    # S3 has many operations under one path, which only their query tells apart.
    if model(service).protocol != "rest-json":
        return ()
    shapes: list[Any] = [operation_model(service, name).input_shape for name in model(service).operation_names]
    return tuple(dict.fromkeys(arg for shape in shapes if shape is not None for arg in shape.required_query_args))
