"""Log groups and their policies, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Gone, Made, Properties, Work, as_json, camel_case, kind, retag, there


def _read_log_group(work: Work) -> Properties:
    name = there(work).id
    groups = work.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    for group in groups:
        if group["logGroupName"] == name:
            return {"RetentionInDays": group.get("retentionInDays")}
    raise Gone(f"no log group {name}")


@kind(
    "AWS::Logs::LogGroup",
    lambda work: work.client("logs").delete_log_group(logGroupName=there(work).id),
    attributes=("Arn",),
    replaces=("LogGroupName", "LogGroupClass"),
    read=_read_log_group,
)
def _log_group(work: Work) -> Made:
    logs = work.client("logs")
    name = work.name(work.take("LogGroupName"), 512)
    days = work.take("RetentionInDays")
    given = camel_case(work.take_some("KmsKeyId", "LogGroupClass"))
    if work.old is None:
        tags = work.tags()
        logs.create_log_group(logGroupName=name, **given, **({"tags": tags} if tags else {}))
    else:
        arn = work.old.attributes["Arn"].removesuffix(":*")
        retag(
            work,
            lambda tags: logs.tag_resource(resourceArn=arn, tags=tags),
            lambda keys: logs.untag_resource(resourceArn=arn, tagKeys=keys),
        )
    if days is not None:
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))
    elif work.old_properties.get("RetentionInDays") is not None:
        logs.delete_retention_policy(logGroupName=name)
    return Made(name, {"Arn": f"arn:aws:logs:{work.region}:{work.account}:log-group:{name}:*"})


@kind(
    "AWS::Logs::ResourcePolicy",
    lambda work: work.client("logs").delete_resource_policy(policyName=there(work).id),
    replaces=("PolicyName",),
    requires=(
        "PolicyName",
        "PolicyDocument",
    ),
)
def _logs_policy(work: Work) -> Made:
    name = work.require("PolicyName")
    work.client("logs").put_resource_policy(policyName=name, policyDocument=as_json(work.require("PolicyDocument")))
    return Made(name, {})
