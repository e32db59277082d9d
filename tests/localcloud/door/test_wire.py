"""The wire: each protocol's way to say an operation, its parameters, its answer and its errors."""

import datetime
import json
from typing import Any

import pytest
from botocore import parsers
from botocore.model import ShapeResolver

from localcloud.door import check, validate, wire
from localcloud.door.wire.message import Message, Operation
from localcloud.ground import models
from localcloud.ground.errors import AwsError, WrongAnswer

UTC = datetime.UTC


def signed(service: str) -> str:
    return (
        "AWS4-HMAC-SHA256 Credential=111111111111/20261101/ap-northeast-1/"
        f"{service}/aws4_request, SignedHeaders=host, Signature=0"
    )


def message(service: str, method: str = "POST", path: str = "/", body: bytes = b"", **headers: str) -> Message:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Message(method, f"http://127.0.0.1:4566{path}", {"authorization": signed(service), **named}, body)


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("sent", "service", "operation"),
    [
        (message("vpc-lattice", "GET", "/services/svc-1"), "vpc-lattice", "GetService"),
        (message("vpc-lattice", "GET", "/services"), "vpc-lattice", "ListServices"),
        (message("vpc-lattice", "PATCH", "/services/s/listeners/l/rules"), "vpc-lattice", "BatchUpdateRule"),
        (message("ram", path="/createresourceshare"), "ram", "CreateResourceShare"),
        (message("ram", path="/createresourceshare", content_type=FORM), "ram", "CreateResourceShare"),
        (message("ec2", body=b"Action=DescribeVpcs&Version=2016-11-15", content_type=FORM), "ec2", "DescribeVpcs"),
        (message("ec2", "GET", "/?Action=DescribeVpcs&Version=2016-11-15"), "ec2", "DescribeVpcs"),
        (
            message("elasticloadbalancing", body=b"Action=AddTags&Version=2015-12-01", content_type=FORM),
            "elbv2",
            "AddTags",
        ),
        (
            message("elasticloadbalancing", body=b"Action=AddTags&Version=2012-06-01", content_type=FORM),
            "elb",
            "AddTags",
        ),
        (
            message("dynamodb", x_amz_target="DynamoDB_20120810.PutItem", content_type="application/x-amz-json-1.0"),
            "dynamodb",
            "PutItem",
        ),
        (
            message("dynamodb", x_amz_target="DynamoDBStreams_20120810.ListStreams"),
            "dynamodbstreams",
            "ListStreams",
        ),
        (message("states", x_amz_target="AWSStepFunctions.StartExecution"), "stepfunctions", "StartExecution"),
        (
            message("tagging", x_amz_target="ResourceGroupsTaggingAPI_20170126.GetResources"),
            "resourcegroupstaggingapi",
            "GetResources",
        ),
        (
            message(
                "tagging",
                path="/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources",
                smithy_protocol="rpc-v2-cbor",
            ),
            "resourcegroupstaggingapi",
            "GetResources",
        ),
        (
            message(
                "monitoring",
                path="/service/GraniteServiceVersion20100801/operation/PutMetricData",
                smithy_protocol="rpc-v2-cbor",
            ),
            "cloudwatch",
            "PutMetricData",
        ),
        (message("s3", "GET", "/bucket/a/b"), "s3", "GetObject"),
        (message("s3", "PUT", "/bucket"), "s3", "CreateBucket"),
        (message("lambda", path="/2015-03-31/functions/f/invocations"), "lambda", "Invoke"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_operation_is_known_by_its_protocols_sign(sent: Message, service: str, operation: str) -> None:
    found = wire.identify(sent)
    assert found is not None
    assert (found.service, found.name) == (service, operation)


@pytest.mark.parametrize(
    "sent",
    [
        message("nonsense", "GET", "/"),
        message("vpc-lattice", "GET", "/no/such/path/at/all"),
        message("nonsense", x_amz_target="Nonsense_1.Do"),
    ],
)
def test_what_fits_no_operation_is_nobodys(sent: Message) -> None:
    assert wire.identify(sent) is None


def test_a_presigned_url_says_who_signed() -> None:
    url = "http://b.localhost:4566/k?X-Amz-Credential=111111111111%2F20261101%2Feu-west-1%2Fs3%2Faws4_request"
    assert wire.credential(Message("GET", url, {})) == ("111111111111", "eu-west-1", "s3")
    assert wire.credential(Message("GET", "http://b/k?AWSAccessKeyId=222222222222", {})).access_key == "222222222222"


@pytest.mark.parametrize(
    ("url", "service", "expected"),
    [
        ("http://127.0.0.1:4566/?a=b", "ec2", "https://ec2.ap-northeast-1.amazonaws.com/?a=b"),
        ("http://localhost:4566/", "elbv2", "https://elasticloadbalancing.ap-northeast-1.amazonaws.com/"),
        ("http://localhost:4566/bucket/a%2Fb", "s3", "https://s3.ap-northeast-1.amazonaws.com/bucket/a%2Fb"),
        ("http://bucket.localhost:4566/k", "s3", "https://bucket.s3.ap-northeast-1.amazonaws.com/k"),
        ("http://bucket.s3.localhost:4566/k", "s3", "https://bucket.s3.ap-northeast-1.amazonaws.com/k"),
        ("https://b.s3.amazonaws.com/k", "s3", "https://b.s3.amazonaws.com/k"),
        ("https://1.ddb.eu-west-1.amazonaws.com/", "dynamodb", "https://dynamodb.ap-northeast-1.amazonaws.com/"),
    ],
)
def test_moto_sees_the_hosts_of_aws(url: str, service: str, expected: str) -> None:
    assert wire.canonical_url(Message("GET", url, {}), "ap-northeast-1", service) == expected


def parse(sent: Message) -> Any:
    operation = wire.identify(sent)
    assert operation is not None
    incoming = wire.request(sent, "ap-northeast-1", operation.service)
    return wire.parse(sent, incoming, operation, wire.protocol_of(sent, operation.service))


def test_parameters_come_from_path_query_and_body() -> None:
    arn = "arn%3Aaws%3Avpc-lattice%3Aap-northeast-1%3A111111111111%3Aservice%2Fsvc-1"
    assert parse(message("vpc-lattice", "DELETE", f"/tags/{arn}?tagKeys=a&tagKeys=b")) == {
        "resourceArn": "arn:aws:vpc-lattice:ap-northeast-1:111111111111:service/svc-1",
        "tagKeys": ["a", "b"],
    }
    body = json.dumps({"name": "n", "authType": None, "tags": {"a": "b"}, "unheardOf": 1}).encode()
    assert parse(message("vpc-lattice", path="/services", body=body)) == {"name": "n", "tags": {"a": "b"}}
    assert parse(message("vpc-lattice", "GET", "/services?maxResults=5")) == {"maxResults": 5}


def test_a_body_cannot_override_the_path() -> None:
    body = json.dumps({"serviceIdentifier": "svc-2", "authType": "NONE"}).encode()
    assert parse(message("vpc-lattice", "PATCH", "/services/svc-1", body=body)) == {
        "serviceIdentifier": "svc-1",
        "authType": "NONE",
    }


@pytest.mark.parametrize(
    ("path", "operation", "params"),
    [
        ("/accesslogsubscriptions?maxResults=5", "ListAccessLogSubscriptions", {"maxResults": 5}),
        ("/tags/arn", "UntagResource", {"resourceArn": "arn"}),
    ],
)
def test_a_call_without_a_required_query_is_still_that_call(path: str, operation: str, params: dict[str, Any]) -> None:
    sent = message("vpc-lattice", "DELETE" if "tags" in path else "GET", path)
    found = wire.identify(sent)
    assert found is not None
    assert found.name == operation
    assert parse(sent) == params


def test_query_lists_and_structures_are_put_together() -> None:
    body = b"Action=AddTags&Version=2015-12-01&ResourceArns.member.1=x&Tags.member.1.Key=a&Tags.member.1.Value=b"
    assert parse(message("elasticloadbalancing", body=body, content_type=FORM)) == {
        "ResourceArns": ["x"],
        "Tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/services", {"name": "n", "idleTimeoutSeconds": "60"}),
        ("/services", {"name": "n", "idleTimeoutSeconds": 60.5}),
        ("/services", {"name": "n", "idleTimeoutSeconds": True}),
        ("/servicenetworks", {"name": "n", "sharingConfig": {"enabled": "yes"}}),
        ("/targetgroups/t/registertargets", {"targets": [{"id": "i", "port": "80"}]}),
    ],
)
def test_a_number_or_truth_value_of_another_kind_cannot_be_read(path: str, body: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="must be"):
        parse(message("vpc-lattice", path=path, body=json.dumps(body).encode()))


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe"])
def test_a_body_that_is_no_object_cannot_be_read(body: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse(message("vpc-lattice", path="/services", body=body))


NESTED = ShapeResolver(
    {
        "Top": {
            "type": "structure",
            "required": ["name"],
            "members": {
                "name": {"shape": "Name"},
                "kind": {"shape": "Kind"},
                "count": {"shape": "Count"},
                "ratio": {"shape": "Ratio"},
                "on": {"shape": "Flag"},
                "at": {"shape": "Time"},
                "list": {"shape": "Names"},
                "map": {"shape": "Map"},
                "odd": {"shape": "Odd"},
                "unread": {"shape": "Unread"},
            },
        },
        "Name": {"type": "string", "min": 3, "max": 5, "pattern": "[a-z]+"},
        "Kind": {"type": "string", "enum": ["A", "B"]},
        "Count": {"type": "integer", "min": 1, "max": 10},
        "Ratio": {"type": "double"},
        "Flag": {"type": "boolean"},
        "Time": {"type": "timestamp"},
        "Names": {"type": "list", "member": {"shape": "Name"}, "min": 1, "max": 2},
        "Map": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Count"}, "max": 1},
        "Odd": {"type": "string", "pattern": r"\p{L}+"},
        "Unread": {"type": "string", "pattern": r"[\p{L}&&[^a]]\p{Unknown}"},
    }
).get_shape_by_name("Top")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"name": "abc"}, []),
        ({"name": "abc", "kind": "A", "count": 10, "ratio": 1, "on": True, "list": ["abc"], "map": {"abc": 1}}, []),
        ({"name": "abc", "at": datetime.datetime(2026, 11, 1, tzinfo=UTC)}, []),
        ({"name": "abc", "odd": "é"}, []),
        ({"name": "abc", "odd": "1"}, ["odd"]),
        ({"name": "abc", "unread": "1"}, []),
        ({}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": "ab"}, ["name"]),
        ({"name": "abcdef"}, ["name"]),
        ({"name": "ABC"}, ["name"]),
        ({"name": "abc\n"}, ["name"]),
        ({"name": 3}, ["name"]),
        ({"name": "abc", "kind": "C"}, ["kind"]),
        ({"name": "abc", "count": 0}, ["count"]),
        ({"name": "abc", "count": 11}, ["count"]),
        ({"name": "abc", "count": "1"}, ["count"]),
        ({"name": "abc", "count": True}, ["count"]),
        ({"name": "abc", "count": 1.5}, ["count"]),
        ({"name": "abc", "ratio": "1"}, ["ratio"]),
        ({"name": "abc", "on": "true"}, ["on"]),
        ({"name": "abc", "at": "2026-11-01"}, ["at"]),
        ({"name": "abc", "list": []}, ["list"]),
        ({"name": "abc", "list": ["abc", "abc", "abc"]}, ["list"]),
        ({"name": "abc", "list": ["abc", "a"]}, ["list.2.member"]),
        ({"name": "abc", "list": "abc"}, ["list"]),
        ({"name": "abc", "map": {"abc": 0}}, ["map.abc.member"]),
        ({"name": "abc", "map": {"a": 1}}, ["map"]),
        ({"name": "abc", "map": {"abc": 1, "abd": 1}}, ["map"]),
        ({"name": "abc", "map": []}, ["map"]),
        ([], [""]),
    ],
)
def test_a_value_is_held_to_its_shape(value: Any, expected: list[str]) -> None:
    assert [one.where for one in validate.violations(value, NESTED)] == expected


