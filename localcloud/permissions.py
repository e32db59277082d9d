"""What IAM must allow before a call to a moto service is answered: action, resource, condition keys.

The Service Authorization Reference is the source; where it names no resource for an operation, `*` is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import botocore.session
from moto.backends import get_backend
from onramp.core.policy import Decision, Values

from localcloud.caller import Caller
from localcloud.errors import AwsError
from localcloud.iam import refusal

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

type Requirement = tuple[str, str, dict[str, Values]]

# IAM's prefix where botocore's signing name is another word (tagging, monitoring), and those that are asked
# for so often that loading the service's model for them would be felt.
_PREFIXES = {
    "cloudwatch": "cloudwatch",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
    **{name: name for name in ("dynamodb", "ec2", "events", "iam", "lambda", "logs", "sns", "sqs", "sts")},
}


@dataclass(frozen=True)
class Call:
    """One call, as the rules below look at it."""

    service: str
    operation: str
    params: dict[str, Any]
    caller: Caller
    cloud: LocalCloud

    @property
    def prefix(self) -> str:
        return prefix(self.service)

    @property
    def action(self) -> str:
        return f"{self.prefix}:{self.operation}"

    def arn(self, tail: str, service: str = "") -> str:
        """An ARN in the caller's account and region."""
        return f"arn:aws:{service or self.prefix}:{self.caller.region}:{self.caller.account}:{tail}"

    def get(self, *names: str) -> str:
        """The first of these parameters that is given as text, or ''."""
        return next((self.params[n] for n in names if isinstance(self.params.get(n), str)), "")


def requirements(
    service: str, operation: str, params: dict[str, Any], caller: Caller, cloud: LocalCloud
) -> list[Requirement]:
    """All that `caller` must be allowed for this call: (action, resource ARN or `*`, condition keys).

    `service` is botocore's name; `params` carry the model's member names.
    """
    call = Call(service, operation, params, caller, cloud)
    rule = _RULES.get(service, _plain)
    return [*rule(call), *_passed_roles(call)]


def denial(service: str, caller: Caller, action: str, resource: str, decision: Decision) -> AwsError:
    """The error with which `service` refuses: its own code and HTTP status, AWS's wording."""
    code, status = _REFUSALS.get(service, ("AccessDeniedException", 400))
    text = refusal(caller, action, resource, decision)
    if service == "ec2":
        text = f"You are not authorized to perform this operation. {text}"
    return AwsError(code, text, status)


_REFUSALS: dict[str, tuple[str, int]] = {
    "ec2": ("UnauthorizedOperation", 403),
    "sns": ("AuthorizationError", 403),
    **dict.fromkeys(
        ("autoscaling", "cloudformation", "cloudwatch", "elbv2", "iam", "s3", "sqs", "sts"),
        ("AccessDenied", 403),
    ),
    **dict.fromkeys(("lambda", "ram", "scheduler", "vpc-lattice", "xray"), ("AccessDeniedException", 403)),
}


@lru_cache
def prefix(service: str) -> str:
    """IAM's prefix of a botocore service: `elasticloadbalancing` for elbv2, `states` for stepfunctions."""
    if service in _PREFIXES:
        return _PREFIXES[service]
    return str(botocore.session.get_session().get_service_model(service).signing_name)


def resource_tags(arn: str, cloud: LocalCloud) -> dict[str, Values]:
    """`aws:ResourceTag/…` of a load balancer, EC2, Lattice or RAM resource; nothing for what is not there."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or "*" in arn:
        return {}
    _, _, service, region, account, tail = parts
    tags: dict[str, str] = {}
    if service == "ec2":
        tags = get_backend("ec2")[account][region].tags.get(tail.split("/")[-1], {})
    elif service == "elasticloadbalancing":
        tags = get_backend("elbv2")[account][region].tagging_service.get_tag_dict_for_resource(arn)
    elif service == "vpc-lattice":
        tags = cloud.lattice.tags_of(arn)
    elif service == "ram":
        tags = cloud.ram.tags_of(arn)
    return {f"aws:ResourceTag/{key}": str(value or "") for key, value in tags.items()}


def request_tags(tags: Any, keys: Any = None) -> dict[str, Values]:
    """`aws:RequestTag/…` and `aws:TagKeys` of tags in any of AWS's spellings, or of keys to remove."""
    named = dict(_pairs(tags))
    every = [*named, *(keys if isinstance(keys, list) else [])]
    context: dict[str, Values] = {f"aws:RequestTag/{key}": value for key, value in named.items()}
    return context | {"aws:TagKeys": every} if every else context


