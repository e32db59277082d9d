"""What guards one thing is refused where its service's own grammar refuses it (facts 28.10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

ACCOUNT, REGION = "111111111111", "ap-northeast-1"
QUEUE, OTHER = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("mine", "other"))
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:mine"
LISTED = [f"sqs:{name}" for name in ("SendMessage", "ReceiveMessage", "DeleteMessage", "PurgeQueue")]
MORE = [f"sqs:{name}" for name in ("GetQueueUrl", "GetQueueAttributes", "ListQueueTags", "ChangeMessageVisibility")]


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        cloud.client("sqs", ACCOUNT).create_queue(QueueName="mine")
        cloud.client("sns", ACCOUNT).create_topic(Name="mine")
        cloud.client("events", ACCOUNT).create_event_bus(Name="mine")
        here = {"LocationConstraint": REGION}
        cloud.client("s3", ACCOUNT).create_bucket(Bucket="mine", CreateBucketConfiguration=here)
        cloud.client("vpc-lattice", ACCOUNT).create_service(name="guarded")
        yield cloud


def statement(**given: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE, **given}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def guard_queue(cloud: LocalCloud, text: str) -> None:
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/mine"
    cloud.client("sqs", ACCOUNT).set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})


def refused(deed: Any, *given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        deed(*given)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_queue_takes_a_policy_that_speaks_of_it_alone(cloud: LocalCloud) -> None:
    tls = statement(Effect="Deny", Action="sqs:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    guard_queue(cloud, policy(statement(), tls))
    guard_queue(cloud, policy(statement(Action=[*LISTED, *MORE[:3]])))
    guard_queue(cloud, policy(*(statement(Sid=f"s{number}") for number in range(20))))
    guard_queue(cloud, policy(statement(Action=["SQS:Send*", "sqs:*Message", "*"])))


@pytest.mark.parametrize(
    "text",
    [
        policy(statement(Resource=OTHER)),
        policy(statement(Resource=[QUEUE, OTHER])),
        policy(statement(Action="sns:Publish")),
        policy(statement(Action="sqs:SendMessageBatch")),
        policy(statement(Action="sqs:[S]endMessage")),
        policy(statement(Action=["sqs:SendMessage", "sqs:ListQueues"])),
        policy(statement(Action="sqs:Post*")),
        policy(statement(Action=[*LISTED, *MORE])),
        policy(*(statement(Sid=f"s{number}") for number in range(21))),
        policy(statement(Principal={"AWS": [f"{number:012}" for number in range(51)]})),
        policy(statement(Condition={"StringEquals": {f"aws:PrincipalTag/{number}": "x" for number in range(11)}})),
        policy({key: value for key, value in statement().items() if key != "Principal"}),
        policy(statement(Sid="x" * 8_200)),
        policy(statement(Actions="sqs:SendMessage")),
        "no JSON",
    ],
    ids=[
        *("another queue", "two queues", "another service", "several messages", "a bracket", "all queues"),
        *("no such actions", "eight actions", "twenty-one statements"),
        *("fifty-one principals", "eleven conditions", "nobody", "too long", "an unknown element", "no policy"),
    ],
)
def test_a_queue_takes_no_other(cloud: LocalCloud, text: str) -> None:
    assert refused(guard_queue, cloud, text) == ("InvalidAttributeValue", "Invalid value for the parameter Policy.")


def guard_topic(cloud: LocalCloud, text: str) -> None:
    sns = cloud.client("sns", ACCOUNT)
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=text)


def test_a_topics_statement_applies_to_a_single_resource_and_its_own_service(cloud: LocalCloud) -> None:
    publish = statement(Action="sns:Publish", Resource=TOPIC)
    guard_topic(cloud, policy(publish))
    two = refused(guard_topic, cloud, policy({**publish, "Resource": [TOPIC, f"{TOPIC}-2"]}))
    assert two == ("InvalidParameter", "Invalid parameter: Policy statement must apply to a single resource!")
    guard_topic(cloud, policy({**publish, "Action": ["SNS:GetTopic*", "SNS:Receive", "sns:*"]}))
    for action in ("sqs:SendMessage", "sns:CreateTopic", "sns:PublishBatch", "sns:Sub?", ["sns:Publish", "sns:x"]):
        code, text = refused(guard_topic, cloud, policy({**publish, "Action": action}))
        assert (code, "out of service scope" in text) == ("InvalidParameter", True), action
    many = [{**publish, "Sid": f"s{number}"} for number in range(101)]
    crowd = {**publish, "Principal": {"AWS": [f"{number:012}" for number in range(201)]}}
    guard_topic(cloud, policy(*many[1:]))
    assert "more than 100 statements" in refused(guard_topic, cloud, policy(*many))[1]
    assert "more than 200 principals" in refused(guard_topic, cloud, policy(crowd))[1]


def test_a_role_is_trusted_without_a_resource(cloud: LocalCloud) -> None:
    iam = cloud.client("iam", ACCOUNT)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}

    def make(**more: Any) -> None:
        iam.create_role(RoleName="mine", AssumeRolePolicyDocument=policy({**trust, **more}))

    assert refused(lambda: make(Resource="*")) == ("MalformedPolicyDocument", "Has prohibited field Resource")
    assert refused(lambda: make(Action="s3:GetObject"))[0] == "MalformedPolicyDocument"
    make()


def test_a_bus_lets_in_by_its_own_service(cloud: LocalCloud) -> None:
    events = cloud.client("events", ACCOUNT)
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/mine"
    good = statement(Sid="members", Principal={"AWS": "222222222222"}, Action="events:PutEvents", Resource=arn)

    def put(text: Any) -> Any:
        return events.put_permission(EventBusName="mine", Policy=text)

    put(policy(good))
    assert refused(put, policy({**good, "Action": "sqs:SendMessage"}))[0] == "ValidationException"


# --- keys, logs, buckets, and what roles may do

PERSON = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
KEEP = {"Effect": "Allow", "Principal": PERSON, "Action": "kms:*", "Resource": "*"}
ALARMS = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
    "Resource": "*",
}
MALFORMED = "MalformedPolicyDocumentException"


def test_a_key_takes_a_policy_that_leaves_it_to_its_account(cloud: LocalCloud) -> None:
    kms = cloud.client("kms", ACCOUNT)
    key = kms.create_key(Policy=policy(KEEP, ALARMS))["KeyMetadata"]
    own = {**ALARMS, "Resource": key["Arn"]}
    unsaid = {name: value for name, value in ALARMS.items() if name != "Resource"}
    kms.put_key_policy(PolicyName="default", KeyId=key["KeyId"], Policy=policy(KEEP, own, unsaid))
    kms.put_key_policy(PolicyName="default", KeyId=key["KeyId"], Policy=policy({**KEEP, "Principal": "*"}))
    kms.put_key_policy(
        PolicyName="default", KeyId=key["Arn"], Policy=policy(ALARMS), BypassPolicyLockoutSafetyCheck=True
    )


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (policy(ALARMS), MALFORMED, "not allow you to update the key policy"),
        (policy(KEEP, {**ALARMS, "Principal": {"Service": "cloudwatch"}}), MALFORMED, "invalid principals"),
        (policy(KEEP, {**ALARMS, "Principal": {"AWS": f"{PERSON['AWS'][:-4]}role/gone"}}), MALFORMED, "invalid princ"),
        (policy(KEEP, {**ALARMS, "Principal": {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}}), MALFORMED, "invalid principals"),
        (policy(KEEP, {**ALARMS, "Action": "sns:Publish"}), MALFORMED, "out of service scope"),
        (policy(KEEP, {**ALARMS, "Resource": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/of-another"}), MALFORMED, "another"),
        (policy(KEEP, {**ALARMS, "Condiction": {}}), MALFORMED, "Condiction"),
        (
            policy(KEEP, {**ALARMS, "Sid": "HAN"}).replace("HAN", "\N{CJK UNIFIED IDEOGRAPH-4E00}"),
            "ValidationException",
            "pattern",
        ),
        (policy({**KEEP, "Sid": "x" * 32_768}), "LimitExceededException", "32768"),
        ("no policy", MALFORMED, "not JSON"),
    ],
    ids=[
        *("nobody could change it again", "no service", "a role that is not there", "an id"),
        *("another service", "another key", "an unknown element", "beyond Latin-1", "too long", "no policy"),
    ],
)
def test_a_key_takes_no_other(cloud: LocalCloud, text: str, code: str, told: str) -> None:
    kms = cloud.client("kms", ACCOUNT)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for deed in (
        lambda: kms.put_key_policy(PolicyName="default", KeyId=key, Policy=text),
        lambda: kms.create_key(Policy=text),
    ):
        found = refused(deed)
        assert (found[0], told in found[1]) == (code, True), found


def test_a_role_that_is_there_may_be_named(cloud: LocalCloud) -> None:
    trust = policy({"Effect": "Allow", "Principal": PERSON, "Action": "sts:AssumeRole"})
    role = cloud.client("iam", ACCOUNT).create_role(RoleName="there", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    named = policy({"Effect": "Allow", "Principal": {"AWS": role}, "Action": "sts:AssumeRole"})
    cloud.client("iam", "222222222222").create_role(RoleName="trusts-it", AssumeRolePolicyDocument=named)
    absent = named.replace(role, f"{role}-not")

    def make() -> Any:
        return cloud.client("iam", ACCOUNT).create_role(RoleName="x", AssumeRolePolicyDocument=absent)

    assert refused(make) == ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{role}-not"')


GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/vendedlogs/*"
WRITES = {
    "Effect": "Allow",
    "Principal": {"Service": "delivery.logs.amazonaws.com"},
    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
    "Resource": GROUP,
}


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"AWS": "delivery.logs.amazonaws.com"}},
        {"Principal": PERSON},
        {"Action": "sqs:SendMessage"},
        {"Resource": GROUP.replace(ACCOUNT, "222222222222")},
        {"Resource": QUEUE},
        {"Effects": "Allow"},
        {"Sid": "x" * 5_000},
    ],
    ids=["a service as a person", "a person", "another service", "another account", "a queue", "unknown", "too long"],
)
def test_a_log_groups_policy_lets_services_write_to_this_accounts(cloud: LocalCloud, change: dict[str, Any]) -> None:
    logs = cloud.client("logs", ACCOUNT)

    def put(text: Any) -> Any:
        return logs.put_resource_policy(policyName="mine", policyDocument=text)

    put(policy(WRITES))
    put(policy({**WRITES, "Resource": "*"}))
    code, text = refused(put, policy({**WRITES, **change}))
    assert code == "InvalidParameterException"
    assert text == "Could not convert to persistable policy." or "length" in text


def test_an_account_has_ten_policies_for_logs(cloud: LocalCloud) -> None:
    logs = cloud.client("logs", "222222222222")
    mine = policy({**WRITES, "Resource": "*"})
    for number in range(10):
        logs.put_resource_policy(policyName=f"policy-{number}", policyDocument=mine)
    one_more = refused(lambda: logs.put_resource_policy(policyName="one-more", policyDocument=mine))
    assert one_more[0] == "LimitExceededException"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Resource": "arn:aws:s3:::another/*"}, "Policy has invalid resource"),
        ({"Resource": "arn:aws:s3:::mine-too/*"}, "Policy has invalid resource"),
        ({"Action": "sqs:SendMessage"}, "Policy has invalid action"),
        ({"Principal": {"AWS": f"{PERSON['AWS'][:-4]}role/gone"}}, "Invalid principal in policy"),
        ({"Sid": "x" * 20_480}, "Policies must not be longer than 20480 bytes"),
    ],
)
def test_a_buckets_policy_speaks_of_it_and_its_objects(cloud: LocalCloud, change: dict[str, Any], told: str) -> None:
    s3 = cloud.client("s3", ACCOUNT)
    own = ["arn:aws:s3:::mine", "arn:aws:s3:::mine/*"]
    reads = {"Effect": "Allow", "Principal": PERSON, "Action": "s3:GetObject", "Resource": own}

    def put(text: Any) -> Any:
        return s3.put_bucket_policy(Bucket="mine", Policy=text)

    put(policy(reads))
    assert refused(put, policy({**reads, **change})) == ("MalformedPolicy", told)


def test_what_a_role_may_do_has_a_size_for_all_of_it(cloud: LocalCloud) -> None:
    iam = cloud.client("iam", ACCOUNT)
    trust = policy({"Effect": "Allow", "Principal": PERSON, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="wordy", AssumeRolePolicyDocument=trust)
    many = [f"arn:aws:s3:::{'b' * 50}-{number:03}" for number in range(80)]
    half = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": many})

    def put(name: Any) -> Any:
        return iam.put_role_policy(RoleName="wordy", PolicyName=name, PolicyDocument=half)

    put("one")
    put("one")
    assert refused(put, "two") == ("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role wordy")
    more = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": [*many, *many]})
    assert refused(lambda: iam.create_policy(PolicyName="m", PolicyDocument=more))[0] == "LimitExceeded"
    long = policy(*({**json.loads(trust)["Statement"][0], "Sid": f"s{number}"} for number in range(30)))

    def change() -> Any:
        return iam.update_assume_role_policy(RoleName="wordy", PolicyDocument=long)

    assert refused(change) == ("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")


REQUESTS = {"Effect": "Allow", "Principal": "*", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}


@pytest.mark.parametrize(
    "change",
    [
        {"Action": "vpc-lattice:GetService"},
        {"Resource": QUEUE},
        {"Principal": {"AWS": "somebody"}},
        {"Condition": {"StringEqual": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
        {"Ressource": "*"},
        {"Sid": "x" * 10_240},
    ],
    ids=["another service", "a queue", "nobody", "an unknown operator", "an unknown element", "too long"],
)
def test_an_auth_policy_speaks_of_requests(cloud: LocalCloud, change: dict[str, Any]) -> None:
    lattice = cloud.client("vpc-lattice", ACCOUNT)
    [service] = [one["arn"] for one in lattice.list_services()["items"]]

    def put(text: Any) -> Any:
        return lattice.put_auth_policy(resourceIdentifier=service, policy=text)

    put(policy(REQUESTS, {**REQUESTS, "Resource": f"{service}/admin/*", "Action": "vpc-lattice-svcs:*"}))
    assert refused(put, policy({**REQUESTS, **change}))[0] == "ValidationException"