@pytest.mark.parametrize("path", [{}, {"exact": "/a", "prefix": "/b"}])
def test_of_a_union_exactly_one_is_given(path: dict[str, str]) -> None:
    shape = models.model("vpc-lattice").shape_for("PathMatchType")
    assert [one.where for one in validate.violations(path, shape)] == [""]
    assert list(validate.violations({"exact": "/a"}, shape)) == []


def test_a_violation_is_told_as_aws_tells_it() -> None:
    with pytest.raises(AwsError) as refused:
        validate.refuse_invalid("vpc-lattice", "CreateService", {"name": "ab"})
    assert refused.value.message == (
        "1 validation error detected: Value 'ab' at 'name' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3"
    )
    with pytest.raises(AwsError, match="Value null at 'name' failed to satisfy constraint: Member must not be null"):
        validate.refuse_invalid("vpc-lattice", "CreateService", {})


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("vpc-lattice", "ValidationException"),
        ("ec2", "InvalidParameterValue"),
        ("sts", "ValidationError"),
        ("elbv2", "ValidationError"),
        ("ram", "InvalidParameterException"),
        ("resourcegroupstaggingapi", "InvalidParameterException"),
        ("stepfunctions", "ValidationException"),
    ],
)
def test_each_service_has_its_word_for_invalid(service: str, code: str) -> None:
    assert validate.invalid(service, "m", []).code == code


