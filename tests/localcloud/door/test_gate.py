"""The gate: who calls, what is refused, what is recorded, and what stays of it when it closes."""

import contextlib
import datetime
import json
import os
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.cloud import START, LocalCloud
from localcloud.door import in_process
from localcloud.door.call import Done, is_mutating
from localcloud.door.faults import FunctionEnded, FunctionFault
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError, WrongAnswer
from localcloud.ground.journal import CallRecord

NOBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}'
"""A trust that lets nobody in: IAM takes no role without one."""

INFRA = "111111111111"
TEAM = "222222222222"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        yield cloud


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def calls(cloud: LocalCloud) -> list[CallRecord]:
    return cloud.journal.of(CallRecord)


def session(key: str) -> boto3.Session:
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=key, region_name="ap-northeast-1")


class FakeLattice:
    """A service of ours that answers what a test tells it to."""

    name: ClassVar[str] = "vpc-lattice"

    def __init__(self, answer: dict[str, Any] | AwsError) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any], Caller]] = []

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        self.asked.append((operation, params, caller))
        if isinstance(self.answer, AwsError):
            raise self.answer
        return self.answer

    def tags_of(self, _: str) -> dict[str, str]:
        return {}


# --- who calls ---


def test_twelve_digits_are_the_key_of_an_accounts_owner(cloud: LocalCloud) -> None:
    who = cloud.client("sts", TEAM).get_caller_identity()
    assert who["Account"] == TEAM
    assert who["Arn"] == f"arn:aws:iam::{TEAM}:root"


def test_a_session_of_a_role_is_that_role(cloud: LocalCloud) -> None:
    cloud.client("iam", TEAM).create_role(RoleName="reader", AssumeRolePolicyDocument=NOBODY)
    arn = cloud.client("sts", TEAM, "reader").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{TEAM}:assumed-role/reader/local"


def test_a_key_that_moto_made_is_its_users(cloud: LocalCloud) -> None:
    iam = cloud.client("iam", TEAM)
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    vpc = session(key).client("ec2").describe_vpcs()["Vpcs"][0]
    assert vpc["OwnerId"] == TEAM
    assert calls(cloud)[-1].account == TEAM


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("elbv2", "describe_load_balancers", "InvalidClientTokenId"),
        ("dynamodb", "list_tables", "UnrecognizedClientException"),
        ("vpc-lattice", "list_services", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_a_key_nobody_has_is_refused(cloud: LocalCloud, service: str, operation: str, expected: str) -> None:
    client = session("AKIAAAAAAAAAAAAAAAAA").client(service)
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)()
    assert code(refused) == expected


def test_an_unsigned_call_is_refused(cloud: LocalCloud) -> None:
    client = boto3.Session(region_name="ap-northeast-1").client("ec2", config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError) as refused:
        client.describe_vpcs()
    assert code(refused) == "MissingAuthenticationToken"


def test_a_session_ends_when_its_time_is_up(cloud: LocalCloud) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{INFRA}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    cloud.client("iam", TEAM).create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))
    keys = cloud.client("sts", INFRA).assume_role(
        RoleArn=f"arn:aws:iam::{TEAM}:role/reader", RoleSessionName="look", DurationSeconds=900
    )["Credentials"]
    client = boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name="ap-northeast-1",
    ).client("sts")
    assert client.get_caller_identity()["Account"] == TEAM
    cloud.clock.advance(901)
    with pytest.raises(ClientError) as refused:
        client.get_caller_identity()
    assert code(refused) == "ExpiredToken"


def test_accounts_do_not_see_each_others_things(cloud: LocalCloud) -> None:
    mine = cloud.client("ec2", INFRA).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    others = [vpc["VpcId"] for vpc in cloud.client("ec2", TEAM).describe_vpcs()["Vpcs"]]
    assert mine not in others


