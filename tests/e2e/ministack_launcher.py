"""Starts MiniStack in this process, mended where our story needs what it lacks; it has an environment of its own.

Every difference from the stock engine (1.5.33) is a function `mend_*` in here whose docstring says why it is
needed. Nothing of the product is touched: what is mended is how MiniStack carries events, what it keeps of a load
balancer, what its CloudFormation can make, and whose permission it asks. AUTH is on (deployed.py).

Two doors are added to it, for the test alone: POST /_e2e/events hands an event in as AWS's own services do, and
GET /_e2e/view tells what the local cloud beside it must know to answer for the same accounts.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as engine
from ministack.core import iam_actions, iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import (
    acm,
    alb,
    cloudwatch_logs,
    ec2,
    eventbridge,
    iam,
    route53,
    sqs,
    stepfunctions,
    sts,
    tagging,
)
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks
from ministack.services.cloudformation import engine as cloudformation_engine

# The functions' too: they inherit this environment.
LOCAL_CLOUD = os.environ["AWS_ENDPOINT_URL_VPC_LATTICE"]

type Properties = dict[str, Any]
type Made = tuple[str, dict[str, str]]

log = logging.getLogger("mended")
deliveries: list[dict[str, str]] = []
"""What the rules did with the event that is being handed in: rule, target, and 'delivered' or why not."""


# --- whose permission is asked ---


def refusal(role_arn: str, service: str, source_arn: str, action: str, resource: str) -> str:
    """Why `service` may not do `action` in the name of the role, '' if it may: trust first, then the policies."""
    _, _, _, _, account, name = role_arn.split(":", 5)
    role = iam._roles.get_scoped(account, None, name.rsplit("/", 1)[-1])
    if role is None:
        return f"{role_arn} does not exist"
    on_behalf = {"aws:sourceaccount": source_arn.split(":")[4], "aws:sourcearn": source_arn}
    asked = context("sts:AssumeRole", role_arn, service, account, on_behalf)
    if iam_evaluator.evaluate_resource_policy(role["AssumeRolePolicyDocument"], asked, service).decision != "Allow":
        return f"{role_arn} does not trust {service}"
    asked = context(action, resource, role_arn, account, {})
    policies = iam_evaluator._gather_role_policies(role["RoleName"], account)
    if iam_evaluator.evaluate(asked, policies).decision != "Allow":
        return f"{role_arn} is not allowed {action} on {resource}"
    return ""


def context(action: str, resource: str, principal: str, account: str, keys: Mapping[str, str]) -> Any:
    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context=dict(keys),
        # What AWS itself sends comes over TLS.
        secure_transport=True,
    )


def mend_event_buses() -> None:
    """A rule's target on another account's bus is dropped by the stock engine; the members' rules have only such.

    As on AWS the target's role must be trusted and allowed, the bus's policy must admit the other account, the
    event keeps its id, account and time, and what came from another account is not passed on to a third.
    """

    def dispatch(spec: Any, event: dict[str, Any], rule: Any, path: set[str], _: Any = None) -> None:
        here, arn, name = get_account_id(), str(spec), spec.resource.removeprefix("event-bus/")
        target = next(one for one in eventbridge._targets.get(key_of(rule), []) if one["Arn"] == arn)
        why = refusal(target.get("RoleArn", ""), "events.amazonaws.com", rule["Arn"], "events:PutEvents", arn)
        if not why and spec.account_id != here:
            why = stranger(spec, name, target.get("RoleArn", ""), event, here)
        if why:
            told(rule, arn, why)
            return
        told(rule, arn, "delivered")
        forwarded = {**event, "EventBusName": name}
        with request_scope(spec.account_id, spec.region):
            eventbridge._archive_event(forwarded)
            eventbridge._dispatch_event({**forwarded, "_DispatchPath": [*path, key_of(rule)]})

    def stranger(spec: Any, name: str, role: str, event: dict[str, Any], here: str) -> str:
        if event["Account"] != here:
            return "THIRD_ACCOUNT_HOP_DETECTED"
        with request_scope(spec.account_id, spec.region):
            exists, policy = name in eventbridge._event_buses, eventbridge._event_bus_policies.get(name)
        if not exists:
            return f"{spec} does not exist"
        asked = context("events:PutEvents", str(spec), role, here, {})
        allowed = iam_evaluator.evaluate_resource_policy(policy, asked).decision == "Allow"
        return "" if allowed else f"the policy of {spec} does not admit {here}"

    eventbridge._dispatch_to_event_bus = dispatch


def key_of(rule: Mapping[str, Any]) -> Any:
    return eventbridge._rule_key(rule["Name"], rule.get("EventBusName", "default"))


def told(rule: Mapping[str, Any], target: str, how: str) -> None:
    deliveries.append({"rule": rule["Name"], "account": rule["Arn"].split(":")[4], "target": target, "how": how})
    log.info("%s -> %s: %s", rule["Arn"], target, how)


def mend_queues() -> None:
    """A rule puts its event into any queue by the stock engine; on AWS the queue's policy must let that rule in."""
    stock = eventbridge._invoke_target

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        arn = target["Arn"]
        if parse_arn(arn).service == "sqs":
            keys = {"aws:sourcearn": rule["Arn"], "aws:sourceaccount": get_account_id()}
            asked = context("sqs:SendMessage", arn, "events.amazonaws.com", "", keys)
            policy, _ = sqs.queue_policy_for_arn(arn) or (None, None)
            decision = iam_evaluator.evaluate_resource_policy(policy, asked, "events.amazonaws.com").decision
            if decision != "Allow":
                told(rule, arn, f"the policy of {arn} does not let the rule in")
                return
            told(rule, arn, "delivered")
        stock(target, event, rule, view)

    eventbridge._invoke_target = invoke


