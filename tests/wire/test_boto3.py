"""boto3 over HTTP, for what only a client on the wire meets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.patience import PATIENCE
from tests.wire.served import REGION, Served, up

OWNER = "222222222222"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with up("--speed", "100") as served:
        yield served


@pytest.fixture
def bucket(served: Served) -> Iterator[tuple[Any, str]]:
    s3 = served.client("s3", OWNER)
    s3.create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": REGION})
    yield s3, "things"
    s3.delete_bucket_policy(Bucket="things")
    s3.delete_object(Bucket="things", Key="a")
    s3.delete_bucket(Bucket="things")


def deny(action: str, condition: dict[str, Any]) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::things/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})


def test_a_bucket_policy_is_held_to_its_conditions(bucket: tuple[Any, str]) -> None:
    """Local HTTP stands for AWS's HTTPS, so that a policy which demands TLS refuses nobody here."""
    s3, name = bucket
    s3.put_bucket_policy(Bucket=name, Policy=deny("s3:*", {"Bool": {"aws:SecureTransport": "false"}}))
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    s3.put_bucket_policy(Bucket=name, Policy=deny("s3:PutObject", {"Bool": {"aws:SecureTransport": "true"}}))
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=name, Key="a", Body=b"y")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert s3.get_object(Bucket=name, Key="a")["Body"].read() == b"x"


def test_time_runs_by_itself(served: Served) -> None:
    lattice = served.client("vpc-lattice", OWNER)
    made = lattice.create_service(name="orders")["id"]
    end = time.monotonic() + PATIENCE
    while lattice.get_service(serviceIdentifier=made)["status"] != "ACTIVE":
        assert time.monotonic() < end, "6,000 simulated seconds have not come about"
