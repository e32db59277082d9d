"""Every operation of every service that botocore knows is known for what it is, by the message alone."""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from botocore import parsers, serialize
from botocore.model import OperationModel
from moto.core.model import ServiceModel

from localcloud.cloud import _ROOMS, LocalCloud
from localcloud.door import wire
from localcloud.door.wire import Message
from localcloud.ground import models
from tests.forks import unmoved

ACCOUNT = "111111111111"
SERVICES = sorted(models.known_services())


def value(shape: Any, within: tuple[str, ...] = ()) -> Any:
    """The least that fits a shape: its required members, each as short as it can be."""
    kind = shape.type_name
    if kind == "structure":
        if shape.name in within:
            return {}
        wanted = shape.required_members or list(shape.members)[: bool(getattr(shape, "is_tagged_union", False))]
        return {name: value(shape.members[name], (*within, shape.name)) for name in wanted}
    if kind == "list":
        return [value(shape.member, within)]
    if kind == "map":
        return {"k": value(shape.value, within)}
    least = {"blob": b"x", "boolean": True, "integer": 1, "long": 1, "float": 1.0, "double": 1.0}
    if kind == "timestamp":
        return "2026-01-01T00:00:00Z"
    return least[kind] if kind in least else next(iter(getattr(shape, "enum", ())), "abc")


def message(operation: OperationModel, params: dict[str, Any]) -> Message:
    """As botocore writes it, without asking whether the parameters are valid."""
    service = operation.service_model
    sent: dict[str, Any] = serialize.create_serializer(str(service.protocol), False).serialize_to_request(
        params, operation
    )
    body = sent.get("body") or b""
    body = urlencode(body) if isinstance(body, dict) else body
    content = body.encode() if isinstance(body, str) else body
    query = sent.get("query_string") or {}
    text = query if isinstance(query, str) else urlencode(query, doseq=True)
    url = f"http://127.0.0.1:4566{sent['url_path']}"
    headers = {name.lower(): str(one) for name, one in sent["headers"].items()}
    headers["content-length"] = str(len(content))
    if operation.auth_type != "none":
        scope = f"{ACCOUNT}/20261101/us-east-1/{service.signing_name}/aws4_request"
        headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    return Message(sent["method"], f"{url}{'&' if '?' in url else '?'}{text}" if text else url, headers, content, True)


def place(service: str, operation: str) -> tuple[str, str]:
    """Where a message of an operation goes: of two with the same, nothing in it tells one from the other."""
    model = models.operation_model(service, operation)
    if str(models.model(service).protocol).startswith("rest"):
        return model.http["method"], re.sub(r"\{[^}]+\}", "{}", model.http_trait.path).rstrip("/")
    return "POST", operation


TWINS_AT_MOST = 250
"""Operations, of some 20,000, whose message another service's could be: two of Chime's, RDS and what is made of it."""


