"""What nobody can read is the client's fault, told in the client's own protocol."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.http import serve
from localcloud.ground import models
from tests.patience import PATIENCE

ACCOUNT = "111111111111"


@pytest.fixture
def url() -> Iterator[str]:
    with LocalCloud() as cloud, serve(cloud) as url:
        yield url


def signed(name: str) -> str:
    scope = f"{ACCOUNT}/20261101/ap-northeast-1/{name}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def post(url: str, name: str, body: bytes, path: str = "/", **headers: str) -> tuple[int, str, str]:
    """(status, content type, body) of a call that is signed for the service `name`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    given = {word.replace("_", "-"): value for word, value in headers.items()}
    connection.request("POST", path, body, {"Authorization": signed(name), **given})
    answer = connection.getresponse()
    told = answer.status, answer.getheader("content-type") or "", answer.read().decode(errors="replace")
    connection.close()
    return told


def test_an_unknown_action_is_told_to_an_xml_client_in_xml(url: str) -> None:
    body = b"Action=MakeCoffee&Version=2015-12-01"
    form = "application/x-www-form-urlencoded"
    status, kind, text = post(url, "elasticloadbalancing", body, content_type=form)
    assert status == 404
    assert "xml" in kind
    assert "<Code>UnknownOperationException</Code>" in text


def test_an_unknown_target_is_told_to_a_json_client_in_json(url: str) -> None:
    status, _, text = post(url, "dynamodb", b"{}", x_amz_target="DynamoDB_20120810.MakeCoffee")
    assert status == 404
    assert json.loads(text)["__type"].endswith("UnknownOperationException")


@pytest.mark.parametrize(("signing_name", "service"), [("cassandra", "keyspaces"), ("mobiletargeting", "pinpoint")])
def test_a_service_is_known_by_the_name_that_signs(signing_name: str, service: str) -> None:
    """AWS's own names for signing, which botocore's models hold; no table by hand."""
    assert service in models.signed_as(signing_name)
    assert models.signed_as("no-such-name") == ()


@pytest.mark.parametrize(
    ("name", "path", "headers"),
    [
        ("vpc-lattice", "/services", {"content_type": "application/json"}),
        ("dynamodb", "/", {"x_amz_target": "DynamoDB_20120810.PutItem", "content_type": "application/x-amz-json-1.0"}),
    ],
)
def test_json_that_is_nested_too_deeply_is_refused(url: str, name: str, path: str, headers: dict[str, str]) -> None:
    deep = b'{"name":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    status, _, text = post(url, name, deep, path, **headers)
    assert status == 400, text


@pytest.mark.parametrize("body", [b"\xbf\x61", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\xff", b"\xc1\x61a"])
def test_cbor_that_is_none_is_refused(url: str, body: bytes) -> None:
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    headers = {"smithy_protocol": "rpc-v2-cbor", "content_type": "application/cbor"}
    status, _, text = post(url, "monitoring", body, path, **headers)
    assert status == 400, text


def test_a_body_that_is_longer_than_anything_is_refused_unread(url: str) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    with socket.create_connection((host, port), timeout=PATIENCE) as raw:
        head = f"POST /services HTTP/1.1\r\nHost: x\r\nAuthorization: {signed('vpc-lattice')}\r\n"
        raw.sendall(f"{head}Content-Length: {10**15}\r\n\r\n".encode())
        assert raw.recv(4096).split(b"\r\n")[0].split(b" ")[1] == b"413"


def test_one_connection_carries_many_calls(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    used = set()
    for _ in range(3):
        connection.request("GET", "/services", headers={"Authorization": signed("vpc-lattice")})
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        used.add(connection.sock)
    connection.close()
    assert len(used) == 1
    assert None not in used


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "SignatureDoesNotMatch"),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("vpc-lattice", "list_services", "InvalidSignatureException"),
    ],
)
def test_a_region_that_there_is_none_of_is_refused_and_no_failure(
    url: str, service: str, operation: str, code: str
) -> None:
    keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "local"}
    named = boto3.Session(**keys, region_name="us-west-9").client(service, endpoint_url=url)
    with pytest.raises(ClientError) as refused:
        getattr(named, operation)()
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, "Credential should be scoped to a valid region.")
    there = boto3.Session(**keys, region_name="us-west-2").client(service, endpoint_url=url)
    assert getattr(there, operation)()["ResponseMetadata"]["HTTPStatusCode"] == 200