def _pairs(tags: Any) -> Iterable[tuple[str, str]]:
    if isinstance(tags, dict):
        yield from ((str(k), str(v)) for k, v in tags.items())
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, dict):
            lower = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
            yield str(lower.get("key", "")), str(lower.get("value") or "")


def _asked(call: Call) -> dict[str, Values]:
    """The request's tags, wherever this API puts them."""
    tags = next((call.params[n] for n in ("Tags", "tags", "TagList") if call.params.get(n)), None)
    keys = next((call.params[n] for n in ("TagKeys", "tagKeys") if call.params.get(n)), None)
    return request_tags(tags, keys)


def _plain(call: Call) -> list[Requirement]:
    arn = call.get("ResourceArn", "resourceArn", "ResourceARN")
    return [(call.action, arn or "*", _asked(call))]


def _one(call: Call, resource: str, more: dict[str, Values] | None = None, action: str = "") -> list[Requirement]:
    return [(action or call.action, resource, _asked(call) | (more or {}))]


# --- passing a role ----------------------------------------------------------------------------------------

_PASSED = {
    "lambda": ("lambda.amazonaws.com", {"CreateFunction", "UpdateFunctionConfiguration"}),
    "stepfunctions": ("states.amazonaws.com", {"CreateStateMachine", "UpdateStateMachine"}),
    "events": ("events.amazonaws.com", {"PutRule", "PutTargets", "CreateEventBus"}),
    "scheduler": ("scheduler.amazonaws.com", {"CreateSchedule", "UpdateSchedule"}),
    "cloudformation": ("cloudformation.amazonaws.com", {"CreateStack", "UpdateStack", "CreateChangeSet"}),
}


def _passed_roles(call: Call) -> list[Requirement]:
    service, operations = _PASSED.get(call.service, ("", set()))
    if call.operation not in operations:
        return []
    arns = dict.fromkeys(_roles_in(call.params))
    return [("iam:PassRole", arn, {"iam:PassedToService": service}) for arn in arns]


