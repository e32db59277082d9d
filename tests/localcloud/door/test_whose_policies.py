"""Whose policies are asked about a thing that has one of its own: the caller's, the thing's, or both."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

OWNER, OTHER, REGION = "111111111111", "222222222222", "ap-northeast-1"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
SIDES = ("says nothing", "allows", "denies")


@dataclass(frozen=True)
class Thing:
    """A thing of OWNER: the action, what the caller does, and how its policy is set (None takes it away)."""

    service: str
    action: str
    arn: str
    use: Callable[[Any], Any]
    guard: Callable[[str | None], Any]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def handler(event, _): return 'done'")
    return packed.getvalue()


def _queue(cloud: LocalCloud) -> Thing:
    sqs = cloud.client("sqs", OWNER)
    url = sqs.create_queue(QueueName="wishes")["QueueUrl"]
    return Thing(
        "sqs",
        "sqs:SendMessage",
        f"arn:aws:sqs:{REGION}:{OWNER}:wishes",
        lambda client: client.send_message(QueueUrl=url, MessageBody="one"),
        lambda text: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text or ""}),
    )


def _topic(cloud: LocalCloud) -> Thing:
    sns = cloud.client("sns", OWNER)
    arn = sns.create_topic(Name="news")["TopicArn"]
    plain = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    return Thing(
        "sns",
        "sns:Publish",
        arn,
        lambda client: client.publish(TopicArn=arn, Message="one"),
        lambda text: sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text or plain),
    )


def _bucket(cloud: LocalCloud) -> Thing:
    s3 = cloud.client("s3", OWNER)
    s3.create_bucket(Bucket="papers", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="papers", Key="one", Body=b"1")

    def guard(text: str | None) -> None:
        s3.put_bucket_policy(Bucket="papers", Policy=text) if text else s3.delete_bucket_policy(Bucket="papers")

    arn = "arn:aws:s3:::papers/*"
    return Thing("s3", "s3:GetObject", arn, lambda client: client.get_object(Bucket="papers", Key="one"), guard)


def _secret(cloud: LocalCloud) -> Thing:
    secrets = cloud.client("secretsmanager", OWNER)
    arn = secrets.create_secret(Name="word", SecretString="open")["ARN"]

    def guard(text: str | None) -> None:
        if text:
            secrets.put_resource_policy(SecretId=arn, ResourcePolicy=text)
        else:
            secrets.delete_resource_policy(SecretId=arn)

    def read(client: Any) -> Any:
        return client.get_secret_value(SecretId=arn)

    return Thing("secretsmanager", "secretsmanager:GetSecretValue", arn, read, guard)


def _table(cloud: LocalCloud) -> Thing:
    dynamodb = cloud.client("dynamodb", OWNER)
    key = {"AttributeName": "id", "KeyType": "HASH"}
    column = {"AttributeName": "id", "AttributeType": "S"}
    made = dynamodb.create_table(
        TableName="seats", KeySchema=[key], AttributeDefinitions=[column], BillingMode="PAY_PER_REQUEST"
    )
    arn = made["TableDescription"]["TableArn"]

    def guard(text: str | None) -> None:
        if text:
            dynamodb.put_resource_policy(ResourceArn=arn, Policy=text)
        else:
            dynamodb.delete_resource_policy(ResourceArn=arn)

    def put(client: Any) -> Any:
        return client.put_item(TableName=arn, Item={"id": {"S": "A1"}})

    return Thing("dynamodb", "dynamodb:PutItem", arn, put, guard)


def _bus(cloud: LocalCloud) -> Thing:
    events = cloud.client("events", OWNER)
    arn = events.create_event_bus(Name="town")["EventBusArn"]
    entry = {"Source": "mine", "DetailType": "One", "Detail": "{}", "EventBusName": arn}

    def guard(text: str | None) -> None:
        if text:
            events.put_permission(EventBusName="town", Policy=text)
        else:
            events.remove_permission(EventBusName="town", RemoveAllPermissions=True)

    return Thing("events", "events:PutEvents", arn, lambda client: client.put_events(Entries=[entry]), guard)


MADE = {"sqs": _queue, "sns": _topic, "s3": _bucket, "secretsmanager": _secret, "dynamodb": _table, "events": _bus}


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud() as cloud:
        for account in (OWNER, OTHER):
            cloud.client("iam", account).create_role(RoleName="reader", AssumeRolePolicyDocument=policy(TRUST))
        yield cloud


@pytest.fixture(scope="module")
def things(cloud: LocalCloud) -> dict[str, Thing]:
    return {name: make(cloud) for name, make in MADE.items()}


def said(side: str, action: str, arn: str, **more: Any) -> list[dict[str, Any]]:
    """The statement of one side; none where it says nothing."""
    effect = {"allows": "Allow", "denies": "Deny"}.get(side)
    return [{"Effect": effect, "Action": action, "Resource": arn, **more}] if effect else []


def tell_identity(cloud: LocalCloud, account: str, statements: list[dict[str, Any]]) -> None:
    iam = cloud.client("iam", account)
    if statements:
        iam.put_role_policy(RoleName="reader", PolicyName="mine", PolicyDocument=policy(*statements))
    elif iam.list_role_policies(RoleName="reader")["PolicyNames"]:
        iam.delete_role_policy(RoleName="reader", PolicyName="mine")


def refusal(call: Callable[[], Any]) -> str:
    """'' where the call is answered, else the sentence of the refusal; another error flies."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"AccessDenied", "AccessDeniedException", "AuthorizationError"}:
            raise
        return error.response["Error"]["Message"]
    return ""


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/reader"


