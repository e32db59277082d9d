"""How each service takes tags and gives them up: by a call of its own, with its own rules.

What a service refuses of its own calls it refuses of the tagging API as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

type Tags = Mapping[str, str]
type Put = Callable[[Any, str, Tags], Any]
type Take = Callable[[Any, str, list[str]], Any]
type Taken = tuple[Put, Take]


class Owner(NamedTuple):
    """`service` as botocore calls it; `put` and `take` are given its client and the ARN."""

    service: str
    put: Put
    take: Take


def listed(tags: Tags, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def _calls(
    put: str, take: str, named: Callable[[Any, str], dict[str, Any]], tags: Callable[[Tags], Any], where: str, keys: str
) -> Taken:
    return (
        lambda client, arn, given: getattr(client, put)(**named(client, arn), **{where: tags(given)}),
        lambda client, arn, gone: getattr(client, take)(**named(client, arn), **{keys: gone}),
    )


def _by_list(member: str, *, put: str = "tag_resource", take: str = "untag_resource") -> Taken:
    return _calls(put, take, lambda _, arn: {member: arn}, listed, "Tags", "TagKeys")


def _by_map(member: str, *, where: str = "tags", keys: str = "tagKeys") -> Taken:
    return _calls("tag_resource", "untag_resource", lambda _, arn: {member: arn}, dict, where, keys)


def _by_small_list(member: str) -> Taken:
    tags: Callable[[Tags], Any] = lambda given: listed(given, "key", "value")  # noqa: E731 - one of two dresses
    return _calls("tag_resource", "untag_resource", lambda _, arn: {member: arn}, tags, "tags", "tagKeys")


def _of_queue(client: Any, arn: str) -> dict[str, Any]:
    _, _, _, _, owner, name = arn.split(":", 5)
    return {"QueueUrl": client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=owner)["QueueUrl"]}


def _of_parameter(_: Any, arn: str) -> dict[str, Any]:
    name = arn.partition(":parameter/")[2]
    return {"ResourceType": "Parameter", "ResourceId": f"/{name}" if "/" in name else name}


def _ec2(client: Any, arn: str, tags: Tags) -> None:
    client.create_tags(Resources=[arn.rpartition("/")[2]], Tags=listed(tags))


def _not_ec2(client: Any, arn: str, keys: list[str]) -> None:
    client.delete_tags(Resources=[arn.rpartition("/")[2]], Tags=[{"Key": key} for key in keys])


def _certificate(client: Any, arn: str, keys: list[str]) -> None:
    client.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": key} for key in keys])


def _bucket(client: Any, arn: str, tags: Tags, gone: list[str] | None = None) -> None:
    name = arn.rpartition(":")[2]
    try:
        there = {one["Key"]: one["Value"] for one in client.get_bucket_tagging(Bucket=name)["TagSet"]}
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "NoSuchTagSet":
            raise
        there = {}
    left = {key: value for key, value in {**there, **tags}.items() if key not in (gone or ())}
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed(left)})


OWNERS: dict[str, Owner] = {
    "acm": Owner(
        "acm",
        lambda client, arn, tags: client.add_tags_to_certificate(CertificateArn=arn, Tags=listed(tags)),
        _certificate,
    ),
    "cloudwatch": Owner("cloudwatch", *_by_list("ResourceARN")),
    "dynamodb": Owner("dynamodb", *_by_list("ResourceArn")),
    "ec2": Owner("ec2", _ec2, _not_ec2),
    "elasticloadbalancing": Owner(
        "elbv2",
        lambda client, arn, tags: client.add_tags(ResourceArns=[arn], Tags=listed(tags)),
        lambda client, arn, keys: client.remove_tags(ResourceArns=[arn], TagKeys=keys),
    ),
    "events": Owner("events", *_by_list("ResourceARN")),
    "kms": Owner(
        "kms",
        lambda client, arn, tags: client.tag_resource(KeyId=arn, Tags=listed(tags, "TagKey", "TagValue")),
        lambda client, arn, keys: client.untag_resource(KeyId=arn, TagKeys=keys),
    ),
    "lambda": Owner("lambda", *_by_map("Resource", where="Tags", keys="TagKeys")),
    "logs": Owner("logs", *_by_map("resourceArn")),
    "ram": Owner("ram", *_by_small_list("resourceShareArn")),
    "s3": Owner("s3", _bucket, lambda client, arn, keys: _bucket(client, arn, {}, keys)),
    "scheduler": Owner("scheduler", *_by_list("ResourceArn")),
    "secretsmanager": Owner("secretsmanager", *_by_list("SecretId")),
    "sns": Owner("sns", *_by_list("ResourceArn")),
    "sqs": Owner("sqs", *_calls("tag_queue", "untag_queue", _of_queue, dict, "Tags", "TagKeys")),
    "ssm": Owner(
        "ssm", *_calls("add_tags_to_resource", "remove_tags_from_resource", _of_parameter, listed, "Tags", "TagKeys")
    ),
    "states": Owner("stepfunctions", *_by_small_list("resourceArn")),
    "vpc-lattice": Owner("vpc-lattice", *_by_map("resourceArn")),
}
"""By the service's name in ARNs."""
