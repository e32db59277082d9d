"""Who calls over HTTP: an account's owner by its number, an assumed role, nobody, and a stranger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.wire.served import Served, up

OWNER = "222222222222"
INFRA = "111111111111"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with up("--speed", "0") as served:
        yield served


@pytest.fixture(scope="module")
def assumed(served: Served) -> dict[str, str]:
    """Credentials of a role in OWNER that INFRA's owner has assumed; it may only list services."""
    iam = served.client("iam", OWNER)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": INFRA}, "Action": "sts:AssumeRole"}],
    }
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))
    may = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "vpc-lattice:ListServices", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName="reader", PolicyName="may", PolicyDocument=json.dumps(may))
    sts = served.client("sts", INFRA)
    given: dict[str, str] = sts.assume_role(RoleArn=f"arn:aws:iam::{OWNER}:role/reader", RoleSessionName="look")[
        "Credentials"
    ]
    return given


def role(served: Served, assumed: dict[str, str], service: str) -> Any:
    return served.client(service, assumed["AccessKeyId"], assumed["SessionToken"])


def test_twelve_digits_are_the_owner_of_that_account(served: Served) -> None:
    told = served.client("sts", OWNER).get_caller_identity()
    assert (told["Account"], told["Arn"]) == (OWNER, f"arn:aws:iam::{OWNER}:root")


def test_an_assumed_role_acts_in_its_own_account(served: Served, assumed: dict[str, str]) -> None:
    made = served.client("vpc-lattice", OWNER).create_service(name="orders")["id"]
    told = role(served, assumed, "sts").get_caller_identity()
    assert told["Account"] == OWNER
    assert told["Arn"] == f"arn:aws:sts::{OWNER}:assumed-role/reader/look"
    assert [it["id"] for it in role(served, assumed, "vpc-lattice").list_services()["items"]] == [made]


def test_an_assumed_role_may_do_only_what_its_policies_allow(served: Served, assumed: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=r"AccessDeniedException.*is not authorized to perform"):
        role(served, assumed, "vpc-lattice").create_service(name="not-allowed")


def test_an_assumed_roles_credentials_last_by_the_clients_clock(served: Served, assumed: dict[str, str]) -> None:
    """Clients renew what they hold by their own clock; simulated time that runs ahead must not end it."""
    sts = served.client("sts", INFRA)
    short = sts.assume_role(RoleArn=f"arn:aws:iam::{OWNER}:role/reader", RoleSessionName="short", DurationSeconds=900)
    left = (short["Credentials"]["Expiration"] - datetime.now(UTC)).total_seconds()
    assert 0 < left <= 901
    served.ask("advance", seconds=90_000)
    role(served, short["Credentials"], "vpc-lattice").list_services()


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("ec2", "describe_vpcs", "AuthFailure", 401),
        ("elbv2", "describe_load_balancers", "InvalidClientTokenId", 403),
        ("s3", "list_buckets", "InvalidAccessKeyId", 403),
        ("vpc-lattice", "list_services", "UnrecognizedClientException", 403),
        ("dynamodb", "list_tables", "UnrecognizedClientException", 400),
    ],
)
def test_a_key_that_nobody_has_gets_the_error_of_aws(
    served: Served, service: str, operation: str, code: str, status: int
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(served.client(service, "AKIAIOSFODNN7EXAMPLE"), operation)()
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_what_each_caller_did_is_told(served: Served, assumed: dict[str, str]) -> None:
    role(served, assumed, "vpc-lattice").list_services()
    # The line may come a moment after the answer.
    last = json.loads(served.wait_for(lambda line: '"ListServices"' in line and '"ok"' in line))
    assert {key: last[key] for key in ("by", "account", "role", "service", "operation", "outcome")} == {
        "by": "client",
        "account": OWNER,
        "role": "reader",
        "service": "vpc-lattice",
        "operation": "ListServices",
        "outcome": "ok",
    }