@pytest.mark.parametrize(
    ("service", "operation", "protocol", "code", "status"),
    [
        ("vpc-lattice", "GetService", "rest-json", "ResourceNotFoundException", 404),
        ("dynamodb", "PutItem", "json", "ConditionalCheckFailedException", 400),
        ("sqs", "SendMessage", "json", "AccessDenied", 403),
        ("elbv2", "AddTags", "query", "LoadBalancerNotFound", 400),
        ("ec2", "DescribeVpcs", "ec2", "UnauthorizedOperation", 403),
        ("s3", "GetObject", "rest-xml", "NoSuchKey", 404),
        ("resourcegroupstaggingapi", "GetResources", "smithy-rpc-v2-cbor", "InvalidParameterException", 400),
    ],
)
def test_an_error_comes_back_as_it_was_said(
    service: str, operation: str, protocol: str, code: str, status: int
) -> None:
    error = AwsError(code, "because <this> & that", status)
    answer = wire.serialise_error(service, error, protocol, "r-1")
    assert answer.status == status
    told = wire.read_answer(service, operation, answer, protocol)
    assert told["Error"]["Code"] == code
    assert told["Error"]["Message"] == "because <this> & that"


def test_the_model_decides_the_status_of_its_errors() -> None:
    answer = wire.serialise_error("vpc-lattice", AwsError("ServiceQuotaExceededException", "m"), "rest-json", "r")
    assert answer.status == 402