def mend_replays() -> None:
    """A replay goes to all rules of its bus by the stock engine; on AWS to those that it names, if it names any."""
    stock = eventbridge._invoke_target

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        replay = eventbridge._replays.get(event["ReplayName"]) if "ReplayName" in event else None
        only = replay["Destination"].get("FilterArns") if replay else None
        if not only or rule["Arn"] in only:
            stock(target, event, rule, view)

    eventbridge._invoke_target = invoke


def mend_state_machines() -> None:
    """A state machine invokes any function by the stock engine; on AWS its role must be trusted and allowed."""
    stock = stepfunctions._execute_task

    def execute(state: dict[str, Any], given: Any, execution: dict[str, Any], context: Any) -> Any:
        machine = execution["stateMachineArn"]
        role = stepfunctions._state_machines[machine]["roleArn"]
        why = refusal(role, "states.amazonaws.com", machine, "lambda:InvokeFunction", state["Resource"])
        if why:
            raise stepfunctions._ExecutionError("Lambda.AWSLambdaException", why)
        return stock(state, given, execution, context)

    stepfunctions._execute_task = execute


def mend_transport() -> None:
    """The templates refuse what does not come over TLS. Loopback has none here; what is tested is who may, not how."""
    stock = iam_evaluator.pin_request_origin
    engine.pin_request_origin = lambda address, _: stock(address, secure_transport=True)


def mend_principals() -> None:
    """`aws:PrincipalArn` is the role's ARN on AWS, not its session's; the members' roles trust by it."""
    stock = iam_evaluator._resolve_condition_key

    def resolve(key: str, asked: Any) -> Any:
        if key.lower() == "aws:principalarn" and ":assumed-role/" in asked.principal_arn:
            _, _, _, _, account, tail = asked.principal_arn.split(":", 5)
            name = tail.split("/")[1]
            role = iam._roles.get_scoped(account, None, name)  # a session's ARN lacks the path that its role's has
            return role["Arn"] if role else f"arn:aws:iam::{account}:role/{name}"
        return stock(key, asked)

    iam_evaluator._resolve_condition_key = resolve


def mend_resources() -> None:
    """Tagging calls of EC2 and ELB are checked on no resource by the stock engine, nor does it see their tags.

    The writer's policies go by both: which resource, and whether it carries our tag.
    """
    stock_arn, stock_tags = iam_actions.extract_resource_arn, tagging.resource_tags

    def arn_of(service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *more: Any) -> str:
        arn: str = stock_arn(service, method, path, headers, body, params, *more)
        if arn != "*":
            return arn
        if service == "elasticloadbalancing":
            return first_of(params.get("ResourceArns.member.1", "")) or arn
        named = first_of(params.get("ResourceId.1", "")) if service == "ec2" else ""
        kind = {"vpc": "vpc", "sg": "security-group"}.get(named.partition("-")[0])
        return f"arn:aws:ec2:{get_region()}:{get_account_id()}:{kind}/{named}" if kind else arn

    def tags_of(arn: str) -> dict[str, str] | None:
        service = arn.split(":")[2] if arn.startswith("arn:") else ""
        if service not in ("ec2", "elasticloadbalancing"):
            return stock_tags(arn)
        found = ec2._tags.get(arn.rpartition("/")[2]) if service == "ec2" else alb._tags.get(arn)
        return {tag["Key"]: tag["Value"] for tag in found or []}

    iam_actions.extract_resource_arn = arn_of
    # Which calls carry tags is read from the service's model; ELB's has another name than its permissions have.
    iam_actions._TAG_OPERATIONS["elasticloadbalancing"] = iam_actions._tag_operations("elbv2")
    tagging.resource_tags = tags_of