def test_real_credentials_and_profiles_are_out_of_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "https://elsewhere.example")
    with LocalCloud():
        assert botocore.session.Session().get_credentials() is None
        assert "AWS_ENDPOINT_URL_EC2" not in os.environ
    assert os.environ["AWS_PROFILE"] == "production"


# --- what is refused ---


def test_what_a_roles_policies_do_not_allow_is_refused(cloud: LocalCloud) -> None:
    iam = cloud.client("iam", TEAM)
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=NOBODY)
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=json.dumps(policy))
    ec2 = cloud.client("ec2", TEAM, "reader")
    assert ec2.describe_vpcs()["Vpcs"]
    with pytest.raises(ClientError) as refused:
        ec2.describe_subnets()
    assert code(refused) == "UnauthorizedOperation"
    assert "is not authorized to perform: ec2:DescribeSubnets" in str(refused.value)
    assert calls(cloud)[-1].outcome == "UnauthorizedOperation"


def test_iam_can_be_left_out() -> None:
    with LocalCloud(enforce_iam=False) as cloud:
        assert cloud.client("ec2", TEAM, "nobody").describe_vpcs()["Vpcs"]


def test_an_own_service_says_itself_what_must_be_allowed(cloud: LocalCloud) -> None:
    class Guarded(FakeLattice):
        def authorisation(self, operation: str, params: dict[str, Any], caller: Caller) -> list[Any]:
            return [("vpc-lattice:GetService", "arn:aws:vpc-lattice:::service/x", {})]

    cloud.lattice = Guarded({"items": []})  # type: ignore[assignment]  # stands in for the whole service
    cloud.client("iam", TEAM).create_role(RoleName="reader", AssumeRolePolicyDocument=NOBODY)
    with pytest.raises(ClientError) as refused:
        cloud.client("vpc-lattice", TEAM, "reader").list_services()
    assert code(refused) == "AccessDeniedException"
    assert cloud.client("vpc-lattice", TEAM).list_services()["items"] == []


def test_parameters_are_held_to_the_model_before_a_service_sees_them(cloud: LocalCloud) -> None:
    fake = FakeLattice({})
    cloud.lattice = fake  # type: ignore[assignment]  # stands in for the whole service
    client = cloud.session(TEAM).client("vpc-lattice", config=Config(parameter_validation=False))
    with pytest.raises(ClientError) as refused:
        client.create_service(name="No Capitals", authType="MAYBE")
    error = refused.value.response
    assert code(refused) == "ValidationException"
    assert error["reason"] == "fieldValidationFailed"
    assert [field["name"] for field in error["fieldList"]] == ["name", "authType"]
    assert not fake.asked


def test_an_answer_outside_the_model_is_a_defect_and_flies(cloud: LocalCloud) -> None:
    cloud.lattice = FakeLattice({"items": [], "colour": "red"})  # type: ignore[assignment]  # stands in
    with pytest.raises(WrongAnswer, match="'colour' is not in the model"):
        cloud.client("vpc-lattice", TEAM).list_services()
    cloud.wrong_answers.clear()


def test_a_wrong_answer_that_is_swallowed_flies_at_the_end() -> None:
    open_cloud = contextlib.ExitStack()
    cloud = open_cloud.enter_context(LocalCloud())
    cloud.lattice = FakeLattice({"items": [], "colour": "red"})  # type: ignore[assignment]  # stands in
    with contextlib.suppress(WrongAnswer):
        cloud.client("vpc-lattice", TEAM).list_services()
    with pytest.raises(WrongAnswer, match="'colour' is not in the model"):
        open_cloud.close()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AwsError("ConflictException", "no", 409), "vpc-lattice:ListServices has no ConflictException in its model"),
        (AwsError("ThrottlingException", "no", 400), "ThrottlingException with 429, not with 400"),
    ],
)
def test_a_refusal_outside_the_model_is_a_defect(cloud: LocalCloud, error: AwsError, told: str) -> None:
    cloud.lattice = FakeLattice(error)  # type: ignore[assignment]  # stands in for the whole service
    with pytest.raises(WrongAnswer, match=told):
        cloud.client("vpc-lattice", TEAM).list_services()
    cloud.wrong_answers.clear()


