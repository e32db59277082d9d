"""Keys and their aliases, as CloudFormation makes them."""

from __future__ import annotations

import contextlib

from localcloud.ground.kinds import Made, Work, as_json, kind, there


def _remove_key(work: Work) -> None:
    kms = work.client("kms")
    # One whose deletion somebody has scheduled already is gone as far as its stack goes.
    with contextlib.suppress(kms.exceptions.KMSInvalidStateException):
        kms.schedule_key_deletion(KeyId=there(work).id, PendingWindowInDays=7)


@kind(
    "AWS::KMS::Key",
    _remove_key,
    attributes=("Arn", "KeyId"),
    replaces=("KeySpec", "KeyUsage", "MultiRegion"),
)
def _key(work: Work) -> Made:
    kms = work.client("kms")
    policy = work.take("KeyPolicy")
    rotation = work.take("EnableKeyRotation")
    work.take("PendingWindowInDays")
    given = work.take_some("Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin")
    if policy is not None:
        given["Policy"] = as_json(policy)
    if work.old is None:
        key = kms.create_key(Tags=work.tag_list("TagKey", "TagValue"), **given)["KeyMetadata"]
        made = Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})
    else:
        made = work.old
        work.take("Tags")
        if "Policy" in given:
            kms.put_key_policy(KeyId=made.id, PolicyName="default", Policy=given["Policy"])
    if rotation:
        kms.enable_key_rotation(KeyId=made.id)
    return made


@kind(
    "AWS::KMS::Alias",
    lambda work: work.client("kms").delete_alias(AliasName=there(work).id),
    replaces=("AliasName",),
    requires=(
        "AliasName",
        "TargetKeyId",
    ),
)
def _key_alias(work: Work) -> Made:
    kms, name = work.client("kms"), work.require("AliasName")
    call = kms.create_alias if work.old is None else kms.update_alias
    call(AliasName=name, TargetKeyId=work.require("TargetKeyId"))
    return Made(name, {})
