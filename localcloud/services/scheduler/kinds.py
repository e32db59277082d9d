"""Schedules and their groups, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Properties, Work, kind, picked, there


@kind(
    "AWS::Scheduler::ScheduleGroup",
    lambda work: work.client("scheduler").delete_schedule_group(Name=there(work).id),
    attributes=("Arn", "State"),
    replaces=("Name",),
)
def _schedule_group(work: Work) -> Made:
    scheduler = work.client("scheduler")
    name = work.name(work.take("Name"))
    if work.old is not None:
        return work.old
    arn = scheduler.create_schedule_group(Name=name, Tags=work.tag_list())["ScheduleGroupArn"]
    return Made(name, {"Arn": arn, "State": "ACTIVE"})


def _remove_schedule(work: Work) -> None:
    group = work.take("GroupName") or "default"
    work.client("scheduler").delete_schedule(Name=there(work).id, GroupName=group)


def _read_schedule(work: Work) -> Properties:
    group = work.properties.get("GroupName") or "default"
    found = work.client("scheduler").get_schedule(Name=there(work).id, GroupName=group)
    kept = ("Description", "FlexibleTimeWindow", "ScheduleExpression", "ScheduleExpressionTimezone", "State", "Target")
    return picked(found, *kept)


@kind(
    "AWS::Scheduler::Schedule",
    _remove_schedule,
    read=_read_schedule,
    attributes=("Arn",),
    replaces=("Name",),
    requires=(
        "FlexibleTimeWindow",
        "ScheduleExpression",
        "Target",
    ),
)
def _schedule(work: Work) -> Made:
    scheduler = work.client("scheduler")
    given = work.take_some(
        "Description",
        "EndDate",
        "FlexibleTimeWindow",
        "GroupName",
        "KmsKeyArn",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
        "Target",
    )
    name = work.name(work.take("Name"))
    call = scheduler.create_schedule if work.old is None else scheduler.update_schedule
    return Made(name, {"Arn": call(Name=name, **given)["ScheduleArn"]})