def test_every_cloud_of_a_test_holds_motos_answers_to_the_model() -> None:
    assert LocalCloud().check_answers
    assert not LocalCloud(check_answers=False).check_answers


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"Vpcs": "none"}, "moto's ec2:DescribeVpcs.*must be a list"),
        ({"Vpcs": [{"State": "ready"}]}, "moto's ec2:DescribeVpcs.*enum"),
    ],
)
def test_motos_answers_are_held_to_the_model_too(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], told: str
) -> None:
    from localcloud.door import wire

    with LocalCloud(check_answers=True) as cloud:
        ec2 = cloud.client("ec2", TEAM)
        assert ec2.describe_vpcs()["Vpcs"]
        monkeypatch.setattr(wire, "read_answer", lambda *_: wrong)
        with pytest.raises(WrongAnswer, match=told):
            ec2.describe_vpcs()
        cloud.wrong_answers.clear()


def test_nothing_there_is_an_answer_though_the_model_has_the_shape_of_a_request(cloud: LocalCloud) -> None:
    logs = cloud.client("logs", TEAM)
    logs.create_log_group(logGroupName="orders")
    arn = f"arn:aws:logs:{cloud.region}:{TEAM}:log-group:orders"
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}


def test_an_error_of_ours_reaches_the_caller_whole(cloud: LocalCloud) -> None:
    cloud.lattice = FakeLattice(  # type: ignore[assignment]  # stands in for the whole service
        AwsError("ConflictException", "wait", 409, resourceId="svc-1", resourceType="SERVICE")
    )
    client = cloud.client("vpc-lattice", TEAM)
    with pytest.raises(client.exceptions.ConflictException) as refused:
        client.delete_service(serviceIdentifier="svc-0123456789abcdef0")
    assert refused.value.response["resourceId"] == "svc-1"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_what_is_left_out_says_so(cloud: LocalCloud) -> None:
    with pytest.raises(ClientError, match="ec2:CreateIpam is not emulated by the local cloud") as refused:
        cloud.client("ec2", TEAM).create_ipam()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_operations_that_a_component_does_not_take_go_to_moto(cloud: LocalCloud) -> None:
    class Some(FakeLattice):
        name: ClassVar[str] = "lambda"
        operations: ClassVar[frozenset[str]] = frozenset({"GetAccountSettings"})

    cloud.functions = Some({})  # type: ignore[assignment]  # stands in for the whole service
    client = cloud.client("lambda", TEAM)
    assert client.list_functions()["Functions"] == []
    client.get_account_settings()
    assert [asked[0] for asked in cloud.functions.asked] == ["GetAccountSettings"]  # type: ignore[attr-defined]


# --- what is recorded ---


def test_a_call_is_recorded_as_its_caller_saw_it(cloud: LocalCloud) -> None:
    with cloud.running("plan", "arn:aws:states:::execution:x"):
        cloud.client("ec2", INFRA).create_vpc(CidrBlock="10.1.0.0/16")
    [call] = calls(cloud)
    assert (call.service, call.operation, call.account, call.role) == ("ec2", "CreateVpc", INFRA, "")
    assert (call.outcome, call.mutating, call.region) == ("ok", True, "ap-northeast-1")
    assert (call.function, call.run) == ("plan", "arn:aws:states:::execution:x")
    assert call.params == {"CidrBlock": "10.1.0.0/16"}
    assert call.at == START