@pytest.mark.parametrize("resource", SIDES)
@pytest.mark.parametrize("identity", SIDES)
@pytest.mark.parametrize("account", [OWNER, OTHER], ids=["same account", "another account"])
@pytest.mark.parametrize("name", MADE)
def test_both_sides_are_asked(
    cloud: LocalCloud, things: dict[str, Thing], name: str, account: str, identity: str, resource: str
) -> None:
    thing = things[name]
    tell_identity(cloud, account, said(identity, thing.action, thing.arn))
    own = said(resource, thing.action, thing.arn, Principal={"AWS": role(account)})
    thing.guard(policy(*own) if own else None)
    told = refusal(lambda: thing.use(cloud.client(thing.service, account, "reader")))
    if "denies" in (identity, resource):
        assert "with an explicit deny" in told
    elif account == OWNER:
        assert (told == "") == ("allows" in (identity, resource))
    else:
        assert (told == "") == (identity == resource == "allows")
        if identity == "allows" and told != "":
            assert "no resource-based policy allows" in told


@pytest.mark.parametrize("name", MADE)
def test_an_account_that_is_named_decides_by_its_own_policies(
    cloud: LocalCloud, things: dict[str, Thing], name: str
) -> None:
    thing = things[name]
    for account in (OWNER, OTHER):
        thing.guard(policy(*said("allows", thing.action, thing.arn, Principal={"AWS": account})))
        tell_identity(cloud, account, [])
        assert refusal(lambda: thing.use(cloud.client(thing.service, account, "reader")))  # noqa: B023 - called now
        tell_identity(cloud, account, said("allows", thing.action, thing.arn))
        assert not refusal(lambda: thing.use(cloud.client(thing.service, account, "reader")))  # noqa: B023 - called now


@pytest.mark.parametrize("name", MADE)
def test_another_accounts_owner_needs_the_policy_too(cloud: LocalCloud, things: dict[str, Thing], name: str) -> None:
    thing = things[name]
    thing.guard(None)
    assert refusal(lambda: thing.use(cloud.client(thing.service, OTHER)))
    assert not refusal(lambda: thing.use(cloud.client(thing.service, OWNER)))
    thing.guard(policy(*said("allows", thing.action, thing.arn, Principal={"AWS": OTHER})))
    assert not refusal(lambda: thing.use(cloud.client(thing.service, OTHER)))


# --- a key ---------------------------------------------------------------------------------------------------


KEY_OF_THE_ACCOUNT = {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "kms:*", "Resource": "*"}
KEEPER = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
    "Action": ["kms:PutKeyPolicy", "kms:DescribeKey", "kms:CreateGrant", "kms:RevokeGrant"],
    "Resource": "*",
}


@pytest.fixture(scope="module")
def key(cloud: LocalCloud) -> str:
    kms = cloud.client("kms", OWNER)
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/papers", TargetKeyId=arn)
    return arn


@pytest.mark.parametrize("delegates", [False, True], ids=["leaves nothing to IAM", "leaves it to IAM"])
@pytest.mark.parametrize("resource", SIDES)
@pytest.mark.parametrize("identity", SIDES)
@pytest.mark.parametrize("account", [OWNER, OTHER], ids=["same account", "another account"])
def test_a_key_is_used_by_whom_its_policy_names_and_by_others_only_where_it_leaves_them_to_their_account(
    cloud: LocalCloud, key: str, account: str, identity: str, resource: str, *, delegates: bool
) -> None:
    tell_identity(cloud, account, said(identity, "kms:Encrypt", key))
    own = said(resource, "kms:Encrypt", "*", Principal={"AWS": role(account)})
    left = said("allows", "kms:Encrypt", "*", Principal={"AWS": account}) if delegates else []
    kms = cloud.client("kms", OWNER)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(KEEPER, *own, *left))
    told = refusal(lambda: cloud.client("kms", account, "reader").encrypt(KeyId=key, Plaintext=b"1"))
    if "denies" in (identity, resource):
        allowed = False
    elif account == OWNER:
        allowed = resource == "allows" or (delegates and identity == "allows")
    else:
        allowed = identity == "allows" and (resource == "allows" or delegates)
    assert (told == "") == allowed


