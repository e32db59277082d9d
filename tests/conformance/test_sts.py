"""Sessions of roles: who may assume them, for how long, and whom AWS then sees (facts 3, 20, 24)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from lattice_world import MEMBER, NETWORK, OTHER, refused

from localcloud.cloud import LocalCloud
from localcloud.ground import machine

fact = pytest.mark.fact
type Aws = Callable[[str, str], Any]
type Acting = Callable[[str, str, str], Any]
type Reach = Callable[[LocalCloud], str | None]

ROOT = f"arn:aws:iam::{NETWORK}:root"
ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture
def strict(cloud: LocalCloud) -> LocalCloud:
    cloud.enforce_iam = True
    return cloud


def role(
    cloud: LocalCloud,
    account: str,
    name: str,
    trust: dict[str, Any],
    *statements: dict[str, Any],
    **more: Any,
) -> str:
    """Make a role that is trusted by one statement; answers its ARN."""
    iam = cloud.client("iam", account)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"} | trust]}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document), **more)["Role"]
    if statements:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(policy))
    return str(made["Arn"])


def assume(client: Any, arn: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.assume_role(**{"RoleArn": arn, "RoleSessionName": "run"} | more)
    return answer


@fact("24: a session answers with temporary keys and the assumed role's ARN")
def test_an_assumed_role_is_who_calls(cloud: LocalCloud, aws: Aws, reach: Reach) -> None:
    arn = role(cloud, MEMBER, "reader", {"Principal": {"AWS": ROOT}})
    answer = assume(aws("sts", NETWORK), arn)
    keys = answer["Credentials"]
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", keys["AccessKeyId"])
    session: Any = cloud.session(NETWORK).client(
        "sts",
        endpoint_url=reach(cloud),
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    seen = session.get_caller_identity()
    assert seen["Account"] == MEMBER
    assert seen["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert seen["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/reader/run"
    assert seen["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert seen["UserId"].endswith(":run")
    cloud.client("vpc-lattice", MEMBER).create_service_network(name="here")
    names = []
    for region in (session.meta.region_name, "us-east-1"):
        elsewhere: Any = cloud.session(NETWORK).client(
            "vpc-lattice",
            region_name=region,
            endpoint_url=reach(cloud),
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        names.append([it["name"] for it in elsewhere.list_service_networks()["items"]])
    assert names == [["here"], []], "a session holds in every region, and sees what is in the one that it asks"


@fact("24: an account's owner is its root")
def test_the_owner_of_an_account_is_its_root(aws: Aws) -> None:
    seen = aws("sts", NETWORK).get_caller_identity()
    assert (seen["Account"], seen["Arn"], seen["UserId"]) == (NETWORK, ROOT, NETWORK)


@fact("20: the target role must trust the caller")
def test_a_role_that_trusts_another_account_is_refused(cloud: LocalCloud, aws: Aws) -> None:
    arn = role(cloud, MEMBER, "reader", {"Principal": {"AWS": ROOT}})
    with refused("AccessDenied", f"sts:AssumeRole on resource: {arn}", status=403):
        assume(aws("sts", OTHER), arn)


@fact("20: a role that is not there looks like one that does not trust")
def test_a_missing_role_is_access_denied(aws: Aws) -> None:
    with refused("AccessDenied"):
        assume(aws("sts", NETWORK), f"arn:aws:iam::{MEMBER}:role/nobody")


@fact("20: the execution role needs sts:AssumeRole, and the target role must trust it")
def test_between_accounts_both_sides_must_allow(strict: LocalCloud, acting: Acting) -> None:
    arn = role(strict, MEMBER, "reader", {"Principal": {"AWS": ROOT}})
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}
    role(strict, NETWORK, "plan", {"Principal": {"AWS": NETWORK}}, may)
    role(strict, NETWORK, "mute", {"Principal": {"AWS": NETWORK}})
    assume(acting("sts", NETWORK, "plan"), arn)
    with refused("AccessDenied", "sts:AssumeRole"):
        assume(acting("sts", NETWORK, "mute"), arn)


@fact("24: within one account a trust policy that names the role is enough")
def test_within_an_account_the_trust_policy_alone_may_let_in(strict: LocalCloud, acting: Acting) -> None:
    caller = role(strict, NETWORK, "plan", {"Principal": {"AWS": NETWORK}})
    named = role(strict, NETWORK, "named", {"Principal": {"AWS": caller}})
    by_account = role(strict, NETWORK, "by-account", {"Principal": {"AWS": ROOT}})
    client = acting("sts", NETWORK, "plan")
    assume(client, named)
    with refused("AccessDenied"):
        assume(client, by_account)


@fact("29: trust by a condition on the principal's ARN")
@pytest.mark.parametrize(("caller", "allowed"), [("plan", True), ("intake", False)])
def test_a_condition_on_the_principals_arn_names_who_may(
    strict: LocalCloud, caller: str, allowed: bool, acting: Acting
) -> None:
    only = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{NETWORK}:role/pla*"}}
    arn = role(strict, MEMBER, "reader", {"Principal": {"AWS": ROOT}, "Condition": only})
    role(strict, NETWORK, caller, {"Principal": {"AWS": NETWORK}}, ANYTHING)
    client = acting("sts", NETWORK, caller)
    if allowed:
        assume(client, arn)
    else:
        with refused("AccessDenied"):
            assume(client, arn)


@fact("29: a role's path is part of its ARN")
def test_the_principals_arn_holds_the_path_of_the_role(strict: LocalCloud, acting: Acting) -> None:
    only = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{NETWORK}:role/onramp/plan"}}
    arn = role(strict, MEMBER, "reader", {"Principal": {"AWS": "*"}, "Condition": only})
    role(strict, NETWORK, "plan", {"Principal": {"AWS": NETWORK}}, ANYTHING, Path="/onramp/")
    assume(acting("sts", NETWORK, "plan"), arn)


@fact("13: aws:PrincipalOrgID is the organisation of the caller's account")
def test_trust_may_be_given_to_an_organisation(cloud: LocalCloud, aws: Aws) -> None:
    cloud.organization.create(NETWORK)
    ours = {"StringEquals": {"aws:PrincipalOrgID": cloud.organization.id}}
    arn = role(cloud, MEMBER, "reader", {"Principal": {"AWS": "*"}, "Condition": ours})
    assume(aws("sts", NETWORK), arn)
    with refused("AccessDenied"):
        assume(aws("sts", OTHER), arn)


@fact("13: aws:PrincipalOrgPaths has several values, hence ForAnyValue")
def test_trust_may_be_given_to_a_unit(cloud: LocalCloud, aws: Aws) -> None:
    organization = cloud.organization
    organization.create(OTHER)
    organization.add_unit("ou-ab12-11111111")
    organization.add(NETWORK, "ou-ab12-11111111")
    ours = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}
    arn = role(cloud, MEMBER, "reader", {"Principal": {"AWS": "*"}, "Condition": ours})
    assume(aws("sts", NETWORK), arn)
    with refused("AccessDenied"):
        assume(aws("sts", OTHER), arn)


@fact("24: an external id that the trust policy asks for must be given")
def test_an_external_id_is_compared(cloud: LocalCloud, aws: Aws) -> None:
    asked = {"StringEquals": {"sts:ExternalId": "lattice"}}
    arn = role(cloud, MEMBER, "reader", {"Principal": {"AWS": ROOT}, "Condition": asked})
    with refused("AccessDenied"):
        assume(aws("sts", NETWORK), arn)
    assume(aws("sts", NETWORK), arn, ExternalId="lattice")


@fact("24: a role trusted by a service is not for people")
def test_a_service_role_is_for_its_service(cloud: LocalCloud, aws: Aws) -> None:
    arn = role(cloud, NETWORK, "function", {"Principal": {"Service": "lambda.amazonaws.com"}})
    with refused("AccessDenied"):
        assume(aws("sts", NETWORK), arn)
    assert cloud.sts.issue(arn, "plan", service="lambda.amazonaws.com")["AccessKeyId"].startswith("ASIA")


@fact("24: a session lasts an hour unless asked otherwise, and ends")
def test_a_session_expires(cloud: LocalCloud, aws: Aws, reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = role(cloud, MEMBER, "reader", {"Principal": {"AWS": ROOT}})
    began = machine.real_now()
    keys = assume(aws("sts", NETWORK), arn)["Credentials"]
    owner: Any = cloud.session(NETWORK)
    wired = reach(cloud) is not None
    if wired:
        # Clients over HTTP renew by their own clock: simulated time must not end what they hold.
        assert 3600 <= keys["Expiration"].timestamp() - began + 1 < 3660
    else:
        assert (keys["Expiration"] - datetime.fromtimestamp(cloud.clock.now, UTC)).total_seconds() == 3600

    def call(service: str) -> None:
        client = owner.client(
            service,
            endpoint_url=reach(cloud),
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
        CALLS[service](client)

    for service in CALLS:
        call(service)
    cloud.clock.advance(3600)
    if wired:
        call("sts")
        monkeypatch.setattr(machine, "real_now", lambda: began + 3700)
    for service, (code, status) in ENDED.items():
        with refused(code, status=status):
            call(service)


CALLS: dict[str, Callable[[Any], Any]] = {
    "sts": lambda client: client.get_caller_identity(),
    "ram": lambda client: client.get_resource_shares(resourceOwner="SELF"),
    "ec2": lambda client: client.describe_vpcs(),
    "elbv2": lambda client: client.describe_load_balancers(),
    "resourcegroupstaggingapi": lambda client: client.get_resources(),
}
# Each protocol has its own word for it.
ENDED = {
    "sts": ("ExpiredToken", 403),
    "ram": ("ExpiredTokenException", 403),
    "ec2": ("RequestExpired", 400),
    "elbv2": ("ExpiredToken", 403),
    "resourcegroupstaggingapi": ("ExpiredTokenException", 400),
}


@fact("24: a role's own limit holds, and an hour where a role assumes a role")
def test_a_session_cannot_be_longer_than_its_limits(strict: LocalCloud, aws: Aws, acting: Acting) -> None:
    trust = {"Principal": {"AWS": "*"}}
    short = role(strict, MEMBER, "short", trust)
    long = role(strict, MEMBER, "long", trust, MaxSessionDuration=7200)
    role(strict, NETWORK, "plan", trust, ANYTHING)
    owner, chained = aws("sts", OTHER), acting("sts", NETWORK, "plan")
    with refused("ValidationError", "MaxSessionDuration", status=400):
        assume(owner, short, DurationSeconds=7200)
    assume(owner, long, DurationSeconds=7200)
    with refused("ValidationError", "role chaining"):
        assume(chained, long, DurationSeconds=7200)


@fact("issue 3: what is left out answers with a clear 'not emulated'")
def test_session_policies_are_said_to_be_left_out(cloud: LocalCloud, aws: Aws) -> None:
    arn = role(cloud, MEMBER, "reader", {"Principal": {"AWS": ROOT}})
    with refused("NotImplementedException", "AssumeRole with Policy", status=501):
        assume(aws("sts", NETWORK), arn, Policy='{"Statement": []}')
    with refused("NotImplementedException", "sts:GetSessionToken"):
        aws("sts", NETWORK).get_session_token()


@fact("24: an explicit deny in the caller's policy wins over the trust")
def test_a_denied_caller_cannot_assume(strict: LocalCloud, acting: Acting) -> None:
    arn = role(strict, MEMBER, "reader", {"Principal": {"AWS": "*"}})
    deny = {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}
    role(strict, NETWORK, "plan", {"Principal": {"AWS": "*"}}, ANYTHING, deny)
    with refused("AccessDenied", "explicit deny"):
        assume(acting("sts", NETWORK, "plan"), arn)


@fact("24: a permissions boundary caps what a role's policies allow")
def test_a_boundary_caps_a_role(strict: LocalCloud, acting: Acting) -> None:
    iam = strict.client("iam", NETWORK)
    cap = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ram:Get*", "Resource": "*"}]}
    boundary = iam.create_policy(PolicyName="cap", PolicyDocument=json.dumps(cap))["Policy"]["Arn"]
    role(strict, NETWORK, "plan", {"Principal": {"AWS": "*"}}, ANYTHING, PermissionsBoundary=boundary)
    ram = acting("ram", NETWORK, "plan")
    ram.get_resource_shares(resourceOwner="SELF")
    with refused("AccessDeniedException"):
        ram.list_resources(resourceOwner="SELF")


@fact("24: an attached managed policy counts, in its default version")
def test_an_attached_policy_counts(strict: LocalCloud, acting: Acting) -> None:
    iam = strict.client("iam", NETWORK)
    document = {"Version": "2012-10-17", "Statement": [ANYTHING]}
    policy = iam.create_policy(PolicyName="all", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    role(strict, NETWORK, "plan", {"Principal": {"AWS": "*"}})
    ram = acting("ram", NETWORK, "plan")
    with refused("AccessDeniedException"):
        ram.get_resource_shares(resourceOwner="SELF")
    iam.attach_role_policy(RoleName="plan", PolicyArn=policy)
    ram.get_resource_shares(resourceOwner="SELF")