def test_a_refused_call_is_recorded_with_its_code_and_resource(cloud: LocalCloud) -> None:
    arn = "arn:aws:elasticloadbalancing:ap-northeast-1:222222222222:loadbalancer/app/x/0123456789abcdef"
    with pytest.raises(ClientError):
        cloud.client("elbv2", TEAM).add_tags(ResourceArns=[arn], Tags=[{"Key": "a", "Value": "b"}])
    [call] = calls(cloud)
    assert (call.outcome, call.resource) == ("LoadBalancerNotFound", arn)


def test_of_a_package_only_the_size_is_recorded(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3", INFRA)
    s3.create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="things", Key="package.zip", Body=b"x" * 1000)
    body = calls(cloud)[-1].params["Body"]
    assert isinstance(body, str)
    assert body.endswith(" bytes>")


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("CreateService", True),
        ("TagResource", True),
        ("PutItem", True),
        ("SendMessage", True),
        ("StartExecution", True),
        ("GetService", False),
        ("ListTargets", False),
        ("DescribeTags", False),
        ("BatchGetItem", False),
        ("TransactGetItems", False),
        ("Query", False),
        ("AssumeRole", False),
        ("SimulatePrincipalPolicy", False),
    ],
)
def test_reads_are_told_from_writes_by_name(operation: str, expected: bool) -> None:
    assert is_mutating(operation) is expected


def test_quiet_calls_leave_no_trace(cloud: LocalCloud) -> None:
    heard: list[Done] = []
    cloud.gate.observe(heard.append)
    with cloud.gate.quiet():
        cloud.client("ec2", INFRA).create_vpc(CidrBlock="10.1.0.0/16")
    assert calls(cloud) == []
    assert heard == []


def test_a_function_that_something_quiet_sets_going_is_not_quiet(cloud: LocalCloud) -> None:
    with cloud.gate.quiet(), cloud.running("plan"):
        cloud.client("ec2", INFRA).describe_vpcs()
    assert len(calls(cloud)) == 1


def test_observers_see_parameters_results_and_errors(cloud: LocalCloud) -> None:
    heard: list[Done] = []
    cloud.gate.observe(heard.append)
    ec2 = cloud.client("ec2", INFRA)
    made = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError):
        ec2.delete_vpc(VpcId="vpc-0123456789abcdef0")
    assert heard[0].params == {"CidrBlock": "10.1.0.0/16"}
    assert heard[0].result["Vpc"]["VpcId"] == made
    assert heard[1].error is not None
    assert heard[1].error.code == "InvalidVpcID.NotFound"
    assert heard[1].result == {}


def test_an_observer_may_look_before_a_change(cloud: LocalCloud) -> None:
    notes: list[tuple[str, Any]] = []

    def count(service: str, operation: str, params: dict[str, Any], caller: Caller) -> int:
        with cloud.gate.quiet():
            return len(cloud.client("ec2", caller.account).describe_vpcs()["Vpcs"])

    cloud.gate.observe(lambda done, note: notes.append((done.operation, note)), before=count)
    ec2 = cloud.client("ec2", INFRA)
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    ec2.describe_vpcs()
    assert notes == [("CreateVpc", 1), ("DescribeVpcs", None)]


def test_who_calls_is_known_while_a_service_handles_it(cloud: LocalCloud) -> None:
    seen: list[Caller | None] = []

    class Curious(FakeLattice):
        def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
            seen.append(cloud.caller_now)
            return {"items": []}

    cloud.lattice = Curious({})  # type: ignore[assignment]  # stands in for the whole service
    cloud.client("vpc-lattice", TEAM).list_services()
    assert seen[0] is not None
    assert seen[0].account == TEAM
    assert cloud.caller_now is None


def test_a_part_of_aws_can_act_under_its_own_name(cloud: LocalCloud) -> None:
    fake = FakeLattice({"items": []})
    cloud.lattice = fake  # type: ignore[assignment]  # stands in for the whole service
    actor = Caller(TEAM, cloud.region, "scheduler.amazonaws.com", service="scheduler.amazonaws.com")
    for _ in range(2):
        cloud.session_as(actor).client("vpc-lattice").list_services()
    assert [asked[2] for asked in fake.asked] == [actor, actor]
    assert len(cloud.gate.sessions) == 1


