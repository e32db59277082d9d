"""The local cloud over HTTP: any client gets what a client in process gets."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.serialize import create_serializer

from localcloud.cloud import LocalCloud
from localcloud.door import wire
from localcloud.door.faults import Fault
from localcloud.door.http import PortInUse, Server, serve
from localcloud.ground import models
from localcloud.ground.journal import CallRecord
from tests.patience import PATIENCE

TEAM = "222222222222"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


@pytest.fixture
def url(cloud: LocalCloud) -> Iterator[str]:
    with serve(cloud) as url:
        yield url


def client(service: str, url: str, account: str = TEAM, **config: Any) -> Any:
    session = boto3.Session(aws_access_key_id=account, aws_secret_access_key=account, region_name="ap-northeast-1")
    retries = {"total_max_attempts": 1}
    return session.client(service, endpoint_url=url, config=Config(retries=retries, **config))


@pytest.mark.parametrize(
    ("service", "operation", "params", "path"),
    [
        ("ec2", "describe_vpcs", {}, "Vpcs"),
        ("elbv2", "describe_load_balancers", {}, "LoadBalancers"),
        ("dynamodb", "list_tables", {}, "TableNames"),
        ("sqs", "list_queues", {}, "ResponseMetadata"),
        ("iam", "list_roles", {}, "Roles"),
        ("sts", "get_caller_identity", {}, "Account"),
        ("events", "list_rules", {}, "Rules"),
        ("lambda", "list_functions", {}, "Functions"),
        ("vpc-lattice", "list_services", {}, "items"),
        ("ram", "get_resource_shares", {"resourceOwner": "SELF"}, "resourceShares"),
        ("resourcegroupstaggingapi", "get_resources", {}, "ResourceTagMappingList"),
        ("cloudwatch", "list_metrics", {}, "Metrics"),
    ],
)
def test_every_protocol_is_spoken(
    cloud: LocalCloud, url: str, service: str, operation: str, params: dict[str, Any], path: str
) -> None:
    assert path in getattr(client(service, url), operation)(**params)
    [call] = cloud.journal.of(CallRecord)
    assert (call.service, call.account, call.outcome) == (service, TEAM, "ok")


def test_both_doors_lead_to_one_cloud(cloud: LocalCloud, url: str) -> None:
    made = client("ec2", url).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    inside = cloud.client("ec2", TEAM).describe_vpcs(VpcIds=[made])["Vpcs"]
    assert inside[0]["CidrBlock"] == "10.1.0.0/16"


def test_an_encoded_slash_in_the_path_is_no_slash(url: str) -> None:
    lattice = client("vpc-lattice", url)
    arn = lattice.create_service(name="orders", tags={"a": "b"})["arn"]
    lattice.tag_resource(resourceArn=arn, tags={"c": "d"})
    assert lattice.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b", "c": "d"}


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_s3_takes_both_styles_of_address(url: str, style: str) -> None:
    place = {"LocationConstraint": "ap-northeast-1"}
    s3 = client("s3", url.replace("127.0.0.1", "localhost"), s3={"addressing_style": style})
    if style == "virtual":
        # Not every resolver knows *.localhost: the host name goes in the header only.
        port = int(url.rsplit(":", 1)[1])
        client("s3", url).create_bucket(Bucket="things", CreateBucketConfiguration=place)
        client("s3", url).put_object(Bucket="things", Key="a/b c", Body=b"x")
        asked = http.client.HTTPConnection("127.0.0.1", port)
        credential = f"{TEAM}/20261101/ap-northeast-1/s3/aws4_request"
        asked.request(
            "GET",
            "/a/b%20c",
            headers={
                "Host": f"things.localhost:{port}",
                "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
            },
        )
        assert asked.getresponse().read() == b"x"
        asked.close()
        return
    s3 = client("s3", url, s3={"addressing_style": style})
    s3.create_bucket(Bucket="things", CreateBucketConfiguration=place)
    s3.put_object(Bucket="things", Key="a/b c", Body=b"x" * 100_000)
    assert s3.get_object(Bucket="things", Key="a/b c")["Body"].read() == b"x" * 100_000
    assert s3.head_object(Bucket="things", Key="a/b c")["ContentLength"] == 100_000


def test_a_newer_clients_cbor_is_understood(cloud: LocalCloud, url: str) -> None:
    def send(service: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        modelled = models.operation_model(service, operation)
        written = create_serializer(wire.CBOR).serialize_to_request(params, modelled)
        signing = models.model(service).signing_name
        connection = http.client.HTTPConnection("127.0.0.1", int(url.rsplit(":", 1)[1]))
        connection.request(
            "POST",
            written["url_path"],
            body=bytes(written["body"]),
            headers={
                **written["headers"],
                "Authorization": "AWS4-HMAC-SHA256 "
                f"Credential={TEAM}/20261101/ap-northeast-1/{signing}/aws4_request, SignedHeaders=host, Signature=0",
            },
        )
        answer = connection.getresponse()
        told = wire.Answer(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return wire.read_answer(service, operation, told, wire.CBOR)

    vpc = cloud.client("ec2", TEAM).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    arn = f"arn:aws:ec2:ap-northeast-1:{TEAM}:vpc/{vpc}"
    api = "resourcegroupstaggingapi"
    send(api, "TagResources", {"ResourceARNList": [arn], "Tags": {"a": "b"}})
    cloud.clock.advance(60)
    found = send(api, "GetResources", {"TagFilters": [{"Key": "a"}]})
    assert [one["ResourceARN"] for one in found["ResourceTagMappingList"]] == [arn]
    refused = send(api, "GetResources", {"ResourcesPerPage": 1000})
    assert refused["Error"]["Code"] == "InvalidParameterException"
    data = [{"MetricName": "m", "Value": 1.5}]
    send("cloudwatch", "PutMetricData", {"Namespace": "n", "MetricData": data})
    assert send("cloudwatch", "ListMetrics", {})["Metrics"][0]["MetricName"] == "m"


def test_a_lost_answer_closes_the_connection(cloud: LocalCloud, url: str) -> None:
    cloud.faults.add(Fault("lost", "ec2", "CreateVpc"))
    ec2 = client("ec2", url)
    with pytest.raises(ConnectionClosedError):
        ec2.create_vpc(CidrBlock="10.1.0.0/16")
    assert any(vpc["CidrBlock"] == "10.1.0.0/16" for vpc in ec2.describe_vpcs()["Vpcs"])


def test_errors_keep_their_status_and_code(url: str) -> None:
    lattice = client("vpc-lattice", url)
    with pytest.raises(lattice.exceptions.ResourceNotFoundException) as refused:
        lattice.get_service(serviceIdentifier="svc-0123456789abcdef0")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_key_nobody_has_is_refused(url: str) -> None:
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client("sts", url, account="AKIAAAAAAAAAAAAAAAAA").get_caller_identity()


def test_what_is_no_call_of_aws_is_told_so(url: str) -> None:
    asked = http.client.HTTPConnection("127.0.0.1", int(url.rsplit(":", 1)[1]))
    asked.request("GET", "/favicon.ico", headers={"Authorization": "Credential=1/20261101/r/nonsense/aws4_request"})
    answer = asked.getresponse()
    assert answer.status == 404
    assert b"is no operation of an AWS service" in answer.read()
    asked.close()


def test_a_defect_is_reported_and_the_server_lives_on(cloud: LocalCloud) -> None:
    class Broken:
        def handle(self, *_: Any) -> None:
            raise ZeroDivisionError("a defect")

    heard: list[BaseException] = []
    cloud.lattice = Broken()  # type: ignore[assignment]  # stands in for the whole service
    server = Server(cloud, on_error=heard.append)
    server.start()
    try:
        with pytest.raises(ClientError, match="500"):
            client("vpc-lattice", server.url).list_services()
        assert [type(one) for one in heard] == [ZeroDivisionError]
        assert client("sts", server.url).get_caller_identity()["Account"] == TEAM
    finally:
        server.stop()


def test_a_port_in_use_is_told_with_the_remedy(cloud: LocalCloud) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} is in use; .* choose another with --port"):
            Server(cloud, port=port).start()


def test_what_is_being_answered_when_it_stops_is_answered(cloud: LocalCloud) -> None:
    begun, answered = threading.Event(), threading.Event()

    def control(*_: Any) -> dict[str, Any]:
        begun.set()
        while listens(server.port):
            time.sleep(0.01)
        answered.set()
        return {}

    server = Server(cloud, control=control)
    server.start()
    speaker = threading.Thread(target=speak, args=(server.port,))
    speaker.start()
    assert begun.wait(PATIENCE)
    server.stop()
    assert answered.is_set()
    speaker.join(PATIENCE)


def test_a_request_that_never_comes_whole_keeps_nobody(cloud: LocalCloud) -> None:
    server = Server(cloud)
    server.start()
    with socket.create_connection(("127.0.0.1", server.port)) as half:
        half.sendall(b"POST / HTTP/1.1\r\nHost: sts.amazonaws.com\r\nContent-Length: 100\r\n\r\nhalf")
        assert client("sts", server.url).get_caller_identity()["Account"] == TEAM
        begun = time.perf_counter()
        server.stop()
        # It would wait for five seconds for what is being answered.
        assert time.perf_counter() - begun < 4


def speak(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", "/_local/word", "{}", {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200
    connection.close()


def listens(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


def test_many_clients_at_once_are_let_in_one_by_one(cloud: LocalCloud, url: str) -> None:
    def work(number: int) -> None:
        client("ec2", url).create_vpc(CidrBlock=f"10.{number}.0.0/16")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([call for call in cloud.journal.of(CallRecord) if call.outcome == "ok"]) == 8


def test_time_stands_still_until_it_is_let_run(cloud: LocalCloud, url: str) -> None:
    lattice = client("vpc-lattice", url)
    made = lattice.create_service(name="orders")["id"]
    assert lattice.get_service(serviceIdentifier=made)["status"] == "CREATE_IN_PROGRESS"
    cloud.clock.advance(60)
    assert lattice.get_service(serviceIdentifier=made)["status"] == "ACTIVE"


def test_a_pump_lets_time_run_and_due_things_happen(cloud: LocalCloud) -> None:
    happened = threading.Event()
    cloud.clock.after(60.0, happened.set, "a thing")
    start = cloud.clock.now
    server = Server(cloud)
    server.start()
    server.pump(speed=1000.0, every=0.01)
    try:
        assert happened.wait(PATIENCE)
    finally:
        server.stop()
    assert cloud.clock.now >= start + 60
    stopped, real = cloud.clock.now, time.monotonic()
    assert cloud.clock.now == stopped
    assert time.monotonic() >= real


def test_what_fails_in_the_pump_is_reported_and_time_goes_on(cloud: LocalCloud) -> None:
    heard: list[BaseException] = []
    later = threading.Event()

    def fail() -> None:
        raise ZeroDivisionError("a defect")

    cloud.clock.after(1.0, fail, "a defect")
    cloud.clock.after(2.0, later.set, "a thing")
    server = Server(cloud, on_error=heard.append)
    server.pump(speed=1000.0, every=0.01)
    assert later.wait(PATIENCE)
    server.stop()
    assert [type(one) for one in heard] == [ZeroDivisionError]


def test_time_can_be_stepped_between_requests(cloud: LocalCloud) -> None:
    server = Server(cloud)
    start = cloud.clock.now
    server.advance(5)
    cloud.clock.after(7.0, lambda: None, "a thing")
    server.settle()
    assert cloud.clock.now == start + 12