def first_of(value: Any) -> str:
    """A parameter of the query protocol, which the engine keeps in a list."""
    return str(value[0] if isinstance(value, list) else value)


def mend_balancers() -> None:
    """Every load balancer stands in one VPC by the stock engine; Lattice wants it in the VPC of its subnets."""
    stock = alb._create_lb

    def create(params: Any) -> Any:
        subnets = alb._parse_member_list(params, "Subnets")
        known = [ec2._subnets[one]["VpcId"] for one in subnets if one in ec2._subnets]
        return stock({**params, "VpcId": known[:1]} if known else params)

    alb._create_lb = create
    alb._ACTION_MAP["CreateLoadBalancer"] = create


def mend_prefix_lists() -> None:
    """A rule of a security group loses its prefix lists on the way in; `lattice:allow-from` may name them."""
    stock = ec2._parse_ip_permissions

    def parse(params: Any, prefix: str) -> list[dict[str, Any]]:
        rules: list[dict[str, Any]] = stock(params, prefix)
        for number, rule in enumerate(rules, 1):
            named = f"{prefix}.{number}.PrefixListIds."
            found = {key: value for key, value in params.items() if key.startswith(named)}
            lists = [first_of(found[key]) for key in sorted(found) if key.endswith(".PrefixListId")]
            rule["PrefixListIds"] = [{"PrefixListId": one} for one in lists]
        return rules

    ec2._parse_ip_permissions = parse