def test_a_function_ends_at_its_nth_call_which_took_effect(cloud: LocalCloud) -> None:
    cloud.faults.add(FunctionFault("apply", at_call=2))
    ec2 = cloud.client("ec2", INFRA)

    def apply() -> None:
        with cloud.running("apply"):
            for third in range(3):
                ec2.create_vpc(CidrBlock=f"10.{third}.0.0/16")

    with pytest.raises(FunctionEnded) as ended:
        apply()
    assert ended.value.kind == "die"
    assert len(calls(cloud)) == 2
    with cloud.running("apply"):
        assert len([vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]) == 2


# --- time, seed, end ---


def test_pythons_clock_is_the_simulated_one(cloud: LocalCloud) -> None:
    real = time.monotonic()
    cloud.clock.advance(3600)
    assert time.time() == cloud.clock.now == START + 3600
    assert datetime.datetime.now(datetime.UTC).isoformat() == "2026-11-01T13:00:00+00:00"
    assert time.monotonic() - real < 3600


def test_pythons_clock_is_right_again_afterwards() -> None:
    with LocalCloud(start=0.0) as cloud:
        assert time.time() == 0.0
    cloud.clock.advance(10)
    assert time.time() > 1_700_000_000


def test_nobody_sleeps_between_retries(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    from localcloud.door.faults import Fault

    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    cloud.faults.add(Fault("500", times=4))
    client = cloud.session(INFRA).client("ec2", config=Config(retries={"mode": "standard", "total_max_attempts": 5}))
    assert client.describe_vpcs()["Vpcs"]
    assert [call.outcome for call in calls(cloud)] == ["InternalError"] * 4 + ["ok"]
    assert slept == []


def test_the_same_seed_gives_the_same_ids() -> None:
    def ids(seed: int) -> list[str]:
        with LocalCloud(seed=seed) as cloud:
            made = cloud.client("ec2", INFRA).create_vpc(CidrBlock="10.1.0.0/16")
            return [made["Vpc"]["VpcId"], made["ResponseMetadata"]["RequestId"]]

    assert ids(1) == ids(1)
    assert ids(1)[0] != ids(2)[0]


def test_nothing_is_left_for_the_next_cloud() -> None:
    with LocalCloud() as cloud:
        made = cloud.client("ec2", INFRA).create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    with LocalCloud() as cloud:
        assert made not in [vpc["VpcId"] for vpc in cloud.client("ec2", INFRA).describe_vpcs()["Vpcs"]]


def test_one_process_holds_one_cloud_at_a_time(cloud: LocalCloud) -> None:
    with pytest.raises(RuntimeError, match="open already"), LocalCloud():
        pass
    assert cloud.client("ec2", INFRA).describe_vpcs()["Vpcs"]


def test_a_closed_gate_answers_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalCloud() as cloud:
        client = cloud.client("ec2", INFRA)

    def send(*_: Any) -> None:
        raise RuntimeError("this would have gone out")

    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", send)
    with pytest.raises(RuntimeError, match="gone out"):
        client.describe_vpcs()
    assert in_process._open == []


def test_a_part_that_is_not_there_is_no_part(cloud: LocalCloud) -> None:
    with pytest.raises(AttributeError, match="submarine"):
        cloud.submarine  # noqa: B018 - looking is the test


def test_what_breaks_for_another_reason_is_a_defect_and_flies(cloud: LocalCloud, monkeypatch: Any) -> None:
    def fall_over(*_: Any, **__: Any) -> None:
        raise LookupError("a defect")

    monkeypatch.setattr("moto.elbv2.models.ELBv2Backend.describe_target_groups", fall_over)
    with pytest.raises(LookupError, match="a defect"):
        cloud.client("elbv2", TEAM).describe_target_groups()
