"""Buckets and their policies, as CloudFormation makes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localcloud.ground.kinds import Made, Work, as_json, kind, there


@kind(
    "AWS::S3::Bucket",
    lambda work: work.client("s3").delete_bucket(Bucket=there(work).id),
    attributes=("Arn", "DomainName", "RegionalDomainName"),
    replaces=("BucketName",),
)
def _bucket(work: Work) -> Made:
    s3 = work.client("s3")
    name = work.name(work.take("BucketName"), 63).lower()
    ownership = work.take("OwnershipControls")
    if work.old is None:
        place = {} if work.region == "us-east-1" else {"LocationConstraint": work.region}
        s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
    if ownership:
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
    if encryption := work.take("BucketEncryption"):
        rules = [
            {
                **({"BucketKeyEnabled": rule["BucketKeyEnabled"]} if "BucketKeyEnabled" in rule else {}),
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            }
            for rule in encryption["ServerSideEncryptionConfiguration"]
        ]
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    if block := work.take("PublicAccessBlockConfiguration"):
        # CloudFormation takes booleans as text as well, and SAM's own bucket gives them so.
        flags = {key: str(value).lower() == "true" for key, value in block.items()}
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=flags)
    if versioning := work.take("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    acl = str(work.take("AccessControl", default="Private"))
    if acl != "Private" or "AccessControl" in work.old_properties:
        # After the rest: a bucket refuses an ACL until its own properties let one in.
        s3.put_bucket_acl(Bucket=name, ACL=re.sub(r"(?<!^)(?=[A-Z])", "-", acl).lower())
    work.take("LifecycleConfiguration")  # nothing here grows old
    if logging := work.take("LoggingConfiguration"):
        where = {
            "TargetBucket": logging.get("DestinationBucketName", name),
            "TargetPrefix": logging.get("LogFilePrefix", ""),
        }
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": where})
    told = work.take("NotificationConfiguration")
    if told or work.old_properties.get("NotificationConfiguration"):
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=_notices(told or {}))
    if tags := work.tag_list():
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    elif work.old_properties.get("Tags"):
        s3.delete_bucket_tagging(Bucket=name)
    domain = f"{name}.s3.{work.region}.amazonaws.com"
    return Made(
        name,
        {"Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com", "RegionalDomainName": domain},
    )


_TOLD = {"Lambda": ("Function", "LambdaFunction"), "Queue": ("Queue", "Queue"), "Topic": ("Topic", "Topic")}


def _notices(given: Mapping[str, Any]) -> dict[str, Any]:
    """A template's notifications as the API takes them."""
    made: dict[str, Any] = {}
    for kind_, (name, named) in _TOLD.items():
        made[f"{named}Configurations"] = [
            {
                f"{named}Arn": one[name],
                "Events": [one["Event"]],
                **({"Filter": {"Key": {"FilterRules": one["Filter"]["S3Key"]["Rules"]}}} if "Filter" in one else {}),
            }
            for one in given.get(f"{kind_}Configurations", ())
        ]
    bridged = given.get("EventBridgeConfiguration")
    if bridged is not None and str(bridged.get("EventBridgeEnabled", True)).lower() == "true":
        made["EventBridgeConfiguration"] = {}
    return {key: one for key, one in made.items() if one or key == "EventBridgeConfiguration"}


@kind(
    "AWS::S3::BucketPolicy",
    lambda work: work.client("s3").delete_bucket_policy(Bucket=work.require("Bucket")),
    replaces=("Bucket",),
    requires=(
        "Bucket",
        "PolicyDocument",
    ),
)
def _bucket_policy(work: Work) -> Made:
    bucket = work.require("Bucket")
    work.client("s3").put_bucket_policy(Bucket=bucket, Policy=as_json(work.require("PolicyDocument")))
    return Made(bucket, {})
