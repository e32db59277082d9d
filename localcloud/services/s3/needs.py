"""What IAM must allow for S3: actions under names of their own, the bucket or the object."""

from __future__ import annotations

from localcloud.ground.needs import Call, Requirement, tags_asked

_S3_ACTIONS = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
}


def needs(call: Call) -> list[Requirement]:
    action = f"s3:{_S3_ACTIONS.get(call.operation, call.operation)}"
    bucket, key = call.get("Bucket"), call.get("Key")
    if call.operation == "ListBuckets" or not bucket:
        return [(action, "*", {})]
    base = f"arn:aws:s3:::{bucket}"
    if call.operation == "DeleteObjects":
        objects = call.params.get("Delete", {}).get("Objects", [])
        return [(action, f"{base}/{item.get('Key', '')}", {}) for item in objects]
    found: list[Requirement] = [(action, f"{base}/{key}" if key else base, tags_asked(call))]
    source = call.params.get("CopySource")
    if isinstance(source, str):
        found.append(("s3:GetObject", f"arn:aws:s3:::{source.lstrip('/')}", {}))
    return found