def _roles_in(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name.lower() in ("role", "rolearn") and isinstance(inner, str) and ":role/" in inner:
                yield inner
            else:
                yield from _roles_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _roles_in(inner)


# --- DynamoDB ----------------------------------------------------------------------------------------------

_WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def _dynamodb(call: Call) -> list[Requirement]:
    params = call.params
    if call.operation in ("TransactWriteItems", "TransactGetItems"):
        return [
            (
                f"dynamodb:{_WRITES.get(kind, 'GetItem')}",
                _table(call, part["TableName"]),
                _leading(call, part),
            )
            for item in params.get("TransactItems", [])
            for kind, part in item.items()
        ]
    if call.operation in ("BatchGetItem", "BatchWriteItem"):
        return [(call.action, _table(call, name), {}) for name in params.get("RequestItems", {})]
    if not call.get("TableName"):
        return _plain(call)
    arn = _table(call, params["TableName"])
    if call.operation in ("Query", "Scan") and params.get("IndexName"):
        arn = f"{arn}/index/{params['IndexName']}"
    return _one(call, arn, _leading(call, params))


def _table(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(f"table/{name}")


def _leading(call: Call, part: dict[str, Any]) -> dict[str, Values]:
    """`dynamodb:LeadingKeys`: the partition keys that a single-item call touches."""
    item = part.get("Key") or part.get("Item")
    name = str(part.get("TableName", "")).rsplit("/", 1)[-1]
    table = get_backend("dynamodb")[call.caller.account][call.caller.region].tables.get(name)
    if not item or table is None or table.hash_key_attr not in item:
        return {}
    return {"dynamodb:LeadingKeys": [str(value) for value in item[table.hash_key_attr].values()]}


# --- Step Functions, SQS, SNS, EventBridge, Lambda, Scheduler ----------------------------------------------


def _states(call: Call) -> list[Requirement]:
    arn = call.get("stateMachineArn", "executionArn", "activityArn", "mapRunArn", "resourceArn")
    if call.operation == "CreateStateMachine":
        arn = call.arn(f"stateMachine:{call.get('name')}")
    return _one(call, arn or "*")


def _sqs(call: Call) -> list[Requirement]:
    action = call.action.removesuffix("Batch")
    url = call.get("QueueUrl")
    if url:
        account, name = ([call.caller.account, *url.rstrip("/").split("/")])[-2:]
        return _one(call, f"arn:aws:sqs:{call.caller.region}:{account}:{name}", action=action)
    name = call.get("QueueName")
    return _one(call, call.arn(name) if name else "*", action=action)


def _sns(call: Call) -> list[Requirement]:
    arn = call.get("TopicArn", "TargetArn", "ResourceArn")
    if not arn and call.get("SubscriptionArn"):
        arn = call.get("SubscriptionArn").rsplit(":", 1)[0]
    if call.operation == "CreateTopic":
        arn = call.arn(call.get("Name"))
    action = "sns:Publish" if call.operation == "PublishBatch" else call.action
    more: dict[str, Values] = {}
    if call.operation == "Subscribe":
        more = {"sns:Protocol": call.get("Protocol"), "sns:Endpoint": call.get("Endpoint")}
    return _one(call, arn or "*", more, action)


def _bus(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(f"event-bus/{name or 'default'}")


def _events(call: Call) -> list[Requirement]:
    params = call.params
    if call.operation == "PutEvents":
        return [
            (
                "events:PutEvents",
                _bus(call, entry.get("EventBusName", "")),
                {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")},
            )
            for entry in params.get("Entries", [])
        ]
    rule = call.get("Rule") or (call.get("Name") if call.operation.endswith("Rule") else "")
    if rule:
        bus = _bus(call, call.get("EventBusName")).split("/", 1)[1]
        arn = call.arn(f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}")
        more: dict[str, Values] = {"events:creatorAccount": call.caller.account}
        if call.operation == "PutTargets":
            more["events:TargetArn"] = [target.get("Arn", "") for target in params.get("Targets", [])]
        return _one(call, arn, more)
    if call.operation.endswith("EventBus") or call.operation in ("PutPermission", "RemovePermission"):
        return _one(call, _bus(call, call.get("Name", "EventBusName")))
    return _plain(call)


def _lambda(call: Call) -> list[Requirement]:
    action = {"Invoke": "lambda:InvokeFunction", "InvokeAsync": "lambda:InvokeAsync"}.get(call.operation, call.action)
    name = call.get("FunctionName")
    if call.operation in ("CreateEventSourceMapping", "UpdateEventSourceMapping"):
        return _one(call, "*", {"lambda:FunctionArn": _function(call, name)})
    if name:
        return _one(call, _function(call, name), action=action)
    if call.get("LayerName"):
        version = f":{call.params['VersionNumber']}" if call.params.get("VersionNumber") else ""
        return _one(call, call.arn(f"layer:{call.get('LayerName')}{version}"))
    arn = call.get("Resource")
    return [(action, arn, _asked(call))] if arn else _plain(call)


def _function(call: Call, name: str) -> str:
    """A function's ARN by any of its spellings: name, name:version, account:function:name, ARN."""
    if not name.startswith("arn:"):
        name = call.arn(f"function:{name.rsplit('function:', 1)[-1]}")
    qualifier = call.get("Qualifier")
    return f"{name}:{qualifier}" if qualifier and name.count(":") == 6 else name


def _scheduler(call: Call) -> list[Requirement]:
    group, name = call.get("GroupName") or "default", call.get("Name")
    if call.operation.endswith("ScheduleGroup") and name:
        return _one(call, call.arn(f"schedule-group/{name}"))
    if name:
        return _one(call, call.arn(f"schedule/{group}/{name}"))
    return _plain(call)


# --- EC2 ---------------------------------------------------------------------------------------------------

_EC2_TYPES = {
    "acl": "network-acl",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
_EC2_ID = re.compile(r"([a-z]+)-[0-9a-f]{8,17}")


def _ec2(call: Call) -> list[Requirement]:
    operation, params = call.operation, call.params
    if re.match(r"(Describe|Get|Search|List)", operation):
        return [(call.action, "*", {})]
    if operation in ("CreateTags", "DeleteTags"):
        tags = params.get("Tags", [])
        asked = request_tags(tags if operation == "CreateTags" else [], [tag.get("Key", "") for tag in tags])
        if "aws:TagKeys" in asked:
            asked["aws:TagKeys"] = list(dict.fromkeys(asked["aws:TagKeys"]))
        return [(call.action, arn, asked | _of_ec2(call, arn)) for arn in map(_ec2_arn(call), params["Resources"])]
    specified = params.get("TagSpecifications") or []
    tagged = [
        (
            "ec2:CreateTags",
            call.arn(f"{spec.get('ResourceType', '*')}/*"),
            request_tags(spec.get("Tags")) | {"ec2:CreateAction": operation},
        )
        for spec in specified
        if spec.get("Tags")
    ]
    asked = request_tags([tag for spec in specified for tag in spec.get("Tags", [])])
    if operation == "CreateSecurityGroup":
        vpc = call.arn(f"vpc/{params['VpcId']}") if params.get("VpcId") else call.arn("vpc/*")
        group = (call.action, call.arn("security-group/*"), asked | {"ec2:Vpc": vpc})
        return [group, (call.action, vpc, _of_ec2(call, vpc)), *tagged]
    ids = [value for value in params.values() if isinstance(value, str) and _EC2_ID.fullmatch(value)]
    named = [(call.action, arn, asked | _of_ec2(call, arn)) for arn in map(_ec2_arn(call), ids)]
    return [*(named or [(call.action, "*", asked)]), *tagged]


def _ec2_arn(call: Call) -> Callable[[str], str]:
    def arn(id: str) -> str:
        return call.arn(f"{_EC2_TYPES.get(id.rsplit('-', 1)[0], '*')}/{id}")

    return arn


def _of_ec2(call: Call, arn: str) -> dict[str, Values]:
    """A resource's tags, its id and its VPC as EC2's condition keys."""
    kind, _, id = arn.split(":", 5)[5].partition("/")
    context = resource_tags(arn, call.cloud)
    context |= {f"ec2:{key[4:]}": value for key, value in context.items() if key.startswith("aws:ResourceTag/")}
    backend = get_backend("ec2")[call.caller.account][call.caller.region]
    if kind == "security-group":
        context["ec2:SecurityGroupID"] = id
        group = backend.get_security_group_from_id(id)
        if group is not None and group.vpc_id:
            context["ec2:Vpc"] = call.arn(f"vpc/{group.vpc_id}")
    elif kind == "vpc":
        context["ec2:VpcID"] = id
    return context


# --- Elastic Load Balancing --------------------------------------------------------------------------------


def _elbv2(call: Call) -> list[Requirement]:
    operation, params = call.operation, call.params
    if operation.startswith("Describe"):
        return [(call.action, "*", {})]
    asked = _asked(call)
    if operation in ("AddTags", "RemoveTags"):
        arns = params.get("ResourceArns", [])
        return [(call.action, arn, asked | _of_elb(call, arn)) for arn in arns]
    if operation.startswith("Create"):
        arn = _new_elb(call)
        needs: list[Requirement] = [(call.action, arn, asked | _of_elb(call, arn))]
        if asked:
            made = arn if arn.endswith("*") else arn.replace(":loadbalancer/", ":listener/") + "/*"
            needs.append(
                (
                    "elasticloadbalancing:AddTags",
                    made,
                    asked | {"elasticloadbalancing:CreateAction": operation},
                )
            )
        return needs
    arn = call.get("LoadBalancerArn", "ListenerArn", "TargetGroupArn", "RuleArn") or "*"
    return [(call.action, arn, asked | _of_elb(call, arn))]


def _new_elb(call: Call) -> str:
    """What a creation acts on: the object to be, or the parent that it is made in."""
    kinds = {"network": "net", "gateway": "gwy"}
    if call.operation == "CreateLoadBalancer":
        return call.arn(f"loadbalancer/{kinds.get(call.get('Type'), 'app')}/{call.get('Name')}/*")
    if call.operation == "CreateTargetGroup":
        return call.arn(f"targetgroup/{call.get('Name')}/*")
    return call.get("LoadBalancerArn", "ListenerArn") or "*"


def _of_elb(call: Call, arn: str) -> dict[str, Values]:
    context = resource_tags(arn, call.cloud)
    own = {
        f"elasticloadbalancing:{key[4:]}": value for key, value in context.items() if key.startswith("aws:ResourceTag/")
    }
    return context | own


# --- tagging API, IAM, CloudWatch, KMS, S3 -----------------------------------------------------------------

# Tagging through the tagging API needs the owning service's own permission as well.
_TAG_ACTIONS = {
    "ec2": ("ec2:CreateTags", "ec2:DeleteTags"),
    "elasticloadbalancing": ("elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"),
    "lambda": ("lambda:TagResource", "lambda:UntagResource"),
    "sqs": ("sqs:TagQueue", "sqs:UntagQueue"),
}


def _tagging(call: Call) -> list[Requirement]:
    if call.operation not in ("TagResources", "UntagResources"):
        return [(call.action, "*", {})]
    asked = request_tags(call.params.get("Tags"), call.params.get("TagKeys"))
    needs: list[Requirement] = [(call.action, "*", asked)]
    for arn in call.params.get("ResourceARNList", []):
        service = arn.split(":")[2]
        pair = _TAG_ACTIONS.get(service, (f"{service}:TagResource", f"{service}:UntagResource"))
        action = pair[call.operation == "UntagResources"]
        needs.append((action, arn, asked | resource_tags(arn, call.cloud)))
    return needs


def _iam(call: Call) -> list[Requirement]:
    name = call.get("RoleName")
    more: dict[str, Values] = {}
    if call.get("PolicyArn"):
        more["iam:PolicyARN"] = call.get("PolicyArn")
    if call.operation == "CreateServiceLinkedRole":
        service = call.get("AWSServiceName")
        arn = f"arn:aws:iam::{call.caller.account}:role/aws-service-role/{service}/*"
        return _one(call, arn, {"iam:AWSServiceName": service})
    if name:
        roles = get_backend("iam")[call.caller.account]["aws"].roles.values()
        path = next((role.path for role in roles if role.name == name), call.get("Path") or "/")
        return _one(call, f"arn:aws:iam::{call.caller.account}:role{path}{name}", more)
    return _one(call, call.get("PolicyArn") or "*", more)


def _cloudwatch(call: Call) -> list[Requirement]:
    if call.operation == "PutMetricData":
        return _one(call, "*", {"cloudwatch:namespace": call.get("Namespace")})
    if call.operation in ("PutMetricAlarm", "PutCompositeAlarm"):
        return _one(call, call.arn(f"alarm:{call.get('AlarmName')}"))
    return _plain(call)


_LOGS_EVERYWHERE = re.compile(r"(DescribeLogGroups|.*LogDeliver(y|ies)|.*ResourcePolic(y|ies))")


def _logs(call: Call) -> list[Requirement]:
    group = call.get("logGroupName", "logGroupIdentifier")
    if not group or _LOGS_EVERYWHERE.fullmatch(call.operation):
        return _plain(call)
    arn = group if group.startswith("arn:") else call.arn(f"log-group:{group}")
    stream = call.get("logStreamName")
    # Groups are named with a trailing :* in policies; only streams have a tail of their own.
    return _one(call, f"{arn.removesuffix(':*')}:log-stream:{stream}" if stream else f"{arn.removesuffix(':*')}:*")


def _kms(call: Call) -> list[Requirement]:
    key = call.get("KeyId")
    if key.startswith(("alias/", "arn:")) and ":key/" not in key:
        alias = key.rsplit(":", 1)[-1]
        backend = get_backend("kms")[call.caller.account][call.caller.region]
        key = backend.get_key_id_from_alias(alias) or key
    if not key:
        return _plain(call)
    return _one(call, key if key.startswith("arn:") else call.arn(f"key/{key}"))


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


def _s3(call: Call) -> list[Requirement]:
    action = f"s3:{_S3_ACTIONS.get(call.operation, call.operation)}"
    bucket, key = call.get("Bucket"), call.get("Key")
    if call.operation == "ListBuckets" or not bucket:
        return [(action, "*", {})]
    base = f"arn:aws:s3:::{bucket}"
    if call.operation == "DeleteObjects":
        objects = call.params.get("Delete", {}).get("Objects", [])
        return [(action, f"{base}/{item.get('Key', '')}", {}) for item in objects]
    needs: list[Requirement] = [(action, f"{base}/{key}" if key else base, _asked(call))]
    source = call.params.get("CopySource")
    if isinstance(source, str):
        needs.append(("s3:GetObject", f"arn:aws:s3:::{source.lstrip('/')}", {}))
    return needs


def _cloudformation(call: Call) -> list[Requirement]:
    name = call.get("StackName")
    if not name:
        return _plain(call)
    return _one(call, name if name.startswith("arn:") else call.arn(f"stack/{name}/*"))


def _ssm(call: Call) -> list[Requirement]:
    names = [call.get("Name")] if call.get("Name") else call.params.get("Names", [])
    return [(call.action, call.arn(f"parameter/{name.lstrip('/')}"), _asked(call)) for name in names] or _plain(call)


def _sts(call: Call) -> list[Requirement]:
    return call.cloud.sts.authorisation(call.operation, call.params, call.caller)


def _acm(call: Call) -> list[Requirement]:
    return _one(call, call.get("CertificateArn") or "*")


_RULES: dict[str, Callable[[Call], list[Requirement]]] = {
    "acm": _acm,
    "cloudformation": _cloudformation,
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "elbv2": _elbv2,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "resourcegroupstaggingapi": _tagging,
    "s3": _s3,
    "scheduler": _scheduler,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
    "stepfunctions": _states,
    "sts": _sts,
}