def test_members_of_an_error_go_where_the_model_puts_them() -> None:
    error = AwsError("ThrottlingException", "m", retryAfterSeconds=3, quotaCode="L-1")
    answer = wire.serialise_error("vpc-lattice", error, "rest-json", "r-1")
    assert answer.headers["Retry-After"] == "3"
    assert json.loads(answer.body) == {"__type": "ThrottlingException", "message": "m", "quotaCode": "L-1"}


@pytest.mark.parametrize(
    ("service", "operation", "result", "protocol", "status"),
    [
        (
            "vpc-lattice",
            "CreateServiceNetwork",
            {"id": "sn-0123456789abcdef0", "name": "net", "authType": "NONE"},
            "rest-json",
            201,
        ),
        ("vpc-lattice", "DeleteListener", {}, "rest-json", 204),
        (
            "resourcegroupstaggingapi",
            "GetTagKeys",
            {"TagKeys": ["a"], "PaginationToken": ""},
            "smithy-rpc-v2-cbor",
            200,
        ),
        ("resourcegroupstaggingapi", "GetTagKeys", {"TagKeys": ["a"], "PaginationToken": ""}, "json", 200),
        (
            "sts",
            "GetCallerIdentity",
            {"Account": "111111111111", "Arn": "arn:aws:iam::111111111111:root", "UserId": "u"},
            "query",
            200,
        ),
    ],
)
def test_an_answer_comes_back_as_it_was_given(
    service: str, operation: str, result: dict[str, Any], protocol: str, status: int
) -> None:
    check.check_answer(service, operation, result)
    answer = wire.serialise(service, operation, result, protocol, "r-1")
    assert answer.status == status
    told = wire.read_answer(service, operation, answer, protocol)
    told.pop("ResponseMetadata", None)
    assert told == result


