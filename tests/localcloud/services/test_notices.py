"""S3 tells whom a bucket names of its objects, as far as they let it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.ground.journal import EventRecord

ACCOUNT, BUCKET = "111111111111", "bucket-of-pictures"


class Store:
    """A bucket, and a queue whose policy lets it send."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.s3, self.sqs = cloud.client("s3", ACCOUNT), cloud.client("sqs", ACCOUNT)
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
        self.url = self.sqs.create_queue(QueueName="told")["QueueUrl"]
        self.arn = f"arn:aws:sqs:{cloud.region}:{ACCOUNT}:told"

    def let(self, bucket: str = BUCKET) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})

    def ask(self, *events: str, prefix: str = "", **more: Any) -> None:
        rule: dict[str, Any] = {"QueueArn": self.arn, "Events": list(events)}
        if prefix:
            rule["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
        self.s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [rule], **more}
        )

    def told(self) -> list[tuple[str, str]]:
        """(event, key) of what the queue got, as time passes; S3's own first message is no event."""
        self.cloud.settle()
        found = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        for one in found:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
        bodies = [json.loads(one["Body"]) for one in found]
        records = [record for body in bodies for record in body.get("Records", [])]
        return [(one["eventName"], one["s3"]["object"]["key"]) for one in records]


def test_each_way_in_which_an_object_comes_and_goes_is_told(cloud: LocalCloud) -> None:
    store = Store(cloud)
    store.let()
    store.ask("s3:ObjectCreated:*", "s3:ObjectRemoved:*", prefix="in/")
    s3 = store.s3
    s3.put_object(Bucket=BUCKET, Key="in/a b", Body=b"1")
    s3.put_object(Bucket=BUCKET, Key="out/c", Body=b"1")
    s3.copy_object(Bucket=BUCKET, Key="in/d", CopySource=f"{BUCKET}/out/c")
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="in/e")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="in/e", UploadId=upload, PartNumber=1, Body=b"1")["ETag"]
    s3.complete_multipart_upload(
        Bucket=BUCKET, Key="in/e", UploadId=upload, MultipartUpload={"Parts": [{"ETag": part, "PartNumber": 1}]}
    )
    assert store.told() == [
        ("ObjectCreated:Put", "in/a+b"),
        ("ObjectCreated:Copy", "in/d"),
        ("ObjectCreated:CompleteMultipartUpload", "in/e"),
    ]
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_object(Bucket=BUCKET, Key="in/d")
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "in/e"}]})
    assert store.told() == [("ObjectRemoved:DeleteMarkerCreated", f"in/{key}") for key in "de"]


def test_the_default_bus_is_told_all_where_the_bucket_says_so(cloud: LocalCloud) -> None:
    store = Store(cloud)
    store.s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    told = store.s3.get_bucket_notification_configuration(Bucket=BUCKET)
    assert told.get("EventBridgeConfiguration") == {}
    store.s3.put_object(Bucket=BUCKET, Key="a", Body=b"12")
    store.s3.delete_object(Bucket=BUCKET, Key="a")
    cloud.settle()
    events = [one.event for one in cloud.journal.of(EventRecord)]
    assert [one["detail-type"] for one in events] == ["Object Created", "Object Deleted"]
    assert events[0]["detail"]["object"]["size"] == 2
    assert events[1]["detail"]["deletion-type"] == "Permanently Deleted"


def test_whoever_does_not_let_s3_in_is_refused_and_later_hears_nothing(cloud: LocalCloud) -> None:
    store = Store(cloud)
    for bucket in ("", "another-bucket"):
        store.let(bucket)
        with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
            store.ask("s3:ObjectCreated:*")
    store.let()
    store.ask("s3:ObjectCreated:*")
    store.let("another-bucket")
    store.s3.put_object(Bucket=BUCKET, Key="a", Body=b"1")
    assert store.told() == []


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (["s3:ObjectRestore:*"], "s3:ObjectRestore"),
        (["s3:LifecycleExpiration:*"], "s3:LifecycleExpiration"),
        (["s3:Replication:*"], "s3:Replication"),
    ],
)
def test_what_nobody_would_be_told_of_is_refused_by_name(cloud: LocalCloud, events: list[str], told: str) -> None:
    store = Store(cloud)
    store.let()
    with pytest.raises(ClientError, match=f"{told}.* is not emulated"):
        store.ask(*events)


def test_two_rules_for_one_event_and_key_are_ambiguous(cloud: LocalCloud) -> None:
    store = Store(cloud)
    store.let()
    topic = {"TopicArn": f"arn:aws:sns:{cloud.region}:{ACCOUNT}:told", "Events": ["s3:ObjectCreated:Put"]}
    with pytest.raises(ClientError, match="ambiguously defined"):
        store.ask("s3:ObjectCreated:*", prefix="in/", TopicConfigurations=[topic])


def test_every_bucket_encrypts_by_default(cloud: LocalCloud) -> None:
    store = Store(cloud)

    def default() -> str:
        [rule] = store.s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
        return str(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])

    assert default() == "AES256"
    store.s3.put_object(Bucket=BUCKET, Key="a", Body=b"1")
    assert store.s3.head_object(Bucket=BUCKET, Key="a")["ServerSideEncryption"] == "AES256"
    by_key = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    store.s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=by_key)
    assert default() == "aws:kms"
    store.s3.delete_bucket_encryption(Bucket=BUCKET)
    assert default() == "AES256"