def sharing() -> set[str]:
    """Services that sign by a name by which others sign, too: all their operations are tried."""
    signed = Counter(head.signed for head in models.heads())
    return {head.service for head in models.heads() if signed[head.signed] > 1} | {"s3", "sso", "sso-oidc", "signin"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_whoever_does_not_sign_wants_something_of_s3(kind: str) -> None:
    sent = Message("PUT", "http://127.0.0.1:4566/bucket/federation/credentials", {"content-type": kind}, b"{}")
    assert wire.identify(sent) == ("s3", "PutObject", {"Bucket": "bucket", "Key": "federation/credentials"})


@pytest.fixture(scope="module")
def one_cloud() -> Iterator[LocalCloud]:
    with LocalCloud(check_answers=False) as cloud:
        yield cloud


def reads(model: ServiceModel) -> list[str]:
    names = sorted(model.operation_names)
    return [one for one in names if one.startswith(("List", "Describe", "Get"))][:1] or names[:1]


class Found(NamedTuple):
    """What one pass over all services found, since each of 440 models takes a while to read."""

    misread: list[str]
    seen: int
    twins: int
    misanswered: list[str]
    kept: int


@pytest.fixture(scope="module")
def found(one_cloud: LocalCloud) -> Found:
    # Garbage is looked for among what comes from here on, not each time in all that other tests have read.
    with unmoved():
        return _found(one_cloud)


def _found(one_cloud: LocalCloud) -> Found:
    misread: list[str] = []
    misanswered: list[str] = []
    seen, twins, shared = 0, 0, sharing()
    for service in SERVICES:
        model = models.model(service)
        names = list(model.operation_names)
        for name in names if service in shared else names[:1] + names[-1:]:
            operation = model.operation_model(name)
            known = wire.identify(message(operation, value(operation.input_shape) if operation.input_shape else {}))
            seen += 1
            if known is None:
                misread.append(f"{service}:{name} is no operation")
            elif known[:2] != (service, name):
                twins += 1
                if place(*known[:2]) != place(service, name):
                    misread.append(f"{service}:{name} is taken for {known.service}:{known.name}")
        operation = model.operation_model(reads(model)[0])
        sent = message(operation, value(operation.input_shape) if operation.input_shape else {})
        answer = one_cloud.gate.answer(sent)
        told = told_to_a_client(operation, answer)
        # botocore takes the status for the code where it finds none.
        if answer.status >= 300 and str(told.get("Code", "")) in ("", str(answer.status)):
            misanswered.append(f"{service}:{operation.name} answers {answer.status} in no words of {model.protocol}")
        if answer.status >= 500 and answer.status != 501:
            misanswered.append(f"{service}:{operation.name} answers {answer.status}")
    return Found(misread, seen, twins, misanswered, models_there())


def test_no_operation_is_taken_for_what_its_message_does_not_say(found: Found) -> None:
    assert found.misread == []
    assert found.seen > 3_000
    assert found.twins <= TWINS_AT_MOST


def test_every_service_is_answered_in_its_own_protocol_and_none_is_kept(found: Found) -> None:
    assert found.misanswered == []
    assert 0 < found.kept <= models.KEPT + 20, "garbage is looked for while models are let go"
    gc.collect()
    assert models_there() <= models.KEPT + 4


def models_there() -> int:
    return sum(type(one) is ServiceModel for one in gc.get_objects())


def told_to_a_client(operation: OperationModel, answer: wire.Answer) -> dict[str, Any]:
    """The error as botocore reads it; {} where there is none, or where it cannot be read."""
    try:
        parsed = parsers.create_parser(str(operation.service_model.protocol)).parse(
            {
                "headers": wire.answers._Headers(answer.headers),
                "body": answer.body,
                "status_code": answer.status,
                "context": {"operation_name": operation.name},
            },
            operation.output_shape,
        )
    except parsers.ResponseParserError:
        return {}
    return dict(parsed.get("Error", {}))


OURS = sorted(room.service for room in _ROOMS)


def odd(shape: Any, *, few: bool) -> Iterator[dict[str, Any]]:
    """Parameters as nobody should send them."""
    yield {}
    least = value(shape)
    yield least
    if few:
        return
    for name in least:
        yield {key: one for key, one in least.items() if key != name}
    yield {name: "" if shape.members[name].type_name == "string" else one for name, one in least.items()}
    yield {name: "\u0000💥" if shape.members[name].type_name == "string" else one for name, one in least.items()}


@pytest.mark.parametrize("service", OURS)
def test_no_parameters_make_a_failure_of_the_local_cloud(one_cloud: LocalCloud, service: str) -> None:
    """What is missing or odd is the caller's fault, told as the service tells it; nothing flies and nothing is 500."""
    model, wrong = models.model(service), []
    for name in model.operation_names:
        operation = model.operation_model(name)
        for params in odd(operation.input_shape, few=service == "ec2") if operation.input_shape else [{}]:
            try:
                sent = message(operation, params)
            except Exception:  # noqa: S112 - botocore itself cannot write some of them
                continue
            try:
                answer = one_cloud.gate.answer(sent)
            except Exception as flew:
                wrong.append(f"{name} {params}: {type(flew).__name__}: {flew}")
                continue
            if answer.status >= 500 and answer.status != 501:
                wrong.append(f"{name} {params}: {answer.status} {answer.body[:200]!r}")
            elif answer.status >= 400 and sent.method != "HEAD" and not told_to_a_client(operation, answer).get("Code"):
                wrong.append(f"{name} {params}: {answer.status} without a code: {answer.body[:200]!r}")
    assert wrong == []
