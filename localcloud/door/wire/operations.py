"""Which operation a message is, by the ways in which the protocols say it."""

from __future__ import annotations

import functools
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from localcloud.door.wire.message import Credential, Message, Operation
from localcloud.ground.models import known_services, model, operation_model, signed_as

# What services are signed as, where that is not what botocore calls them. Where two share one, `identify`
# tells them apart by their API version or target prefix.
_SERVICES_BY_SIGNING_NAME = {
    "elasticloadbalancing": ("elbv2", "elb"),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "monitoring": ("cloudwatch",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "aws-mp-catalog": ("marketplace-catalog",),
}

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
    return Credential()


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
    """Which operation a message is, by the ways in which the protocols say it; None when nothing fits."""
    signed = credential(message).signing_name
    path = urlsplit(message.url).path
    rpc = _CBOR_PATH.search(path)
    target = message.headers.get("x-amz-target", "")
    if rpc and message.headers.get("smithy-protocol"):
        service = _by_target(rpc["service"], signed)
        return Operation(service, rpc["operation"], {}) if service else None
    if target:
        prefix, _, operation = target.rpartition(".")
        service = _by_target(prefix, signed)
        return Operation(service, operation, {}) if service else None
    form = _form(message)
    if "Action" in form:
        return _by_action(form, signed)
    return _by_route(message, signed or "s3")


def _form(message: Message) -> dict[str, str]:
    form = dict(parse_qsl(urlsplit(message.url).query, keep_blank_values=True))
    if message.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form.update(parse_qsl(message.body.decode("utf-8", "replace"), keep_blank_values=True))
    return form


def _candidates(signing_name: str) -> tuple[str, ...]:
    named = _SERVICES_BY_SIGNING_NAME.get(signing_name)
    if named:
        return named
    others = () if signing_name in known_services() else signed_as(signing_name)
    return (signing_name,) if signing_name in known_services() else others


def service_of(message: Message) -> str:
    """The service that a message is signed for; '' where nobody knows."""
    return next(iter(_candidates(credential(message).signing_name)), "")


def _by_target(prefix: str, signing_name: str) -> str:
    for service in _candidates(signing_name):
        if model(service).metadata.get("targetPrefix") in (prefix, prefix.rpartition(".")[2]):
            return service
    # AWS's own clients send the full prefix; the service name of the CBOR protocol is the same word.
    return next(iter(_candidates(signing_name)), "")


def _by_action(form: dict[str, str], signing_name: str) -> Operation | None:
    services = _candidates(signing_name)
    for service in services:
        if model(service).api_version == form.get("Version") and form["Action"] in model(service).operation_names:
            return Operation(service, form["Action"], {})
    return Operation(services[0], form["Action"], {}) if services else None


def _by_route(message: Message, signing_name: str) -> Operation | None:
    for service in _candidates(signing_name):
        found = route(request(message, "us-east-1", service), service)
        if found:
            return found
    return None


def route(message: Request, service: str) -> Operation | None:
    """The operation of a REST service that method and path name, with the values in the path."""
    return _routed(message, service) or _routed(_with_required_queries(message, service), service)


def _routed(message: Request, service: str) -> Operation | None:
    try:
        found, path = get_service_router(service).match(message)
    except NotFound:
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
