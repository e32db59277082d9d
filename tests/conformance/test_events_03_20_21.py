"""Facts 3, 20 and 21: how events are delivered, how executions and functions behave, and their limits."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from made_functions import make_function, make_role

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import DeliveryRecord, EventRecord

type Aws = Callable[[str, str], Any]

NETWORK = "111111111111"
MEMBER = "222222222222"
THIRD = "333333333333"
CALL = "AWS API Call via CloudTrail"


@pytest.fixture
def strict(cloud: LocalCloud) -> LocalCloud:
    """The local cloud with IAM on, and with all parts that check what moto does not."""
    cloud.enforce_iam = True
    for part in ("events", "functions", "queues", "schedules"):
        cloud.component(part)
    return cloud


def bus_arn(account: str, name: str = "default") -> str:
    return f"arn:aws:events:ap-northeast-1:{account}:event-bus/{name}"


def allow(action: str, resource: str, **principal: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "s", "Effect": "Allow", "Action": action, "Resource": resource, **principal}],
    }


def make_queue(aws: Aws, account: str, name: str, policy: dict[str, Any] | None = None) -> str:
    arn = f"arn:aws:sqs:ap-northeast-1:{account}:{name}"
    policy = policy or allow("sqs:SendMessage", arn, Principal={"Service": "events.amazonaws.com"})
    aws("sqs", account).create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)})
    return arn


def make_rule(aws: Aws, account: str, name: str, target: dict[str, Any], bus: str = "default", **more: Any) -> None:
    events = aws("events", account)
    given = {"EventPattern": json.dumps({"source": [{"prefix": ""}]}), **more}
    events.put_rule(Name=name, EventBusName=bus, **given)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "t", **target}])


def put(aws: Aws, account: str, **entry: Any) -> dict[str, Any]:
    entry = {"Source": "test", "DetailType": "Kind", "Detail": "{}", **entry}
    answer: dict[str, Any] = aws("events", account).put_events(Entries=[entry])
    return answer


def forward(aws: Aws, account: str, to: str, bus: str = "default", dead: str = "") -> None:
    """A rule of `account` that forwards all to the default bus of the account `to`, which lets it."""
    make = allow("events:PutEvents", bus_arn(to), Principal={"AWS": f"arn:aws:iam::{account}:root"})
    aws("events", to).put_permission(EventBusName="default", Policy=json.dumps(make))
    role = make_role(aws, account, f"to-{to}", "events.amazonaws.com", allow("events:PutEvents", bus_arn(to)))
    letters = {"DeadLetterConfig": {"Arn": dead}} if dead else {}
    make_rule(aws, account, f"to-{to}", {"Arn": bus_arn(to), "RoleArn": role, **letters}, bus)


def outcomes(cloud: LocalCloud) -> list[str]:
    return [record.outcome for record in cloud.journal.of(DeliveryRecord)]


# --- 3: delivery -------------------------------------------------------------------------------------------


@pytest.mark.fact("3: a rule may fire twice for one event, and a target may be called twice")
def test_a_target_may_be_called_twice(strict: LocalCloud, aws: Aws) -> None:
    make_rule(aws, MEMBER, "r", {"Arn": make_queue(aws, MEMBER, "q")})
    strict.events.delivery.duplicate = 1.0
    put(aws, MEMBER)
    strict.settle()
    assert len(strict.queues.bodies(MEMBER, "q")) == 2


@pytest.mark.fact("3: the classic bus promises no order")
def test_events_may_arrive_in_another_order(strict: LocalCloud, aws: Aws) -> None:
    make_rule(aws, MEMBER, "r", {"Arn": make_queue(aws, MEMBER, "q")})
    strict.events.delivery.reorder = True
    for number in range(10):
        put(aws, MEMBER, Detail=json.dumps({"n": number}))
    strict.settle()
    order = [json.loads(body)["detail"]["n"] for body in strict.queues.bodies(MEMBER, "q")]
    assert sorted(order) == list(range(10))
    assert order != list(range(10))


@pytest.mark.fact("3: events of AWS services are best effort, rarely lost")
def test_an_event_of_a_service_may_be_lost(strict: LocalCloud, aws: Aws) -> None:
    strict.events.delivery.drop = 1.0
    strict.events.emit(MEMBER, "aws.ram", "Resource Sharing State Change", {})
    assert put(aws, MEMBER)["FailedEntryCount"] == 0
    assert [record.event["source"] for record in strict.journal.of(EventRecord)] == ["test"]


@pytest.mark.fact("3: write calls match an ENABLED rule; read-only ones need the state for all management events")
def test_read_only_calls_reach_only_the_rules_that_ask_for_them(strict: LocalCloud, aws: Aws) -> None:
    make_rule(aws, MEMBER, "r", {"Arn": make_queue(aws, MEMBER, "q")})
    strict.events.emit(MEMBER, "aws.ec2", CALL, {"eventName": "DescribeVpcs", "readOnly": True})
    strict.events.emit(MEMBER, "aws.ec2", CALL, {"eventName": "CreateVpc", "readOnly": False})
    strict.settle()
    assert [json.loads(body)["detail"]["eventName"] for body in strict.queues.bodies(MEMBER, "q")] == ["CreateVpc"]
    state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    aws("events", MEMBER).put_rule(Name="r", EventPattern='{"source": ["aws.ec2"]}', State=state)
    strict.events.emit(MEMBER, "aws.ec2", CALL, {"eventName": "DescribeVpcs", "readOnly": True})
    strict.settle()
    assert len(strict.queues.bodies(MEMBER, "q")) == 2


@pytest.mark.fact(
    "3: CloudTrail events need a trail that logs in that account and region, and reach the default bus only"
)
def test_calls_are_announced_while_a_trail_of_the_account_logs(strict: LocalCloud, aws: Aws) -> None:
    trail, ec2 = aws("cloudtrail", MEMBER), aws("ec2", MEMBER)

    def announced() -> list[str]:
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
        found = [record for record in strict.journal.of(EventRecord) if record.event["detail-type"] == CALL]
        return [record.bus for record in found if record.event["detail"]["eventName"] == "CreateVpc"]

    aws("s3", MEMBER).create_bucket(
        Bucket="trail-of-member", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    trail.create_trail(Name="audit", S3BucketName="trail-of-member")
    assert announced() == []
    trail.start_logging(Name="audit")
    assert announced() == [bus_arn(MEMBER)]
    aws("ec2", THIRD).create_vpc(CidrBlock="10.0.0.0/16")
    trail.stop_logging(Name="audit")
    assert announced() == [bus_arn(MEMBER)]
    trail.start_logging(Name="audit")
    trail.delete_trail(Name="audit")
    assert announced() == [bus_arn(MEMBER)]


@pytest.mark.fact("3: read-only calls need the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
@pytest.mark.parametrize(
    ("state", "heard"),
    [
        ("ENABLED", ["CreateVpc"]),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", ["DescribeVpcs", "CreateVpc", "ListServices"]),
        ("DISABLED", []),
    ],
)
def test_what_a_caller_reads_is_told_to_who_asks_for_it(
    strict: LocalCloud, aws: Aws, state: str, heard: list[str]
) -> None:
    strict.trails.add(MEMBER)
    pattern = json.dumps({"source": ["aws.ec2", "aws.vpc-lattice"], "detail-type": [CALL]})
    make_rule(aws, MEMBER, "r", {"Arn": make_queue(aws, MEMBER, "q")}, EventPattern=pattern, State=state)
    aws("ec2", MEMBER).describe_vpcs()
    aws("ec2", MEMBER).create_vpc(CidrBlock="10.0.0.0/16")
    aws("vpc-lattice", MEMBER).list_services()
    strict.settle()
    told = [json.loads(body)["detail"] for body in strict.queues.bodies(MEMBER, "q")]
    assert [one["eventName"] for one in told] == heard
    assert all(one["responseElements"] is None for one in told if one["readOnly"])


@pytest.mark.fact("3: retry by default 24 hours and 185 attempts; settable")
def test_retries_end_after_a_day_by_default(strict: LocalCloud, aws: Aws) -> None:
    from localcloud.door.faults import Fault

    dead = make_queue(aws, MEMBER, "dead")
    make_rule(aws, MEMBER, "r", {"Arn": make_queue(aws, MEMBER, "q"), "DeadLetterConfig": {"Arn": dead}})
    strict.faults.add(Fault("500", service="sqs", operation="SendMessage", times=None))
    start = strict.clock.now
    put(aws, MEMBER)
    strict.clock.settle(limit=2 * 86_400)
    assert 86_400 - 900 <= strict.clock.now - start <= 86_400 + 10
    (letter,) = strict.queues.attributes(MEMBER, "dead")
    assert letter["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"


@pytest.mark.fact("3: a missing permission or target is not retried: the event goes to the dead-letter queue")
@pytest.mark.parametrize("missing", ["permission", "target"])
def test_what_cannot_work_goes_to_the_dead_letter_queue_at_once(strict: LocalCloud, aws: Aws, missing: str) -> None:
    arn = f"arn:aws:sqs:ap-northeast-1:{MEMBER}:q"
    if missing == "permission":
        make_queue(aws, MEMBER, "q", allow("sqs:SendMessage", arn, Principal={"AWS": NETWORK}))
    make_rule(aws, MEMBER, "r", {"Arn": arn, "DeadLetterConfig": {"Arn": make_queue(aws, MEMBER, "dead")}})
    put(aws, MEMBER, Detail='{"kept": 1}')
    strict.settle()
    assert len(outcomes(strict)) == 1
    (body,) = strict.queues.bodies(MEMBER, "dead")
    assert json.loads(body)["detail"] == {"kept": 1}
    (letter,) = strict.queues.attributes(MEMBER, "dead")
    assert letter["RULE_ARN"] == f"arn:aws:events:ap-northeast-1:{MEMBER}:rule/r"
    assert letter["TARGET_ARN"] == arn
    assert letter["ERROR_CODE"] == ("NO_PERMISSIONS" if missing == "permission" else "NO_RESOURCE")
    assert letter["ERROR_MESSAGE"]
    assert letter["RETRY_ATTEMPTS"] == "0"


@pytest.mark.fact("3: the dead-letter queue needs a policy for events.amazonaws.com with the rule's ARN")
def test_a_dead_letter_queue_without_the_policy_gets_nothing(strict: LocalCloud, aws: Aws) -> None:
    arn = f"arn:aws:sqs:ap-northeast-1:{MEMBER}:dead"
    other = {"ArnEquals": {"aws:SourceArn": f"arn:aws:events:ap-northeast-1:{MEMBER}:rule/another"}}
    policy = allow("sqs:SendMessage", arn, Principal={"Service": "events.amazonaws.com"}, Condition=other)
    make_queue(aws, MEMBER, "dead", policy)
    make_rule(aws, MEMBER, "r", {"Arn": arn.replace("dead", "none"), "DeadLetterConfig": {"Arn": arn}})
    put(aws, MEMBER)
    strict.settle()
    assert strict.queues.bodies(MEMBER, "dead") == []
    assert outcomes(strict)[-1] == "DEAD_LETTER_QUEUE_UNREACHABLE"


@pytest.mark.fact("3: the receiver's bus policy allows events:PutEvents; the sender's target needs a RoleArn")
def test_an_event_is_forwarded_with_a_role_and_a_bus_policy(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK)
    put(aws, MEMBER)
    strict.settle()
    assert [record.bus for record in strict.journal.of(EventRecord)] == [bus_arn(MEMBER), bus_arn(NETWORK)]


@pytest.mark.fact("3: a target that is another account's bus needs a RoleArn")
def test_a_foreign_bus_without_a_role_is_refused(strict: LocalCloud, aws: Aws) -> None:
    with pytest.raises(ClientError, match="RoleArn is required"):
        make_rule(aws, MEMBER, "r", {"Arn": bus_arn(NETWORK)})


@pytest.mark.fact("28.11: PutTargets with a foreign bus that is missing or closed is refused")
def test_a_foreign_bus_that_does_not_admit_the_account_is_no_target(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK)
    (target,) = aws("events", MEMBER).list_targets_by_rule(Rule=f"to-{NETWORK}")["Targets"]
    aws("events", NETWORK).remove_permission(EventBusName="default", RemoveAllPermissions=True)
    for bus, why in ((bus_arn(NETWORK), "does not admit"), (bus_arn(NETWORK, "none"), "does not exist")):
        with pytest.raises(ClientError, match=why):
            make_rule(aws, MEMBER, "another", {"Arn": bus, "RoleArn": target["RoleArn"]})


@pytest.mark.fact("3: the receiver's bus policy must allow the sender")
def test_a_bus_that_does_not_admit_the_sender_refuses_the_event(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK, dead=make_queue(aws, MEMBER, "dead"))
    aws("events", NETWORK).remove_permission(EventBusName="default", RemoveAllPermissions=True)
    put(aws, MEMBER)
    strict.settle()
    (letter,) = strict.queues.attributes(MEMBER, "dead")
    assert letter["ERROR_CODE"] == "CROSS_ACCOUNT_INGESTION_FAILED"


@pytest.mark.fact("3: the sender's target role must allow events:PutEvents")
def test_a_forwarding_role_without_the_permission_is_refused(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK, dead=make_queue(aws, MEMBER, "dead"))
    aws("iam", MEMBER).delete_role_policy(RoleName=f"to-{NETWORK}", PolicyName="p")
    put(aws, MEMBER)
    strict.settle()
    (letter,) = strict.queues.attributes(MEMBER, "dead")
    assert letter["ERROR_CODE"] == "NO_PERMISSIONS"


@pytest.mark.fact("3: Input, InputPath and InputTransformer are refused when the target is another account's bus")
@pytest.mark.parametrize(
    "given",
    [
        {"Input": "{}"},
        {"InputPath": "$.detail"},
        {"InputTransformer": {"InputTemplate": '"x"'}},
    ],
)
def test_a_foreign_bus_gets_the_event_as_it_is(strict: LocalCloud, aws: Aws, given: dict[str, Any]) -> None:
    target = {"Arn": bus_arn(NETWORK), "RoleArn": f"arn:aws:iam::{MEMBER}:role/r", **given}
    with pytest.raises(ClientError, match="not supported"):
        make_rule(aws, MEMBER, "r", target)


@pytest.mark.fact("3: a forwarded event keeps source, account, region, time and id")
def test_a_forwarded_event_is_the_event_of_its_origin(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK)
    strict.events.emit(MEMBER, "aws.tag", "Tag Change on Resource", {"service": "ec2"}, resources=["arn:x"])
    strict.clock.advance(60)
    first, second = [record.event for record in strict.journal.of(EventRecord)]
    assert first == second
    assert second["account"] == MEMBER


@pytest.mark.fact("3: put account into every receiving rule, or foreign events trigger local rules")
def test_a_foreign_event_triggers_a_rule_that_does_not_ask_for_the_account(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK)
    make_rule(aws, NETWORK, "any", {"Arn": make_queue(aws, NETWORK, "any")})
    own = json.dumps({"account": [NETWORK]})
    make_rule(aws, NETWORK, "own", {"Arn": make_queue(aws, NETWORK, "own")}, EventPattern=own)
    put(aws, MEMBER)
    strict.settle()
    assert len(strict.queues.bodies(NETWORK, "any")) == 1
    assert strict.queues.bodies(NETWORK, "own") == []


@pytest.mark.fact("1, 3: an event forwarded from account A to B cannot be forwarded by B to C")
def test_there_is_no_third_hop(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK)
    forward(aws, NETWORK, THIRD, dead=make_queue(aws, NETWORK, "dead"))
    put(aws, MEMBER)
    strict.settle()
    (letter,) = strict.queues.attributes(NETWORK, "dead")
    assert letter["ERROR_CODE"] == "THIRD_ACCOUNT_HOP_DETECTED"
    assert bus_arn(THIRD) not in [record.bus for record in strict.journal.of(EventRecord)]


@pytest.mark.fact("3: a second bus of the receiver's own account is no third account")
def test_a_bus_of_the_same_account_may_come_after_the_border(strict: LocalCloud, aws: Aws) -> None:
    forward(aws, MEMBER, NETWORK)
    inner = aws("events", NETWORK).create_event_bus(Name="inner")["EventBusArn"]
    make_rule(aws, NETWORK, "on", {"Arn": inner})
    put(aws, MEMBER)
    strict.settle()
    assert strict.journal.of(EventRecord)[-1].bus == inner
    assert outcomes(strict) == ["ok", "ok"]


@pytest.mark.fact("3: direct cross-account targets exist for SQS")
def test_a_queue_of_another_account_can_be_a_target(strict: LocalCloud, aws: Aws) -> None:
    make_rule(aws, MEMBER, "r", {"Arn": make_queue(aws, NETWORK, "q")})
    put(aws, MEMBER)
    strict.settle()
    assert len(strict.queues.bodies(NETWORK, "q")) == 1


@pytest.mark.fact("3: direct cross-account targets do not exist for Step Functions")
def test_a_state_machine_of_another_account_cannot_be_a_target(strict: LocalCloud, aws: Aws) -> None:
    target = {
        "Arn": f"arn:aws:states:ap-northeast-1:{NETWORK}:stateMachine:m",
        "RoleArn": f"arn:aws:iam::{MEMBER}:role/r",
    }
    with pytest.raises(ClientError, match="ValidationException"):
        make_rule(aws, MEMBER, "r", target)


@pytest.mark.fact("3: replayed events carry replay-name; a rule excludes them by it not existing")
def test_a_rule_can_leave_replayed_events_out(strict: LocalCloud, aws: Aws) -> None:
    events = aws("events", MEMBER)
    events.create_archive(ArchiveName="all", EventSourceArn=bus_arn(MEMBER))
    pattern = json.dumps({"source": ["test"], "replay-name": [{"exists": False}]})
    make_rule(aws, MEMBER, "first", {"Arn": make_queue(aws, MEMBER, "first")}, EventPattern=pattern)
    make_rule(aws, MEMBER, "every", {"Arn": make_queue(aws, MEMBER, "every")})
    put(aws, MEMBER)
    strict.settle()
    events.start_replay(
        ReplayName="again",
        EventSourceArn=f"arn:aws:events:ap-northeast-1:{MEMBER}:archive/all",
        EventStartTime=strict.clock.now - 60,
        EventEndTime=strict.clock.now + 60,
        Destination={"Arn": bus_arn(MEMBER)},
    )
    strict.settle()
    assert len(strict.queues.bodies(MEMBER, "first")) == 1
    assert json.loads(strict.queues.bodies(MEMBER, "every")[1])["replay-name"] == "again"


@pytest.mark.fact("3: PutEvents to an unknown bus answers 200 and drops the event")
@pytest.mark.parametrize("name", ["nowhere", bus_arn(NETWORK, "nowhere")])
def test_an_unknown_bus_swallows_events(strict: LocalCloud, aws: Aws, name: str) -> None:
    answer = put(aws, MEMBER, EventBusName=name)
    assert answer["FailedEntryCount"] == 0
    assert answer["Entries"][0]["EventId"]
    assert strict.journal.of(EventRecord) == []


@pytest.mark.fact("issue 3.5: aws. sources are refused from PutEvents, entry by entry")
def test_nobody_can_speak_for_aws(strict: LocalCloud, aws: Aws) -> None:
    entries = [{"Source": source, "DetailType": "x", "Detail": "{}"} for source in ("aws.tag", "mine")]
    answer = aws("events", MEMBER).put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert answer["Entries"][1]["EventId"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"Source": ""}, "InvalidArgument"),
        ({"DetailType": ""}, "InvalidArgument"),
        ({"Detail": "{"}, "MalformedDetail"),
        ({"Detail": "[]"}, "MalformedDetail"),
    ],
)
@pytest.mark.fact("3: PutEvents judges each entry by itself")
def test_an_entry_that_is_no_event_fails_alone(strict: LocalCloud, aws: Aws, entry: dict[str, str], code: str) -> None:
    good = {"Source": "test", "DetailType": "Kind", "Detail": "{}"}
    answer = aws("events", MEMBER).put_events(Entries=[{**good, **entry}, good])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == code


# --- 20: Step Functions ------------------------------------------------------------------------------------


def make_machine(aws: Aws, states: dict[str, Any], start: str) -> str:
    make_role(aws, NETWORK, "machine", "states.amazonaws.com", allow("lambda:InvokeFunction", "*"))
    return make_machine_again(aws, states, start)


def make_machine_again(aws: Aws, states: dict[str, Any], start: str) -> str:
    role = f"arn:aws:iam::{NETWORK}:role/machine"
    definition = json.dumps({"StartAt": start, "States": states})
    answer = aws("stepfunctions", NETWORK).create_state_machine(name="m", definition=definition, roleArn=role)
    return str(answer["stateMachineArn"])


WAIT = {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}


@pytest.mark.fact("20: same name and input while RUNNING returns the same execution")
def test_starting_the_same_twice_is_starting_once(strict: LocalCloud, aws: Aws) -> None:
    client, arn = aws("stepfunctions", NETWORK), make_machine(aws, WAIT, "Wait")
    first = client.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    second = client.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    assert second["executionArn"] == first["executionArn"]


@pytest.mark.fact("20: otherwise ExecutionAlreadyExists; a name is free again after 90 days")
def test_a_used_name_is_free_after_ninety_days(strict: LocalCloud, aws: Aws) -> None:
    client, arn = aws("stepfunctions", NETWORK), make_machine(aws, WAIT, "Wait")
    client.start_execution(stateMachineArn=arn, name="one")
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=arn, name="one", input='{"other": 1}')
    strict.settle()
    strict.clock.advance(89 * 86_400)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=arn, name="one")
    strict.clock.advance(2 * 86_400)
    client.start_execution(stateMachineArn=arn, name="one")


@pytest.mark.fact("20: names up to 80 characters without whitespace, brackets, wildcards; no raw ARN")
@pytest.mark.parametrize("name", ["a b", "a:b", "a/b", "a*", "a[", "a$", "x" * 81])
def test_a_name_that_cannot_be_is_refused(strict: LocalCloud, aws: Aws, name: str) -> None:
    arn = make_machine(aws, WAIT, "Wait")
    with pytest.raises(ClientError):
        aws("stepfunctions", NETWORK).start_execution(stateMachineArn=arn, name=name)


def sdk_task(call: str, **more: Any) -> dict[str, Any]:
    return {"Task": {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{call}", "End": True, **more}}


CANNOT_BE: dict[str, dict[str, Any]] = {
    "JSONata": {"Task": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "End": True}},
    ".waitForTaskToken": sdk_task("sqs:sendMessage.waitForTaskToken"),
    "is not recognized": sdk_task("nosuchservice:doIt"),
    "doesNotExist is not recognized": sdk_task("vpclattice:doesNotExist"),
    "serviceIdentifier is not supported": sdk_task("vpclattice:getService", Parameters={"serviceIdentifier": "x"}),
    "HeartbeatSeconds": sdk_task("ram:listResourceTypes", TimeoutSeconds=5, HeartbeatSeconds=5),
    "last element of Retry": sdk_task(
        "ram:listResourceTypes", Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["States.Timeout"]}]
    ),
    "longer than 80": {"Task": {"Type": "Pass", "Next": "x" * 81}, "x" * 81: {"Type": "Succeed"}},
    "no state named": {"Task": {"Type": "Pass", "Next": "Nowhere"}},
}


@pytest.mark.fact("20: SDK tasks take PascalCase parameters; what cannot run is refused when it is made, JSONata too")
@pytest.mark.parametrize("says", CANNOT_BE)
def test_a_definition_that_cannot_run_makes_no_machine(strict: LocalCloud, aws: Aws, says: str) -> None:
    with pytest.raises(ClientError, match=f"InvalidDefinition.*{re.escape(says)}"):
        make_machine(aws, CANNOT_BE[says], "Task")
    arn = make_machine_again(aws, WAIT, "Wait")
    definition = json.dumps({"StartAt": "Task", "States": CANNOT_BE[says]})
    with pytest.raises(ClientError, match="InvalidDefinition"):
        aws("stepfunctions", NETWORK).update_state_machine(stateMachineArn=arn, definition=definition)


@pytest.mark.fact("20: express workflows and distributed Maps are left out, and said so")
def test_other_kinds_of_workflow_are_not_emulated(strict: LocalCloud, aws: Aws) -> None:
    with pytest.raises(ClientError, match="NotImplemented"):
        aws("stepfunctions", NETWORK).list_executions(mapRunArn=f"arn:aws:states:ap-northeast-1:{NETWORK}:mapRun:m:x")
    with pytest.raises(ClientError, match="NotImplemented"):
        aws("stepfunctions", NETWORK).create_state_machine(
            name="m", type="EXPRESS", roleArn="arn:aws:iam::111111111111:role/x", definition=json.dumps(WAIT)
        )


@pytest.mark.fact("20: a machine's name is its own: another definition under it is refused")
def test_a_second_machine_of_one_name_is_refused(strict: LocalCloud, aws: Aws) -> None:
    arn = make_machine(aws, WAIT, "Wait")
    assert make_machine_again(aws, WAIT, "Wait") == arn
    with pytest.raises(ClientError, match="StateMachineAlreadyExists"):
        make_machine_again(aws, {"Other": {"Type": "Succeed"}}, "Other")


@pytest.mark.fact("20: cross-account work goes by Credentials, not by naming another account's machine")
def test_nobody_reaches_the_machines_of_another_account(strict: LocalCloud, aws: Aws) -> None:
    arn = make_machine(aws, WAIT, "Wait")
    execution = aws("stepfunctions", NETWORK).start_execution(stateMachineArn=arn)["executionArn"]
    stranger = aws("stepfunctions", MEMBER)
    for call in (
        lambda: stranger.start_execution(stateMachineArn=arn),
        lambda: stranger.describe_execution(executionArn=execution),
        lambda: stranger.stop_execution(executionArn=execution),
        lambda: stranger.get_execution_history(executionArn=execution),
        lambda: stranger.list_executions(stateMachineArn=arn),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
    assert aws("stepfunctions", NETWORK).describe_execution(executionArn=execution)["status"] == "RUNNING"


@pytest.mark.fact("20: history is kept 90 days")
def test_an_execution_is_forgotten_after_ninety_days(strict: LocalCloud, aws: Aws) -> None:
    client, arn = aws("stepfunctions", NETWORK), make_machine(aws, WAIT, "Wait")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    strict.settle()
    strict.clock.advance(89 * 86_400)
    assert client.get_execution_history(executionArn=execution)["events"]
    strict.clock.advance(86_400)
    for method in ("describe_execution", "get_execution_history"):
        with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
            getattr(client, method)(executionArn=execution)
    assert client.list_executions(stateMachineArn=arn)["executions"] == []


@pytest.mark.long
@pytest.mark.fact("20: 25,000 history events")
def test_an_execution_ends_at_its_25000th_event(strict: LocalCloud, aws: Aws) -> None:
    arn = make_machine(aws, {"Again": {"Type": "Pass", "Next": "Again"}}, "Again")
    client = aws("stepfunctions", NETWORK)
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    strict.settle()
    assert client.describe_execution(executionArn=execution)["status"] == "FAILED"


@pytest.mark.fact("20: 256 KiB payload")
def test_an_input_above_256_kib_is_refused(strict: LocalCloud, aws: Aws) -> None:
    arn = make_machine(aws, WAIT, "Wait")
    with pytest.raises(ClientError):
        aws("stepfunctions", NETWORK).start_execution(stateMachineArn=arn, input=json.dumps("x" * 262_144))


@pytest.mark.fact("2.7: status changes of standard workflows are announced on the default bus")
def test_an_execution_announces_its_end(strict: LocalCloud, aws: Aws) -> None:
    arn = make_machine(aws, {"Fail": {"Type": "Fail", "Error": "ErrorCode"}}, "Fail")
    execution = aws("stepfunctions", NETWORK).start_execution(stateMachineArn=arn, name="orders-1")["executionArn"]
    strict.settle()
    event = strict.journal.of(EventRecord)[-1].event
    assert event["detail-type"] == "Step Functions Execution Status Change"
    assert event["source"] == "aws.states"
    assert event["resources"] == [execution]
    assert set(event["detail"]) == {
        "executionArn",
        "stateMachineArn",
        "name",
        "status",
        "startDate",
        "stopDate",
        "input",
        "inputDetails",
        "output",
        "outputDetails",
        "stateMachineVersionArn",
        "stateMachineAliasArn",
        "redriveCount",
        "redriveDate",
        "redriveStatus",
        "redriveStatusReason",
        "error",
        "cause",
    }
    detail = event["detail"]
    assert (detail["status"], detail["error"], detail["output"]) == ("FAILED", "ErrorCode", None)


@pytest.mark.fact("2.7: input or output above 248 KiB becomes null, see inputDetails.included")
def test_a_large_input_is_left_out_of_the_announcement(strict: LocalCloud, aws: Aws) -> None:
    arn = make_machine(aws, WAIT, "Wait")
    aws("stepfunctions", NETWORK).start_execution(stateMachineArn=arn, input=json.dumps("x" * 255_000))
    detail = strict.journal.of(EventRecord)[0].event["detail"]
    assert (detail["input"], detail["inputDetails"]) == (None, {"included": False})


# --- 21: limits --------------------------------------------------------------------------------------------


@pytest.mark.fact("21: 10 entries per PutEvents")
def test_an_eleventh_entry_is_refused(strict: LocalCloud, aws: Aws) -> None:
    entry = {"Source": "test", "DetailType": "x", "Detail": "{}"}
    assert aws("events", MEMBER).put_events(Entries=[entry] * 10)["FailedEntryCount"] == 0
    with pytest.raises(ClientError):
        aws("events", MEMBER).put_events(Entries=[entry] * 11)


@pytest.mark.fact("21: event up to 1 MB")
def test_an_event_above_a_megabyte_is_refused(strict: LocalCloud, aws: Aws) -> None:
    with pytest.raises(ClientError, match="over the limit"):
        put(aws, MEMBER, Detail=json.dumps({"x": "y" * 1_048_576}))


@pytest.mark.fact("21: pattern 2,048 characters")
def test_a_pattern_above_2048_characters_is_refused(strict: LocalCloud, aws: Aws) -> None:
    pattern = json.dumps({"source": ["x" * 2_048]})
    with pytest.raises(ClientError, match="InvalidEventPattern"):
        aws("events", MEMBER).put_rule(Name="r", EventPattern=pattern)


@pytest.mark.fact("21: 5 targets per rule")
def test_a_sixth_target_is_refused(strict: LocalCloud, aws: Aws) -> None:
    events = aws("events", MEMBER)
    events.put_rule(Name="r", EventPattern='{"source": ["x"]}')
    targets = [{"Id": str(n), "Arn": f"arn:aws:sqs:ap-northeast-1:{MEMBER}:q{n}"} for n in range(6)]
    events.put_targets(Rule="r", Targets=targets[:5])
    with pytest.raises(ClientError, match="LimitExceeded"):
        events.put_targets(Rule="r", Targets=targets[5:])


@pytest.mark.fact("27: a pattern with an unknown operator is refused, where moto takes it")
def test_an_unknown_operator_is_refused(strict: LocalCloud, aws: Aws) -> None:
    with pytest.raises(ClientError, match="InvalidEventPattern"):
        aws("events", MEMBER).put_rule(Name="r", EventPattern='{"source": [{"begins-with": "x"}]}')


BAD_FUNCTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "901 seconds": ({"Timeout": 901}, "less than or equal to 900"),
    "127 MB": ({"MemorySize": 127}, "greater than or equal to 128"),
    "10,241 MB": ({"MemorySize": 10_241}, "less than or equal to 10240"),
    "above 4 KB of variables": ({"Environment": {"Variables": {"LONG": "x" * 4_096}}}, "4KB"),
    "a reserved variable": ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "reserved keys"),
}


@pytest.mark.fact("21: Lambda: 900 s, 128-10,240 MB, 4 KB environment")
@pytest.mark.parametrize("case", BAD_FUNCTIONS)
def test_a_function_over_the_limits_is_refused(strict: LocalCloud, aws: Aws, case: str) -> None:
    given, says = BAD_FUNCTIONS[case]
    with pytest.raises(ClientError, match=says):
        make_function(aws, **given)
    assert aws("lambda", MEMBER).list_functions()["Functions"] == []


@pytest.mark.long
@pytest.mark.fact("21: Lambda: 1,000 concurrent per region")
def test_the_1001st_invocation_at_once_is_throttled(strict: LocalCloud, aws: Aws) -> None:
    make_function(aws)
    strict.functions.duration = 60.0
    for _ in range(1_000):
        strict.functions.run(MEMBER, "f", {})
    with pytest.raises(ClientError, match="TooManyRequests") as refused:
        aws("lambda", MEMBER).invoke(FunctionName="f")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    strict.clock.advance(60)
    assert aws("lambda", MEMBER).invoke(FunctionName="f")["StatusCode"] == 200


@pytest.mark.fact("the API of Lambda: one mapping for a queue and a function, and the queue is there")
def test_a_queue_is_mapped_to_a_function_once(strict: LocalCloud, aws: Aws) -> None:
    make_function(aws)
    url = aws("sqs", MEMBER).create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:ap-northeast-1:{MEMBER}:q"
    read = allow("sqs:*", arn)
    aws("iam", MEMBER).put_role_policy(RoleName="function", PolicyName="q", PolicyDocument=json.dumps(read))
    client = aws("lambda", MEMBER)
    with pytest.raises(ClientError, match=r"InvalidParameterValueException.*NonExistentQueue"):
        client.create_event_source_mapping(FunctionName="f", EventSourceArn=f"{arn}-none")
    client.create_event_source_mapping(FunctionName="f", EventSourceArn=arn)
    with pytest.raises(ClientError, match=r"ResourceConflictException.*already exists") as refused:
        client.create_event_source_mapping(FunctionName="f", EventSourceArn=arn)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    aws("sqs", MEMBER).send_message(QueueUrl=url, MessageBody="{}")
    strict.settle()
    assert strict.queues.bodies(MEMBER, "q") == []


# --- 21: DynamoDB ------------------------------------------------------------------------------------------


@pytest.fixture
def table(cloud: LocalCloud, aws: Aws) -> Any:
    client = aws("dynamodb", MEMBER)
    client.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in "ks"],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def item(key: str, sort: str = "s", **more: Any) -> dict[str, Any]:
    return {"k": {"S": key}, "s": {"S": sort}, **more}


def puts(count: int, size: int = 1) -> list[dict[str, Any]]:
    return [{"Put": {"TableName": "things", "Item": item(str(n), x={"S": "y" * size})}} for n in range(count)]


BAD_WRITES: dict[str, Callable[[Any], Any]] = {
    "an item above 400 KB": lambda table: table.put_item(TableName="things", Item=item("k", x={"S": "y" * 409_600})),
    "a key above 2,048 bytes": lambda table: table.put_item(TableName="things", Item=item("k" * 2_049)),
    "a sort key above 1,024 bytes": lambda table: table.put_item(TableName="things", Item=item("k", "s" * 1_025)),
    "101 items": lambda table: table.transact_write_items(TransactItems=puts(101)),
    "4 MB": lambda table: table.transact_write_items(TransactItems=puts(11, 390_000)),
    "two actions on one item": lambda table: table.transact_write_items(TransactItems=puts(1) * 2),
    "an expression above 4 KB": lambda table: table.update_item(
        TableName="things",
        Key=item("k"),
        UpdateExpression="SET " + ", ".join(f"attribute{n} = :v" for n in range(300)),
        ExpressionAttributeValues={":v": {"S": "x"}},
    ),
    "a name of two letters": lambda table: table.create_table(
        TableName="ab",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    ),
}


@pytest.mark.fact("21: item 400 KB; transaction 100 items and 4 MB, one action per item; expression 4 KB; keys")
@pytest.mark.parametrize("case", BAD_WRITES)
def test_a_write_over_the_limits_is_refused(table: Any, case: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        BAD_WRITES[case](table)
    assert table.scan(TableName="things")["Count"] == 0


@pytest.mark.fact("21: Query and Scan pages end at 1 MB")
@pytest.mark.parametrize("how", ["query", "scan"])
def test_a_page_ends_at_a_megabyte(table: Any, how: str) -> None:
    for number in range(4):
        table.put_item(TableName="things", Item=item("k", str(number), x={"S": "y" * 390_000}))
    asked = {"KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "k"}}}
    page = getattr(table, how)(TableName="things", **(asked if how == "query" else {}))
    assert page["Count"] < 4
    assert page["LastEvaluatedKey"]


@pytest.mark.fact(
    "21: TTL works only on a Number of epoch seconds; expired items still show up, within two days they go"
)
def test_only_a_number_that_is_over_ends_an_item(cloud: LocalCloud, table: Any) -> None:
    table.update_time_to_live(TableName="things", TimeToLiveSpecification={"Enabled": True, "AttributeName": "end"})
    soon = int(cloud.clock.now) + 60
    ends = {
        "number": {"N": str(soon)},
        "text": {"S": str(soon)},
        "later": {"N": str(soon + 30 * 86_400)},
        "milliseconds": {"N": str(soon * 1_000)},
    }
    for key, end in ends.items():
        table.put_item(TableName="things", Item=item(key, end=end))
    cloud.clock.advance(3_600)
    assert table.scan(TableName="things")["Count"] == 4
    cloud.clock.advance(2 * 86_400)
    assert {one["k"]["S"] for one in table.scan(TableName="things")["Items"]} == {"text", "later", "milliseconds"}


@pytest.mark.long
@pytest.mark.fact("21: 300 rules per bus")
def test_the_301st_rule_of_a_bus_is_refused(strict: LocalCloud, aws: Aws) -> None:
    events = aws("events", MEMBER)
    pattern = {"EventPattern": '{"source": ["x"]}', "EventBusName": "own"}
    events.create_event_bus(Name="own")
    for number in range(300):
        events.put_rule(Name=f"r{number}", **pattern)
    with pytest.raises(ClientError, match="LimitExceeded"):
        events.put_rule(Name="r300", **pattern)
    events.put_rule(Name="r299", **pattern)


@pytest.mark.fact("21: bus policy 10,240 characters")
def test_a_bus_policy_above_10240_characters_is_refused(strict: LocalCloud, aws: Aws) -> None:
    policy = allow("events:PutEvents", bus_arn(MEMBER), Principal={"AWS": [f"{n:012}" for n in range(700)]})
    with pytest.raises(ClientError, match="PolicyLengthExceeded"):
        aws("events", MEMBER).put_permission(EventBusName="default", Policy=json.dumps(policy))


BAD_PATTERNS = {
    "a range that ends before it begins": [{"numeric": [">", 5, "<", 1]}],
    "a range from above": [{"numeric": ["<", 5, ">", 1]}],
    "text and numbers in anything-but": [{"anything-but": ["a", 1]}],
    "two wildcards in a row": [{"wildcard": "a**"}],
    "nothing": [],
    "text that is no list": "a",
    "exists as text": [{"exists": "true"}],
    "no network": [{"cidr": "10.0.0.0/33"}],
}


@pytest.mark.fact("27: TestEventPattern, and what is no pattern is refused by it and by PutRule alike")
@pytest.mark.parametrize("case", BAD_PATTERNS)
def test_what_is_no_pattern_is_refused(strict: LocalCloud, aws: Aws, case: str) -> None:
    pattern = json.dumps({"source": BAD_PATTERNS[case]})
    for call in (
        lambda: aws("events", MEMBER).put_rule(Name="r", EventPattern=pattern),
        lambda: aws("events", MEMBER).test_event_pattern(EventPattern=pattern, Event=json.dumps(EVENT)),
    ):
        with pytest.raises(ClientError, match="InvalidEventPattern"):
            call()


EVENT = {
    "id": "1",
    "account": MEMBER,
    "source": "a",
    "time": "2026-11-01T12:00:00Z",
    "region": "ap-northeast-1",
    "resources": [],
    "detail-type": "x",
    "detail": {},
}


QUEUE = f"arn:aws:sqs:ap-northeast-1:{MEMBER}:q"
BAD_TARGETS: dict[str, tuple[dict[str, Any], str]] = {
    "no arn": ({"Arn": "my-queue"}, "not in correct format"),
    "a function of another region": ({"Arn": f"arn:aws:lambda:us-east-1:{MEMBER}:function:f"}, "another Region"),
    "a queue of another region": ({"Arn": f"arn:aws:sqs:us-east-1:{NETWORK}:q"}, "another Region"),
    "letters to another region": (
        {"Arn": QUEUE, "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{MEMBER}:dead"}},
        "standard queue",
    ),
    "letters in a row": ({"Arn": QUEUE, "DeadLetterConfig": {"Arn": f"{QUEUE}.fifo"}}, "standard queue"),
    "input that is no JSON": ({"Arn": QUEUE, "Input": "hello"}, "JSON syntax error in input for target t"),
    "a path that is none": (
        {"Arn": QUEUE, "InputTransformer": {"InputPathsMap": {"a": "detail"}, "InputTemplate": "<a>"}},
        "JSON syntax error in input for target t",
    ),
    "what is left out": ({"Arn": f"arn:aws:ecs:ap-northeast-1:{MEMBER}:cluster/c"}, "not emulated"),
}


@pytest.mark.fact("3: direct targets in the same region; a dead-letter queue is a standard queue of the same region")
@pytest.mark.parametrize("case", BAD_TARGETS)
def test_a_target_that_cannot_be_is_refused(strict: LocalCloud, aws: Aws, case: str) -> None:
    target, says = BAD_TARGETS[case]
    with pytest.raises(ClientError, match=says):
        make_rule(aws, MEMBER, "r", target)
    assert aws("events", MEMBER).list_targets_by_rule(Rule="r")["Targets"] == []


NO_EVENTS = ["1", "[]", "{", '"text"', '{"source": "a"}']


@pytest.mark.fact("27: TestEventPattern refuses what is no event")
@pytest.mark.parametrize("text", NO_EVENTS)
def test_what_is_no_event_is_not_tested(strict: LocalCloud, aws: Aws, text: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*Event is not valid"):
        aws("events", MEMBER).test_event_pattern(EventPattern='{"source": ["a"]}', Event=text)


@pytest.mark.fact("the API of SQS: a queue that is not there, however its address is written")
@pytest.mark.parametrize("url", ["none", f"https://sqs.ap-northeast-1.amazonaws.com/{MEMBER}/none"])
def test_a_queue_that_is_not_there_gives_nothing(strict: LocalCloud, aws: Aws, url: str) -> None:
    with pytest.raises(ClientError, match="NonExistentQueue"):
        aws("sqs", MEMBER).receive_message(QueueUrl=url)


@pytest.mark.fact("the API of SQS: 1 to 10 messages at once, and 20 seconds at most")
@pytest.mark.parametrize("more", [{"MaxNumberOfMessages": 11}, {"MaxNumberOfMessages": 0}, {"WaitTimeSeconds": 21}])
def test_no_more_can_be_asked_of_a_queue_than_it_gives(strict: LocalCloud, aws: Aws, more: dict[str, int]) -> None:
    url = aws("sqs", MEMBER).create_queue(QueueName="q")["QueueUrl"]
    with pytest.raises(ClientError, match=r"InvalidParameterValue.*Must be between"):
        aws("sqs", MEMBER).receive_message(QueueUrl=url, **more)


# --- 2.6: schedules ----------------------------------------------------------------------------------------


def make_schedule(aws: Aws, **more: Any) -> None:
    given = {
        "Name": "s",
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": f"arn:aws:sqs:ap-northeast-1:{MEMBER}:q"},
        **more,
    }
    role = f"arn:aws:iam::{MEMBER}:role/schedule"
    aws("scheduler", MEMBER).create_schedule(**given | {"Target": {"RoleArn": role, **given["Target"]}})


BUS_TARGET = {"Arn": bus_arn(MEMBER), "EventBridgeParameters": {"Source": "x", "DetailType": "x"}}
BAD_SCHEDULES: dict[str, tuple[dict[str, Any], str]] = {
    "one hours": ({"ScheduleExpression": "rate(1 hours)"}, "ValidationException"),
    "five fields": ({"ScheduleExpression": "cron(0 * * * ?)"}, "ValidationException"),
    "neither day is ?": ({"ScheduleExpression": "cron(0 0 1 * 1 *)"}, "ValidationException"),
    "no such zone": ({"ScheduleExpressionTimezone": "Mars/Base"}, "ValidationException"),
    "no such group": ({"GroupName": "none"}, "ResourceNotFoundException"),
    "flexible without a window": ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "ValidationException"),
    "a window and not flexible": (
        {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
        "ValidationException",
    ),
    "no arn": ({"Target": {"Arn": "q"}}, "ValidationException"),
    "a bus without a source": ({"Target": {"Arn": bus_arn(MEMBER)}}, "ValidationException"),
    "a bus and text": ({"Target": {**BUS_TARGET, "Input": "hello"}}, "ValidationException"),
}


@pytest.fixture
def scheduling(strict: LocalCloud, aws: Aws) -> LocalCloud:
    make_queue(aws, MEMBER, "q")
    make_role(aws, MEMBER, "schedule", "scheduler.amazonaws.com", allow("*", "*"))
    return strict


@pytest.mark.fact("2.6: what Scheduler does not take")
@pytest.mark.parametrize("case", BAD_SCHEDULES)
def test_a_schedule_that_cannot_be_is_refused(scheduling: LocalCloud, aws: Aws, case: str) -> None:
    given, code = BAD_SCHEDULES[case]
    with pytest.raises(ClientError, match=code):
        make_schedule(aws, **given)
    assert aws("scheduler", MEMBER).list_schedules()["Schedules"] == []


@pytest.mark.fact("2.6: without an Input a schedule sends source aws.scheduler and detail as the string {}")
def test_a_schedule_without_input_sends_an_event(scheduling: LocalCloud, aws: Aws) -> None:
    make_schedule(aws)
    scheduling.clock.advance(10)
    event = json.loads(scheduling.queues.bodies(MEMBER, "q")[0])
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.scheduler", "Scheduled Event", "{}")
    assert event["resources"] == [f"arn:aws:scheduler:ap-northeast-1:{MEMBER}:schedule/default/s"]


@pytest.mark.fact("2.6: with an Input the target gets that Input alone")
@pytest.mark.parametrize("text", ['{"a":  1}', "hello"])
def test_a_queue_gets_the_input_as_it_is(scheduling: LocalCloud, aws: Aws, text: str) -> None:
    make_schedule(aws, Target={"Arn": f"arn:aws:sqs:ap-northeast-1:{MEMBER}:q", "Input": text})
    scheduling.clock.advance(10)
    assert scheduling.queues.bodies(MEMBER, "q") == [text]


@pytest.mark.fact("2.6: a rule with a schedule sends source aws.events, the rule's ARN and an empty detail")
def test_a_scheduled_rule_sends_an_event_each_time(scheduling: LocalCloud, aws: Aws) -> None:
    schedule = {"EventPattern": "", "ScheduleExpression": "rate(5 minutes)"}
    make_rule(aws, MEMBER, "reconcile", {"Arn": f"arn:aws:sqs:ap-northeast-1:{MEMBER}:q"}, **schedule)
    scheduling.clock.advance(600 + 2)
    first, second = (json.loads(body) for body in scheduling.queues.bodies(MEMBER, "q"))
    assert (first["source"], first["detail-type"], first["detail"]) == ("aws.events", "Scheduled Event", {})
    assert first["resources"] == [f"arn:aws:events:ap-northeast-1:{MEMBER}:rule/reconcile"]
    assert first["time"] < second["time"]


@pytest.mark.fact("2.6: a rule takes rate and cron")
@pytest.mark.parametrize("expression", ["rate(1 minutes)", "cron(0 0 * * * *)", "at(2027-01-01T00:00:00)", "daily"])
def test_a_rule_with_no_schedule_that_can_be_is_refused(strict: LocalCloud, aws: Aws, expression: str) -> None:
    with pytest.raises(ClientError, match="ScheduleExpression is not valid"):
        aws("events", MEMBER).put_rule(Name="r", ScheduleExpression=expression)
    assert aws("events", MEMBER).list_rules()["Rules"] == []