def test_everybody_in_a_keys_policy_is_taken_and_held_to_its_condition(cloud: LocalCloud, key: str) -> None:
    everybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": [OTHER]}},
    }
    kms = cloud.client("kms", OWNER)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(KEEPER, everybody))
    assert refusal(lambda: kms.encrypt(KeyId=key, Plaintext=b"1"))
    alias = key.replace("key/" + key.rpartition("/")[2], "alias/papers")
    sealed = cloud.client("kms", OTHER).encrypt(KeyId=alias, Plaintext=b"1")["CiphertextBlob"]
    assert cloud.client("kms", OTHER).decrypt(CiphertextBlob=sealed)["Plaintext"] == b"1"
    assert refusal(lambda: kms.decrypt(CiphertextBlob=sealed))


def test_a_grant_lets_its_grantee_use_the_key_within_its_constraints(cloud: LocalCloud, key: str) -> None:
    tell_identity(cloud, OWNER, [])
    kms, reader = cloud.client("kms", OWNER), cloud.client("kms", OWNER, "reader")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(KEEPER))
    given = kms.create_grant(
        KeyId=key,
        GranteePrincipal=role(OWNER),
        Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"team": "a"}},
    )["GrantId"]

    def sealed(**context: Any) -> Any:
        return reader.encrypt(KeyId=key, Plaintext=b"1", EncryptionContext=context)

    assert refusal(lambda: sealed(team="b"))
    assert not refusal(lambda: sealed(team="a", room="1"))
    kms.revoke_grant(KeyId=key, GrantId=given)
    assert refusal(lambda: sealed(team="a", room="1"))


# --- what no policy opens, and what is there in another account -----------------------------------------------


def test_another_accounts_queue_is_reached_by_its_url_and_found_by_its_name(
    cloud: LocalCloud, things: dict[str, Thing]
) -> None:
    thing = things["sqs"]
    thing.guard(policy(*said("allows", "sqs:*", thing.arn, Principal={"AWS": OTHER})))
    mine, theirs = cloud.client("sqs", OWNER), cloud.client("sqs", OTHER)
    url = theirs.get_queue_url(QueueName="wishes", QueueOwnerAWSAccountId=OWNER)["QueueUrl"]
    mine.purge_queue(QueueUrl=url)
    theirs.send_message(QueueUrl=url, MessageBody="from outside")
    [message] = mine.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "from outside"
    theirs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert theirs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] == thing.arn
    own = {"QueueUrl": url}
    assert refusal(lambda: theirs.set_queue_attributes(**own, Attributes={"VisibilityTimeout": "1"}))
    assert refusal(lambda: theirs.delete_queue(**own))
    with pytest.raises(ClientError, match="NonExistentQueue"):
        theirs.get_queue_url(QueueName="wishes")
    assert theirs.list_queues().get("QueueUrls", []) == []


def test_a_function_is_called_by_another_account_that_its_policy_names(cloud: LocalCloud) -> None:
    functions, caller = cloud.client("lambda", OWNER), cloud.client("lambda", OTHER)
    arn = functions.create_function(
        FunctionName="work", Runtime="python3.13", Role=role(OWNER), Handler="code.handler", Code={"ZipFile": zipped()}
    )["FunctionArn"]
    assert refusal(lambda: caller.invoke(FunctionName=arn))
    functions.add_permission(FunctionName="work", StatementId="s", Action="lambda:InvokeFunction", Principal=OTHER)
    assert json.load(caller.invoke(FunctionName=arn)["Payload"]) == "done"
    assert refusal(lambda: caller.get_function(FunctionName=arn))
    tell_identity(cloud, OWNER, [])
    within = cloud.client("lambda", OWNER, "reader")
    assert refusal(lambda: within.invoke(FunctionName="work"))
    functions.add_permission(
        FunctionName="work", StatementId="t", Action="lambda:InvokeFunction", Principal=role(OWNER)
    )
    assert json.load(within.invoke(FunctionName="work")["Payload"]) == "done"


def test_a_boundary_is_passed_by_a_policy_that_names_the_session_and_not_by_one_that_names_the_role(
    cloud: LocalCloud, things: dict[str, Thing]
) -> None:
    iam, thing = cloud.client("iam", OWNER), things["sqs"]
    nothing = iam.create_policy(
        PolicyName="limit",
        PolicyDocument=policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}),
    )["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=nothing)
    try:
        tell_identity(cloud, OWNER, [])
        reader = cloud.client("sqs", OWNER, "reader")
        thing.guard(policy(*said("allows", thing.action, thing.arn, Principal={"AWS": role(OWNER)})))
        assert "permissions boundary" in refusal(lambda: thing.use(reader))
        session = f"arn:aws:sts::{OWNER}:assumed-role/reader/local"
        thing.guard(policy(*said("allows", thing.action, thing.arn, Principal={"AWS": session})))
        assert not refusal(lambda: thing.use(reader))
    finally:
        iam.delete_role_permissions_boundary(RoleName="reader")


def test_an_owner_gets_back_into_a_queue_that_he_has_shut_to_everybody(
    cloud: LocalCloud, things: dict[str, Thing]
) -> None:
    thing = things["sqs"]
    thing.guard(policy(*said("denies", "sqs:*", thing.arn, Principal="*")))
    assert refusal(lambda: thing.use(cloud.client("sqs", OWNER)))
    thing.guard(None)
    assert not refusal(lambda: thing.use(cloud.client("sqs", OWNER)))
