"""Injected faults: each kind does to a call what it says, when and as often as it says."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from localcloud.cloud import LocalCloud
from localcloud.door import faults
from localcloud.door.faults import Fault, Faults, FunctionEnded, FunctionFault
from localcloud.ground.journal import CallRecord

INFRA = "111111111111"
TEAM = "222222222222"
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def armed_by(seed: int) -> Faults:
    return Faults(Random(seed))  # noqa: S311 - chance that can be repeated is what is tested


def ec2(cloud: LocalCloud, account: str = INFRA) -> Any:
    return cloud.session(account).client("ec2", config=ONCE)


def vpcs(cloud: LocalCloud) -> int:
    with cloud.gate.quiet():
        return sum(not vpc["IsDefault"] for vpc in cloud.client("ec2", INFRA).describe_vpcs()["Vpcs"])


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("throttle", "RequestLimitExceeded", 503),
        ("500", "InternalError", 500),
        ("refuse", "UnauthorizedOperation", 403),
    ],
)
def test_a_failed_call_has_no_effect(cloud: LocalCloud, kind: Any, code: str, status: int) -> None:
    cloud.faults.add(Fault(kind, "ec2", "CreateVpc"))
    with pytest.raises(ClientError) as failed:
        ec2(cloud).create_vpc(CidrBlock="10.1.0.0/16")
    assert failed.value.response["Error"]["Code"] == code
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert vpcs(cloud) == 0
    [call] = cloud.journal.of(CallRecord)
    assert (call.outcome, call.fault) == (code, kind)


def test_a_lost_answer_leaves_the_effect(cloud: LocalCloud) -> None:
    cloud.faults.add(Fault("lost", "ec2", "CreateVpc"))
    with pytest.raises(ConnectionClosedError):
        ec2(cloud).create_vpc(CidrBlock="10.1.0.0/16")
    assert vpcs(cloud) == 1
    [call] = cloud.journal.of(CallRecord)
    assert (call.outcome, call.fault) == ("ConnectionClosedError", "lost")


def test_botocore_tries_again_when_an_answer_is_lost(cloud: LocalCloud) -> None:
    cloud.faults.add(Fault("lost", "ec2", "CreateVpc"))
    cloud.client("ec2", INFRA).create_vpc(CidrBlock="10.1.0.0/16")
    assert vpcs(cloud) == 2, "the first took effect, too: CreateVpc has no client token"


def test_what_falls_due_during_a_delay_happens_first(cloud: LocalCloud) -> None:
    happened: list[float] = []
    cloud.clock.after(3.0, lambda: happened.append(cloud.clock.now), "something else")
    start = cloud.clock.now
    cloud.faults.add(Fault("delay", seconds=5.0))
    ec2(cloud).create_vpc(CidrBlock="10.1.0.0/16")
    assert happened == [start + 3.0]
    [call] = cloud.journal.of(CallRecord)
    assert call.at == start + 5.0
    assert (call.outcome, call.fault) == ("ok", "delay")


def test_what_the_cloud_does_for_itself_never_fails(cloud: LocalCloud) -> None:
    cloud.faults.add(Fault("500", times=None))
    assert vpcs(cloud) == 0


@pytest.mark.parametrize(
    ("fault", "strikes"),
    [
        (Fault("500"), [True, False, False, False]),
        (Fault("500", times=2), [True, True, False, False]),
        (Fault("500", times=None), [True, True, True, True]),
        (Fault("500", skip=1), [False, True, False, False]),
        (Fault("500", skip=2, times=2), [False, False, True, True]),
        (Fault("500", service="ec2", operation="Describe*"), [True, False, False, False]),
        (Fault("500", service="sqs"), [False] * 4),
        (Fault("500", account="2*"), [False] * 4),
        (Fault("500", role="onramp-*"), [False] * 4),
        (Fault("500", account=INFRA, role="reader"), [True, False, False, False]),
    ],
    ids=str,
)
def test_a_fault_strikes_the_calls_it_names(fault: Fault, strikes: list[bool]) -> None:
    armed = armed_by(0)
    armed.add(fault)
    assert [bool(armed.check("ec2", "DescribeVpcs", INFRA, "reader")) for _ in strikes] == strikes


def test_chance_is_decided_by_the_seed() -> None:
    def struck(seed: int) -> list[bool]:
        armed = armed_by(seed)
        armed.add(Fault("500", times=None, chance=0.3))
        return [bool(armed.check("ec2", "DescribeVpcs", INFRA, "")) for _ in range(100)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 15 < sum(struck(1)) < 45


def test_a_fault_that_never_struck_can_be_found() -> None:
    armed = armed_by(0)
    used, unused = Fault("500", "ec2"), FunctionFault("plan")
    armed.add(used, unused)
    armed.check("ec2", "DescribeVpcs", INFRA, "")
    assert armed.unused == [unused]
    armed.clear()
    assert armed.unused == []


def test_a_function_can_be_ended_before_its_first_line(cloud: LocalCloud) -> None:
    cloud.faults.add(FunctionFault("pl*", kind="timeout"))
    with pytest.raises(FunctionEnded) as ended, cloud.running("plan"):
        pytest.fail("it ran")
    assert ended.value.kind == "timeout"
    with cloud.running("plan") as frame:
        assert frame.calls == 0


def test_a_functions_own_code_cannot_catch_its_end() -> None:
    assert not issubclass(FunctionEnded, Exception)


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("ec2", "DescribeVpcs", "RequestLimitExceeded", 503),
        ("elbv2", "DescribeTags", "Throttling", 400),
        ("iam", "GetRole", "Throttling", 400),
        ("sts", "AssumeRole", "Throttling", 400),
        ("vpc-lattice", "GetService", "ThrottlingException", 429),
        ("ram", "CreateResourceShare", "ThrottlingException", 429),
        ("ram", "GetResourceShares", "ThrottlingException", 429),
        ("resourcegroupstaggingapi", "GetResources", "ThrottledException", 400),
        ("dynamodb", "PutItem", "ThrottlingException", 400),
        ("stepfunctions", "StartExecution", "ThrottlingException", 400),
        ("events", "PutEvents", "ThrottlingException", 400),
        ("sqs", "SendMessage", "RequestThrottled", 403),
        ("sns", "Publish", "Throttled", 429),
        ("lambda", "Invoke", "TooManyRequestsException", 429),
        ("s3", "GetObject", "SlowDown", 503),
    ],
)
def test_each_service_throttles_in_its_own_words(service: str, operation: str, code: str, status: int) -> None:
    error = faults.throttled(service, operation)
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(("kind", "error"), [("throttle", "ThrottlingException"), ("500", "InternalServerException")])
def test_lattice_says_when_to_come_back(cloud: LocalCloud, kind: faults.Kind, error: str) -> None:
    cloud.faults.add(Fault(kind))
    client = cloud.session(TEAM).client("vpc-lattice", config=ONCE)
    with pytest.raises(getattr(client.exceptions, error)) as failed:
        client.list_services()
    assert failed.value.response["retryAfterSeconds"] == 1


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("ec2", "UnauthorizedOperation", 403),
        ("elbv2", "AccessDenied", 403),
        ("vpc-lattice", "AccessDeniedException", 403),
        ("dynamodb", "AccessDeniedException", 400),
        ("sqs", "AccessDenied", 403),
        ("sns", "AuthorizationError", 403),
    ],
)
def test_each_service_refuses_in_its_own_words(service: str, code: str, status: int) -> None:
    error = faults.denied(service, "no")
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("vpc-lattice", "GetService", "InternalServerException"),
        ("dynamodb", "PutItem", "InternalServerError"),
        ("elbv2", "DescribeTags", "InternalFailure"),
        ("events", "PutEvents", "InternalException"),
    ],
)
def test_each_service_breaks_in_its_own_words(service: str, operation: str, code: str) -> None:
    error = faults.broken(service, operation)
    assert (error.code, error.status) == (code, 500)
