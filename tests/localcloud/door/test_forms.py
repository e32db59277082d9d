"""Each answer has one id, in its head and in its body, and the type and the form of its service's protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from test_every_service import OURS, message, value

from localcloud.cloud import LocalCloud
from localcloud.door.wire import Answer
from localcloud.ground import models

ACCOUNT = "111111111111"
OTHERWISE = {"s3", "cloudwatch", "resourcegroupstaggingapi"}
"""S3 has ids and types of its own; two speak CBOR first, which test_wire.py holds."""
AT_MOST = 60
"""Operations of a service that are tried, reads and removals first: EC2 alone has seven hundred."""
_ID = re.compile(r"<(?:RequestId|requestId|RequestID)>([^<]*)<")
TYPES = {"json": r"application/x-amz-json-1\.[01]", "rest-json": "application/json"}
FORMS = {
    "query": re.compile(r"<ErrorResponse.*<Error>.*<Code>.+</Code>.*<RequestId>", re.DOTALL),
    "rest-xml": re.compile(r"<ErrorResponse.*<Error>.*<Code>.+</Code>", re.DOTALL),
    "ec2": re.compile(r"<Response.*<Errors>\s*<Error>\s*<Code>.+</Code>.*<RequestID>", re.DOTALL),
}


@pytest.fixture(scope="module")
def one_cloud() -> Iterator[LocalCloud]:
    with LocalCloud(check_answers=False) as cloud:
        yield cloud


def faults(service: str, protocol: str, answer: Answer) -> Iterator[str]:
    headers = {name.lower(): text for name, text in answer.headers.items()}
    body, kind = answer.body.decode(errors="replace"), headers.get("content-type", "")
    ids = _ID.findall(body)
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers.get("x-amzn-requestid", "")):
        yield "no request id"
    if ids and headers.get("x-amzn-requestid") not in ids:
        yield "another id in the body"
    if protocol in ("query", "ec2") and not ids:
        yield "no id in the body"
    if not re.match(TYPES.get(protocol, "(text|application)/xml"), kind) and body:
        yield f"the type {kind or 'of nothing'}"
    if answer.status >= 300 and protocol in FORMS and not FORMS[protocol].search(body):
        yield f"no error of {protocol}: {body[:80]}"
    if answer.status >= 300 and protocol == "json" and "__type" not in json.loads(body):
        yield "no __type"
    if answer.status >= 300 and protocol == "rest-json" and not headers.get("x-amzn-errortype"):
        yield "no error type"


@pytest.mark.parametrize("service", [one for one in OURS if one not in OTHERWISE])
def test_answers_and_errors_are_formed_as_the_services(one_cloud: LocalCloud, service: str) -> None:
    model, wrong, failed = models.model(service), [], 0
    protocol = str(model.protocol)
    names = sorted(
        model.operation_names, key=lambda one: (not one.startswith(("Delete", "Describe", "Get", "List")), one)
    )
    for name in names[:AT_MOST]:
        operation = model.operation_model(name)
        answer = one_cloud.gate.answer(
            message(operation, value(operation.input_shape) if operation.input_shape else {})
        )
        if answer.status != 501:
            failed += answer.status >= 400
            wrong += [f"{name} {answer.status}: {fault}" for fault in faults(service, protocol, answer)]
    assert wrong == []
    assert failed or service in ("service-quotas", "sts", "organizations", "cloudtrail")


def test_a_queue_that_is_not_there_is_told_to_a_client_by_its_class(one_cloud: LocalCloud) -> None:
    """In JSON the type is the shape's name, with query's old code beside it: clients know either."""
    sqs = one_cloud.client("sqs", ACCOUNT)
    url = f"https://sqs.ap-northeast-1.amazonaws.com/{ACCOUNT}/none"
    for call in (sqs.receive_message, sqs.get_queue_attributes, sqs.delete_queue):
        with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refused:
            call(QueueUrl=url)
        assert refused.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