def test_times_come_back_to_the_second() -> None:
    at = datetime.datetime(2026, 11, 1, 12, 0, 5, tzinfo=UTC)
    answer = wire.serialise("vpc-lattice", "GetService", {"createdAt": at}, "rest-json", "r-1")
    assert json.loads(answer.body) == {"createdAt": "2026-11-01T12:00:05Z"}
    assert wire.read_answer("vpc-lattice", "GetService", answer, "rest-json")["createdAt"] == at


@pytest.mark.parametrize(
    ("operation", "result", "told"),
    [
        ("ListServices", {"colour": "red"}, "'colour' is not in the model"),
        ("ListServices", {"items": [{"colour": "red"}]}, "'items.colour' is not in the model"),
        ("ListServices", {"items": [{"id": "not-an-id"}]}, "'items.1.member.id'"),
        ("ListTargets", {}, "'items'"),
    ],
)
def test_an_answer_outside_the_model_is_a_defect(operation: str, result: dict[str, Any], told: str) -> None:
    with pytest.raises(WrongAnswer, match=told):
        check.check_answer("vpc-lattice", operation, result)


def test_cbor_is_read_as_botocore_writes_it() -> None:
    from botocore.serialize import create_serializer

    modelled = models.operation_model("resourcegroupstaggingapi", "TagResources")
    params = {"ResourceARNList": ["arn:aws:ec2:x:1:vpc/vpc-1"], "Tags": {"a": "b"}}
    written = create_serializer("smithy-rpc-v2-cbor").serialize_to_request(params, modelled)
    sent = message("tagging", path=written["url_path"], body=written["body"], smithy_protocol="rpc-v2-cbor")
    assert parse(sent) == params


def test_a_cbor_call_can_be_put_in_json() -> None:
    sent = message("monitoring", path="/service/X/operation/Y", smithy_protocol="rpc-v2-cbor")
    at = datetime.datetime(2026, 11, 1, 12, tzinfo=UTC)
    put = wire.as_json_message(sent, Operation("cloudwatch", "PutMetricData", {}), {"At": at})
    assert put.headers["x-amz-target"] == "GraniteServiceVersion20100801.PutMetricData"
    assert json.loads(put.body) == {"At": at.timestamp()}
    assert "smithy-protocol" not in put.headers


def test_headers_are_found_whatever_their_case() -> None:
    answer = wire.Answer(404, {"X-Amzn-ErrorType": "ResourceNotFoundException"}, b"{}")
    told = wire.read_answer("vpc-lattice", "GetService", answer, "rest-json")
    assert told["Error"]["Code"] == "ResourceNotFoundException"
    assert isinstance(parsers.create_parser("rest-json"), parsers.RestJSONParser)
