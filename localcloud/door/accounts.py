"""Where a call names accounts or people of other accounts: what is no account's number is refused as its service does.

Every number of twelve digits is an account here, as whoever calls with it as access key is its owner. Where a policy
comes in whole its grammar asks the same (`guards`), and where the model has a pattern validation does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.grammar import is_somebody
from localcloud.ground.guarded import guarded

_ACCOUNT = re.compile(r"[0-9]{12}")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}")

type _Params = Mapping[str, Any]


def refuse(service: str, operation: str, params: dict[str, Any], _: Caller) -> None:
    """Refuse a call that names nobody."""
    check = _CHECKS.get((service, operation))
    if check is not None:
        check(params)


def expect(_: Gate, call: Call) -> None:
    """Step: AccessDenied where a bucket is not whose it is said to be (S3 user guide, "Verifying bucket ownership")."""
    if call.service != "s3":
        return
    for member, bucket in (
        ("ExpectedBucketOwner", call.params.get("Bucket")),
        ("ExpectedSourceBucketOwner", _source(call)),
    ):
        expected = call.params.get(member)
        found = guarded(f"arn:aws:s3:::{bucket}") if expected and bucket else None
        if found is not None and found.owner != expected:
            raise AwsError("AccessDenied", "Access Denied", 403)


def _source(call: Call) -> str:
    """The bucket that is copied from: `bucket/key`, as boto3 writes it."""
    return str(call.params.get("CopySource") or "").lstrip("/").partition("/")[0]


def _strange(names: Any) -> str | None:
    """The first that is no account's number."""
    return next((str(one) for one in names or () if not _ACCOUNT.fullmatch(str(one))), None)


def _of_queue(params: _Params) -> None:
    label = str(params.get("Label", ""))
    if not _LABEL.fullmatch(label):
        text = (
            f"Value {label} for parameter Label is invalid. Reason: Can only include alphanumeric characters, "
            "hyphens, or underscores. 1 to 80 in length."
        )
        raise AwsError("InvalidParameterValue", text, 400)
    named = params.get("AWSAccountIds") or []
    if _strange(named) is not None:
        text = f"Value [{', '.join(map(str, named))}] for parameter PrincipalId is invalid. Reason: Unable to verify."
        raise AwsError("InvalidParameterValue", text, 400)


def _of_topic(params: _Params) -> None:
    if _strange(params.get("AWSAccountId")) is not None:
        raise AwsError("InvalidParameter", "Invalid parameter: Policy Error: PrincipalNotFound", 400)


def _of_function(params: _Params) -> None:
    named = str(params.get("Principal", ""))
    service = "." in named and not named.startswith("arn:")
    if named != "*" and not is_somebody("Service" if service else "AWS", named):
        text = "The provided principal was invalid. Please check the principal and try again."
        raise AwsError("InvalidParameterValueException", text, 400)


def _of_snapshot(params: _Params) -> None:
    permissions = params.get("CreateVolumePermission") or {}
    added = [one.get("UserId") for one in permissions.get("Add") or () if one.get("UserId")]
    strange = _strange([*(params.get("UserIds") or ()), *added])
    if strange is not None:
        raise AwsError("InvalidParameterValue", f"Value ({strange}) for parameter userId is invalid.", 400)


def _of_grant(params: _Params) -> None:
    for member in ("GranteePrincipal", "RetiringPrincipal"):
        named = params.get(member)
        # KMS API reference, CreateGrant: an ARN. An account's bare number, or everybody, is none.
        if named is None or (str(named).startswith("arn:") and is_somebody("AWS", str(named))):
            continue
        if not str(named).endswith(".amazonaws.com"):
            raise AwsError("InvalidArnException", f"ARN {named} is not valid or is not there", 400)


_CHECKS: dict[tuple[str, str], Callable[[_Params], None]] = {
    ("sqs", "AddPermission"): _of_queue,
    ("sns", "AddPermission"): _of_topic,
    ("lambda", "AddPermission"): _of_function,
    ("ec2", "ModifySnapshotAttribute"): _of_snapshot,
    ("kms", "CreateGrant"): _of_grant,
}
