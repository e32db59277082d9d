"""Buses, their policies, rules and archives, as CloudFormation makes them."""

from __future__ import annotations

import json
from typing import Any

from localcloud.ground.kinds import Gone, Made, Properties, ResourceFailed, Work, as_json, kind, picked, retag, there


def _read_bus(work: Work) -> Properties:
    return picked(work.client("events").describe_event_bus(Name=there(work).id), "Name", "Description")


@kind(
    "AWS::Events::EventBus",
    lambda work: work.client("events").delete_event_bus(Name=there(work).id),
    attributes=("Arn", "Name", "Policy"),
    replaces=("Name",),
    requires=("Name",),
    read=_read_bus,
)
def _event_bus(work: Work) -> Made:
    events = work.client("events")
    name = work.require("Name")
    given = work.take_some("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig", "EventSourceName")
    if work.old is None:
        arn = events.create_event_bus(Name=name, Tags=work.tag_list(), **given)["EventBusArn"]
    else:
        arn = work.old.attributes["Arn"]
        if given:
            events.update_event_bus(Name=name, **given)
        retag(
            work,
            lambda tags: events.tag_resource(
                ResourceARN=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
            ),
            lambda keys: events.untag_resource(ResourceARN=arn, TagKeys=keys),
        )
    if policy := work.take("Policy"):
        events.put_permission(EventBusName=name, Policy=as_json(policy))
    return Made(name, {"Arn": arn, "Name": name})


def _bus_statements(events: Any, bus: str) -> list[dict[str, Any]]:
    policy = events.describe_event_bus(Name=bus).get("Policy")
    statements: list[dict[str, Any]] = json.loads(policy)["Statement"] if policy else []
    return statements


def _remove_bus_policy(work: Work) -> None:
    bus = work.take("EventBusName") or "default"
    work.client("events").remove_permission(EventBusName=bus, StatementId=work.require("StatementId"))


def _read_bus_policy(work: Work) -> Properties:
    sid = work.properties["StatementId"]
    statements = _bus_statements(work.client("events"), work.properties.get("EventBusName") or "default")
    for statement in statements:
        if statement.get("Sid") == sid:
            return {"Statement": {key: value for key, value in statement.items() if key != "Sid"}}
    raise Gone(f"no statement {sid}")


@kind(
    "AWS::Events::EventBusPolicy",
    _remove_bus_policy,
    replaces=("StatementId", "EventBusName"),
    requires=("StatementId",),
    read=_read_bus_policy,
)
def _event_bus_policy(work: Work) -> Made:
    events = work.client("events")
    bus = work.take("EventBusName") or "default"
    sid = work.require("StatementId")
    statement = work.take("Statement")
    if statement is None:
        arn = events.describe_event_bus(Name=bus)["Arn"]
        principal = work.require("Principal")
        statement = {
            "Effect": "Allow",
            "Principal": "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"},
            "Action": work.require("Action"),
            "Resource": arn,
        }
        if condition := work.take("Condition"):
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    others = [one for one in _bus_statements(events, bus) if one.get("Sid") != sid]
    # All at once: moto drops the statements of a principal when it gets another one for it.
    policy = {"Version": "2012-10-17", "Statement": [*others, {**statement, "Sid": sid}]}
    events.put_permission(EventBusName=bus, Policy=json.dumps(policy))
    return Made(work.name(None), {})


def _remove_rule(work: Work) -> None:
    events, made = work.client("events"), there(work)
    bus = made.attributes["Bus_"]
    targets = events.list_targets_by_rule(Rule=made.attributes["Name_"], EventBusName=bus)["Targets"]
    if targets:
        ids = [target["Id"] for target in targets]
        events.remove_targets(Rule=made.attributes["Name_"], EventBusName=bus, Ids=ids)
    events.delete_rule(Name=made.attributes["Name_"], EventBusName=bus)


def _read_rule(work: Work) -> Properties:
    events, made = work.client("events"), there(work).attributes
    name, bus = made["Name_"], made["Bus_"]
    found = events.describe_rule(Name=name, EventBusName=bus)
    targets = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    read = picked(found, "Description", "EventPattern", "RoleArn", "ScheduleExpression", "State")
    return {**read, "Targets": targets}


@kind("AWS::Events::Rule", _remove_rule, attributes=("Arn",), replaces=("Name", "EventBusName"), read=_read_rule)
def _rule(work: Work) -> Made:
    events = work.client("events")
    name = work.name(work.take("Name"))
    bus = work.take("EventBusName") or "default"
    given = work.take_some("Description", "ScheduleExpression", "State", "RoleArn")
    if pattern := work.take("EventPattern"):
        given["EventPattern"] = as_json(pattern)
    targets = work.take("Targets") or []
    if tags := work.tag_list():
        given["Tags"] = tags
    arn = events.put_rule(Name=name, EventBusName=bus, **given)["RuleArn"]
    gone = []
    if work.old is not None:
        kept = {target["Id"] for target in targets}
        gone = [one["Id"] for one in work.old_properties.get("Targets", []) if one["Id"] not in kept]
    if gone:
        events.remove_targets(Rule=name, EventBusName=bus, Ids=gone)
    if targets:
        answer = events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
        if answer.get("FailedEntryCount"):
            raise ResourceFailed(f"{work.logical}: {answer['FailedEntries'][0].get('ErrorMessage')}")
    ref = name if bus == "default" else f"{bus.rpartition('/')[2]}|{name}"
    return Made(ref, {"Arn": arn, "Name_": name, "Bus_": bus})


def _read_archive(work: Work) -> Properties:
    found = work.client("events").describe_archive(ArchiveName=there(work).id)
    return picked(found, "Description", "EventPattern", "RetentionDays")


@kind(
    "AWS::Events::Archive",
    lambda work: work.client("events").delete_archive(ArchiveName=there(work).id),
    attributes=("Arn", "ArchiveName"),
    replaces=("ArchiveName", "SourceArn"),
    requires=("SourceArn",),
    read=_read_archive,
)
def _archive(work: Work) -> Made:
    events = work.client("events")
    name = work.name(work.take("ArchiveName"), 48)
    given = work.take_some("Description", "RetentionDays", "KmsKeyIdentifier")
    if "RetentionDays" in given:  # a parameter's value is text
        given["RetentionDays"] = int(given["RetentionDays"])
    if pattern := work.take("EventPattern"):
        given["EventPattern"] = as_json(pattern)
    source = work.require("SourceArn")
    if work.old is None:
        arn = events.create_archive(ArchiveName=name, EventSourceArn=source, **given)["ArchiveArn"]
    else:
        arn = events.update_archive(ArchiveName=name, **given)["ArchiveArn"]
    return Made(name, {"Arn": arn, "ArchiveName": name})
