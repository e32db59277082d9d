"""What nobody can read is the client's fault, told in the client's own protocol."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.door.http import serve
from localcloud.door.wire import message as wire
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
    assert status == 400
    assert "xml" in kind
    assert "<Code>InvalidAction</Code>" in text


def test_an_unknown_target_is_told_to_a_json_client_in_json(url: str) -> None:
    status, _, text = post(url, "dynamodb", b"{}", x_amz_target="DynamoDB_20120810.MakeCoffee")
    assert status == 400
    assert json.loads(text)["__type"].endswith("UnknownOperationException")


@pytest.mark.parametrize(("signing_name", "service"), [("cassandra", "keyspaces"), ("mobiletargeting", "pinpoint")])
def test_a_service_is_known_by_the_name_that_signs(signing_name: str, service: str) -> None:
    """AWS's own names for signing, which botocore's models hold; no table by hand."""
    assert service in {head.service for head in models.heads() if head.signed == signing_name}


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


ITEM = b'{"TableName": "tab", "Item": {"pk": {"S": "%s"}}}'


@pytest.mark.parametrize(
    ("name", "target", "body"),
    [
        ("dynamodb", "DynamoDB_20120810.PutItem", ITEM % rb"\ud800"),
        ("dynamodb", "DynamoDB_20120810.PutItem", ITEM % rb"\uDFFF."),
        ("events", "AWSEvents.PutPermission", rb'{"Policy": "\ud800"}'),
        ("ssm", "AmazonSSM.PutParameter", rb'{"Name": "/a", "Type": "String", "Value": "\udc00"}'),
        ("ssm", "AmazonSSM.CreateActivation", b'{"IamRole": "r", "ExpirationDate": 1' + b"0" * 30 + b"}"),
        ("dynamodb", "DynamoDB_20120810.ListBackups", b'{"TimeRangeLowerBound": -1' + b"0" * 30 + b"}"),
    ],
)
def test_half_a_letter_and_a_moment_of_no_calendar_are_refused(url: str, name: str, target: str, body: bytes) -> None:
    kind = "application/x-amz-json-1.1"
    status, _, text = post(url, name, body, x_amz_target=target, content_type=kind)
    assert (status, json.loads(text)["__type"]) == (400, "SerializationException"), text


def test_both_halves_are_a_letter(url: str) -> None:
    body = rb'{"Name": "/a", "Type": "String", "Value": "\ud83d\udca5"}'
    status, _, text = post(url, "ssm", body, x_amz_target="AmazonSSM.PutParameter")
    assert status == 200, text


def test_what_comes_packed_is_no_longer_than_a_body_may_be(url: str) -> None:
    for length, status in ((1_000, 200), (wire.LONGEST, 400)):
        body = gzip.compress(b"{" + b" " * length + b"}")
        told = post(url, "dynamodb", body, x_amz_target="DynamoDB_20120810.ListTables", content_encoding="gzip")
        assert told[0] == status, told


def test_an_object_that_is_packed_is_kept_so(url: str) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="x",  # noqa: S106 - nothing checks signatures here
        region_name="ap-northeast-1",
        config=Config(request_checksum_calculation="when_required"),
    )
    s3.create_bucket(Bucket="packed", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    packed = gzip.compress(b"hello")
    s3.put_object(Bucket="packed", Key="a", Body=packed, ContentEncoding="gzip")
    kept = s3.get_object(Bucket="packed", Key="a")
    assert (kept["Body"].read(), kept["ContentEncoding"]) == (packed, "gzip")


@pytest.mark.parametrize("body", [b"\xbf\x61", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\xff", b"\xc1\x61a"])
def test_cbor_that_is_none_is_refused(url: str, body: bytes) -> None:
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    headers = {"smithy_protocol": "rpc-v2-cbor", "content_type": "application/cbor"}
    status, _, text = post(url, "monitoring", body, path, **headers)
    assert status == 400, text


@pytest.mark.parametrize("path", ["/bucket?tagging", "/bucket?lifecycle", "/bucket?acl", "/bucket?delete"])
@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 100_000,
        b"<a><b></a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Tagging>&b;</Tagging>',
        b"\xff\xfe",
        b"no XML at all",
    ],
)
def test_xml_that_is_none_is_refused_in_few_words(url: str, path: str, body: bytes) -> None:
    post(url, "s3", b"", "/bucket")
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.request("POST" if "delete" in path else "PUT", path, body, {"Authorization": signed("s3")})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status in (400, 404), text
    assert "<Code>" in text
    assert len(text) < 2_000


def test_a_form_that_is_none_is_refused(url: str) -> None:
    form = "application/x-www-form-urlencoded"
    for body in (
        b"Action=CreateStack&Version=2010-05-15&Tags.member.x.Key=\xff",
        b"Action",
        b"%%%=&&&",
        b"\x00" * 1_000,
    ):
        status, _, text = post(url, "cloudformation", body, content_type=form)
        assert 400 <= status < 500, text


def said(url: str, request: bytes) -> tuple[bytes, bool]:
    """The first answer to what is written as it stands, and whether the connection is closed after it."""
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=PATIENCE) as raw:
        raw.sendall(request)
        told = b""
        while b"\r\n\r\n" not in told:
            more = raw.recv(65_536)
            if not more:
                break
            told += more
        status = told.split(b"\r\n")[0].split(b" ")[1]
        if b"connection: close" not in told.lower():
            return status, False
        while raw.recv(65_536):
            pass
        return status, True


NEXT = b"GET /services HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("length", [b"-1", b"abc", b"1, 2", b"+5", b"0x5", b"1.0", b"", b"5\r\nContent-Length: 6"])
def test_a_length_that_is_none_is_refused_and_nothing_after_it_is_read(url: str, length: bytes) -> None:
    head = f"POST /services HTTP/1.1\r\nHost: x\r\nAuthorization: {signed('vpc-lattice')}\r\n".encode()
    assert said(url, head + b"Content-Length: " + length + b"\r\n\r\n" + NEXT) == (b"400", True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"FFFFFFFFFFFFFFFF\r\n", b"413"),
        (b"13FFFFFFF\r\n", b"413"),
        (b"-5\r\nhello\r\n0\r\n\r\n", b"400"),
        (b"zz\r\nhello\r\n", b"400"),
        (b"5\r\nhelloXX\r\n0\r\n\r\n", b"400"),
        (b"5\r\nhello\r\n0\r\nno field\r\n\r\n", b"400"),
        (b"5\r\nhello\r\n0\r\nx: " + b"y" * 70_000, b"400"),
    ],
)
def test_chunks_that_are_none_or_too_large_are_refused_and_not_waited_for(url: str, body: bytes, status: bytes) -> None:
    head = f"POST /services HTTP/1.1\r\nHost: x\r\nAuthorization: {signed('vpc-lattice')}\r\n".encode()
    assert said(url, head + b"Transfer-Encoding: chunked\r\n\r\n" + body) == (status, True)


def test_chunks_are_read_to_their_end_and_the_connection_stays(url: str) -> None:
    head = f"POST /services HTTP/1.1\r\nHost: x\r\nAuthorization: {signed('vpc-lattice')}\r\n".encode()
    body = b'{"name": "orders"}'
    for number, trailers in enumerate((b"", b"x-amz-checksum-crc32: AAAAAA==\r\nx-more: 1\r\n")):
        said_in_two = body.replace(b"orders", b"orders-%d" % number)
        parts = (5, said_in_two[:5], len(said_in_two) - 5, said_in_two[5:], trailers)
        chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n%s\r\n" % parts
        assert said(url, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks) == (b"201", False)


def test_a_body_that_is_longer_than_anything_is_refused_unread(url: str) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    with socket.create_connection((host, port), timeout=PATIENCE) as raw:
        head = f"POST /services HTTP/1.1\r\nHost: x\r\nAuthorization: {signed('vpc-lattice')}\r\n"
        raw.sendall(f"{head}Content-Length: {10**15}\r\n\r\n".encode())
        assert raw.recv(4096).split(b"\r\n")[0].split(b" ")[1] == b"413"


@pytest.mark.parametrize(("length", "answers"), [(19, [b"100", b"201"]), (10**15, [b"413"])])
def test_who_asks_whether_to_go_on_is_told_once_and_not_to_where_he_need_not(
    url: str, length: int, answers: list[bytes]
) -> None:
    head = f"POST /services HTTP/1.1\r\nHost: x\r\nAuthorization: {signed('vpc-lattice')}\r\nConnection: close\r\n"
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=PATIENCE) as raw:
        raw.sendall(f"{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode())
        told = raw.recv(65_536)
        if told.startswith(b"HTTP/1.1 100"):
            raw.sendall(b'{"name": "waiting"}'[:length])
        while more := raw.recv(65_536):
            told += more
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == answers


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


def test_a_client_that_signs_within_its_form_is_known(url: str) -> None:
    keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "local"}
    simple = boto3.Session(**keys, region_name="us-east-1").client("sdb", endpoint_url=url)
    simple.create_domain(DomainName="orders")
    assert simple.list_domains()["DomainNames"] == ["orders"]