def mend_records() -> None:
    """IAM hears of no record by the stock engine, and the writer may make only those of some types and names."""
    stock = iam_actions.request_tag_context

    def keys(service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        told: dict[str, Any] = stock(service, action, body, params)
        if action != "route53:ChangeResourceRecordSets":
            return told
        said: dict[str, list[str]] = {"Name": [], "Type": [], "Action": []}
        for one in route53._parse_body(body).iter():
            said.get(one.tag.rpartition("}")[2], []).append((one.text or "").lower().rstrip("."))
        about = "route53:ChangeResourceRecordSets"
        return told | {
            f"{about}NormalizedRecordNames": said["Name"],
            f"{about}RecordTypes": [one.upper() for one in said["Type"]],
            f"{about}Actions": [one.upper() for one in said["Action"]],
        }

    iam_actions.request_tag_context = keys


# --- what CloudFormation can make ---


def client(service: str) -> Any:
    """A client of the local cloud, as the owner of the account whose stack is being made."""
    return botocore.session.Session().create_client(
        service,
        region_name=get_region(),
        endpoint_url=LOCAL_CLOUD,
        aws_access_key_id=get_account_id(),
        aws_secret_access_key="local",  # noqa: S106 - nothing checks signatures there
    )


def make_network(_: str, wanted: Properties, __: str) -> Made:
    found = client("vpc-lattice").create_service_network(name=wanted["Name"], authType=wanted.get("AuthType", "NONE"))
    return found["arn"], {"Arn": found["arn"], "Id": found["id"]}


def change_network(arn: str, _: Properties, wanted: Properties, __: str) -> Made:
    client("vpc-lattice").update_service_network(serviceNetworkIdentifier=arn, authType=wanted.get("AuthType", "NONE"))
    return arn, {"Arn": arn, "Id": arn.rsplit("/", 1)[-1]}


def make_policy(_: str, wanted: Properties, __: str) -> Made:
    resource, policy = wanted["ResourceIdentifier"], wanted["Policy"]
    text = policy if isinstance(policy, str) else json.dumps(policy)
    found = client("vpc-lattice").put_auth_policy(resourceIdentifier=resource, policy=text)
    return resource, {"State": found["state"]}


def make_subscription(_: str, wanted: Properties, __: str) -> Made:
    found = client("vpc-lattice").create_access_log_subscription(
        resourceIdentifier=wanted["ResourceIdentifier"], destinationArn=wanted["DestinationArn"]
    )
    return found["arn"], {"Arn": found["arn"], "Id": found["id"]}


def make_share(_: str, wanted: Properties, __: str) -> Made:
    found = client("ram").create_resource_share(
        name=wanted["Name"],
        resourceArns=wanted.get("ResourceArns", []),
        principals=wanted.get("Principals", []),
        allowExternalPrincipals=truth(wanted.get("AllowExternalPrincipals", True)),
    )
    arn = found["resourceShare"]["resourceShareArn"]
    return arn, {"Arn": arn}


def make_stack_set(name: str, _: Properties, __: str) -> Made:
    """As AWS says it where an account is in no organisation; MiniStack has none."""
    raise ValueError(f"{name}: you must be the management account or a delegated administrator of an organization")


def truth(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() == "true"


def make_bus_policy(_: str, wanted: Properties, __: str) -> Made:
    """The bus keeps whole statements; the template gives one."""
    bus, sid = wanted["EventBusName"], wanted["StatementId"]
    policy = eventbridge._event_bus_policies.setdefault(bus, {"Version": "2012-10-17", "Statement": []})
    others = [one for one in policy["Statement"] if one["Sid"] != sid]
    policy["Statement"] = [*others, {"Sid": sid, **wanted["Statement"]}]
    return f"{bus}|{sid}", {}


def end_bus_policy(_: str, wanted: Properties) -> None:
    eventbridge._remove_permission({"EventBusName": wanted["EventBusName"], "StatementId": wanted["StatementId"]})


def make_archive(_: str, wanted: Properties, __: str) -> Made:
    name = wanted["ArchiveName"]
    eventbridge._archives.pop(name, None)  # an update writes it whole
    asked = {
        **wanted,
        "EventSourceArn": wanted["SourceArn"],
        "EventPattern": json.dumps(wanted["EventPattern"]),
        "RetentionDays": int(wanted.get("RetentionDays", 0)),
    }
    status, _, body = eventbridge._create_archive(asked)
    if status != 200:
        raise ValueError(f"{name}: {body!r}")
    return name, {"Arn": json.loads(body)["ArchiveArn"]}


def end_archive(name: str, _: Properties) -> None:
    eventbridge._delete_archive({"ArchiveName": name})


def ending(service: str, operation: str, parameter: str) -> Callable[[str, Properties], None]:
    """Deletes by the ARN; what is gone already is fine."""

    def end(arn: str, _: Properties) -> None:
        try:
            getattr(client(service), operation)(**{parameter: arn})
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("ResourceNotFoundException", "UnknownResourceException"):
                raise

    return end


def again(make: Callable[[str, Properties, str], Made]) -> Callable[[str, Properties, Properties, str], Made]:
    """An update of what is written whole."""
    return lambda _, __, wanted, stack: make("", wanted, stack)


def mend_alarms() -> None:
    """An alarm on an expression of metrics is refused; it watches the first of them here: none rings in the story."""
    stock = provisioners._cw_metric_alarm_record

    def record(name: str, wanted: Properties) -> Any:
        first = next((one["MetricStat"] for one in wanted.get("Metrics", []) if "MetricStat" in one), None)
        if first is None:
            return stock(name, wanted)
        plain = {key: value for key, value in wanted.items() if key != "Metrics"}
        return stock(name, {**plain, **first["Metric"], "Statistic": first["Stat"], "Period": first["Period"]})

    provisioners._cw_metric_alarm_record = record


def mend_boundaries() -> None:
    """CloudFormation forgets a role's permissions boundary. IAM here keeps one, and lets it take nothing away."""
    handlers_of_roles = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
    stock = handlers_of_roles["create"]

    def create(logical: str, wanted: Properties, stack: str) -> Made:
        name, attributes = stock(logical, wanted, stack)
        provisioners._iam._roles[name]["PermissionsBoundary"] = wanted.get("PermissionsBoundary", "")
        return name, attributes

    handlers_of_roles["create"] = create


def mend_conditions() -> None:
    """A condition's Fn::Join is no string to the stock engine, so that an empty list of a parameter is never empty."""
    stock = cloudformation_engine._evaluate_conditions

    def joined(node: Any, parameters: dict[str, Any]) -> Any:
        if isinstance(node, list):
            return [joined(one, parameters) for one in node]
        if not isinstance(node, dict):
            return node
        if "Fn::Join" not in node:
            return {name: joined(value, parameters) for name, value in node.items()}
        between, items = node["Fn::Join"]
        if isinstance(items, dict):  # a parameter that is a list comes as it was given, with commas
            return between.join(str(parameters[items["Ref"]]["Value"]).split(","))
        return between.join(parameters[one["Ref"]]["Value"] if isinstance(one, dict) else one for one in items)

    def evaluate(template: dict[str, Any], parameters: dict[str, Any]) -> Any:
        return stock({**template, "Conditions": joined(template.get("Conditions", {}), parameters)}, parameters)

    for module in (cloudformation_engine, changesets, handlers, provisioners, stacks):
        if hasattr(module, "_evaluate_conditions"):
            module._evaluate_conditions = evaluate


def mend_types() -> None:
    """CloudFormation lacks Lattice, RAM, bus policies and archives; the first two are made in the local cloud.

    They are made by a thread of their own, since the local cloud asks back (`view`) before it answers.
    """
    made: dict[str, dict[str, Any]] = {
        "AWS::VpcLattice::ServiceNetwork": {
            "create": make_network,
            "update": change_network,
            "delete": ending("vpc-lattice", "delete_service_network", "serviceNetworkIdentifier"),
        },
        "AWS::VpcLattice::AuthPolicy": {
            "create": make_policy,
            "update": again(make_policy),
            "delete": ending("vpc-lattice", "delete_auth_policy", "resourceIdentifier"),
        },
        "AWS::VpcLattice::AccessLogSubscription": {
            "create": make_subscription,
            "delete": ending("vpc-lattice", "delete_access_log_subscription", "accessLogSubscriptionIdentifier"),
        },
        "AWS::RAM::ResourceShare": {
            "create": make_share,
            "delete": ending("ram", "delete_resource_share", "resourceShareArn"),
        },
        "AWS::CloudFormation::StackSet": {"create": make_stack_set},
        "AWS::Events::EventBusPolicy": {
            "create": make_bus_policy,
            "update": again(make_bus_policy),
            "delete": end_bus_policy,
        },
        "AWS::Events::Archive": {"create": make_archive, "update": again(make_archive), "delete": end_archive},
    }
    provisioners._RESOURCE_HANDLERS.update(made)
    stock = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind in made or stock(kind)


MENDS = (
    mend_event_buses,
    mend_queues,
    mend_replays,
    mend_state_machines,
    mend_transport,
    mend_principals,
    mend_resources,
    mend_balancers,
    mend_prefix_lists,
    mend_records,
    mend_alarms,
    mend_boundaries,
    mend_conditions,
    mend_types,
)


# --- the test's two doors ---


def hand_in(event: dict[str, Any]) -> list[dict[str, str]]:
    """Put an event on its account's default bus, as AWS's own services do; PutEvents refuses `aws.` sources.

    Answers what the rules did with it.
    """
    deliveries.clear()
    record = {
        "EventId": event["id"],
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "EventBusName": "default",
        "Time": int(datetime.fromisoformat(event["time"]).timestamp()),
        "Resources": event["resources"],
        "Account": event["account"],
        "Region": event["region"],
    }
    with request_scope(event["account"], event["region"]):
        eventbridge._dispatch_event(record)
    return list(deliveries)


def view() -> dict[str, Any]:
    """What the local cloud looks for in every account, in MiniStack's own words."""
    return {
        "sessions": {key: session["Arn"] for key, session in sts._sessions.items()},
        "roles": records(iam._roles),
        "vpcs": records(ec2._vpcs),
        "groups": records(ec2._security_groups),
        "balancers": records(alb._lbs),
        "listeners": records(alb._listeners),
        "log_groups": [{"account": key[0], "name": key[-1]} for key in cloudwatch_logs._log_groups._data],
        "log_policies": records(cloudwatch_logs._resource_policies),
        "certificates": [
            {"account": key[0], "arn": one["CertificateArn"], "names": one["SubjectAlternativeNames"]}
            for key, one in acm._certificates._data.items()
            if one["Status"] == "ISSUED"
        ],
        "tags": {key[-1]: tags for store in (ec2._tags, alb._tags) for key, tags in store._data.items()},
    }


def records(store: Any) -> list[dict[str, Any]]:
    """The records of all accounts, each with its `account`."""
    return [{"account": key[0], **record} for key, record in store._data.items()]


async def app(scope: Any, receive: Any, send: Any) -> None:
    path = scope.get("path", "")
    if not path.startswith("/_e2e/"):
        await engine.app(scope, receive, send)
        return
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    answer: Any = hand_in(json.loads(body)) if path == "/_e2e/events" else view()
    text = json.dumps(answer, default=str).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": text})


def main() -> None:
    for mend in MENDS:
        mend()
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
