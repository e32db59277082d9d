"""Whom a bucket lets in beside its account: Block Public Access, and ACLs, which a bucket has only if it asks for them.

S3 user guide, "Blocking public access to your Amazon S3 storage" and "Controlling ownership of objects and disabling
ACLs": since April 2023 a new bucket blocks all that is public, and its objects are its owner's whoever wrote them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from moto.backends import get_backend
from moto.s3.models import FakeBucket, PublicAccessBlock
from onramp.core.policy import Document

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.grammar import listed, principals
from localcloud.ground.guarded import document_of
from localcloud.ground.moto import Patches

_ENFORCED = "BucketOwnerEnforced"
_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_EVERYBODY = frozenset(f"http://acs.amazonaws.com/groups/global/{name}" for name in ("AllUsers", "AuthenticatedUsers"))

# The user guide's list of keys: with a fixed value of one of them a policy is not public.
_FIXING = frozenset(
    {
        *("aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount"),
        *("aws:userid", "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn"),
        *("aws:sourceorgid", "aws:sourceorgpaths", "aws:viaawsservice", "s3:dataaccesspointarn"),
        *("s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
    }
)
_WIDEST = {4: 8, 6: 32}
"""IP version -> bits of the broadest range that still counts as fixed (user guide, "The meaning of 'public'")."""


def refuse(service: str, operation: str, params: Mapping[str, Any], _: Caller) -> None:
    """Refuse an ACL that the bucket does not take, and what would make public a bucket that blocks it."""
    if service != "s3":
        return
    if operation == "CreateBucket":
        _created(params)
        return
    bucket = bucket_of(str(params.get("Bucket", "")))
    if bucket is None:
        return  # moto says so
    acl, grants = params.get("ACL"), any(params.get(name) for name in _GRANTS)
    given = params.get("AccessControlPolicy") or {}
    if bucket.ownership_rule == _ENFORCED and (
        grants or acl not in (None, "bucket-owner-full-control") or _others(given)
    ):
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
    block = bucket.public_access_block
    if block is None:
        return
    if block.block_public_acls and (acl in _PUBLIC_ACLS or _EVERYBODY & set(_groups(given))):
        text = f"public access control lists (ACLs) are blocked by the BlockPublicAcls setting of {bucket.name}"
        raise AwsError("AccessDenied", f"Access Denied: {text}", 403)
    if operation == "PutBucketPolicy" and block.block_public_policy and is_public(params.get("Policy")):
        why = "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
        text = f'Not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::{bucket.name}" {why}'
        raise AwsError("AccessDenied", text, 403)


def _created(params: Mapping[str, Any]) -> None:
    opened = params.get("ACL") not in (None, "private") or any(params.get(name) for name in _GRANTS)
    if opened and (params.get("ObjectOwnership") or _ENFORCED) == _ENFORCED:
        text = f"Bucket cannot have ACLs set with ObjectOwnership's {_ENFORCED} setting"
        raise AwsError("InvalidBucketAclWithObjectOwnership", text, 400)
    if params.get("ACL") in _PUBLIC_ACLS:
        # The new bucket's own block is on before its ACL is.
        raise AwsError("AccessDenied", "Access Denied: a new bucket blocks public ACLs", 403)


def _others(policy: Mapping[str, Any]) -> bool:
    """Whether an ACL says more than that its owner may do all."""
    owner = (policy.get("Owner") or {}).get("ID")
    return any(
        grant.get("Permission") != "FULL_CONTROL" or (grant.get("Grantee") or {}).get("ID") != owner
        for grant in policy.get("Grants") or ()
    )


def _groups(policy: Mapping[str, Any]) -> Iterator[str]:
    for grant in policy.get("Grants") or ():
        yield str((grant.get("Grantee") or {}).get("URI", ""))


def bucket_of(name: str) -> Any | None:
    """The bucket of that name, whoever's it is: there is one in the world."""
    for partitions in get_backend("s3").values():
        for backend in partitions.values():
            if name in backend.buckets:
                return backend.buckets[name]
    return None


def is_public(policy: Any) -> bool:
    """Whether a policy lets in everybody: by anything but fixed values of the keys that S3 knows."""
    text = policy.decode() if isinstance(policy, bytes) else policy
    documents = (one for one in document_of(text) if isinstance(one, dict))
    return any(_lets_everybody(one) for document in documents for one in listed(document.get("Statement", [])))


def _lets_everybody(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    everybody = "NotPrincipal" in statement or any("*" in name for _, name in principals(dict(statement)))
    return everybody and not any(_fixes(*test) for test in _tests(statement))


def _tests(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(operator, key, values) of a statement's conditions."""
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, values in keys.items():
            yield operator, key.lower(), [str(one) for one in listed(values)]


def _fixes(operator: str, key: str, values: list[str]) -> bool:
    negated = "Not" in operator or operator.startswith("Null") or operator.endswith("IfExists")
    if key not in _FIXING or negated or operator.startswith("ForAllValues"):
        return False
    if key == "aws:sourceip":
        return all(map(_is_narrow, values))
    return not any(set(one) <= {"*", "?"} or (key.endswith("arn") and _any_account(one)) for one in values)


def _is_narrow(cidr: str) -> bool:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False  # no range, which fixes nothing
    return network.prefixlen >= _WIDEST[network.version]


def _any_account(arn: str) -> bool:
    """Whether an ARN's pattern fits things of any account; a bucket's ARN names none and is one bucket's."""
    parts = arn.split(":", 5)
    return len(parts) < 6 or "*" in parts[4] or (parts[4] == "" and parts[5].startswith("*"))


def heeded(bucket: Any) -> list[Document]:
    """The bucket's policy as far as it is heeded: where it is restricted, a public one lets in AWS's services alone."""
    documents = document_of(bucket.policy)
    block = bucket.public_access_block
    if block is None or not block.restrict_public_buckets or not is_public(bucket.policy):
        return documents
    return [
        {
            **document,
            "Statement": [
                one
                for one in listed(document.get("Statement", []))
                if one.get("Effect") == "Deny" or {kind for kind, _ in principals(one)} == {"Service"}
            ],
        }
        for document in documents
        if isinstance(document, dict)
    ]


_begin = FakeBucket.__init__


def _new_bucket(bucket: Any, *args: Any, **more: Any) -> None:
    # moto's are as buckets were before April 2023.
    _begin(bucket, *args, **more)
    bucket.public_access_block = PublicAccessBlock(
        block_public_acls="true",
        ignore_public_acls="true",
        block_public_policy="true",
        restrict_public_buckets="true",
    )
    bucket.ownership_rule = _ENFORCED


PATCHES: Patches = ((FakeBucket, "__init__", _new_bucket),)
