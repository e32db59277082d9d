"""Reports of tag policies: asked for by an organisation's management account in us-east-1, made by and by.

No tag policy holds here, so nothing is out of order and no tag is required.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.s3.models import s3_backends

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.tagging.estate import Estate

HOME = "us-east-1"
MAKING = 60.0
"""Simulated seconds that a report takes; AWS says only that it may take a while."""

HEADER = b"AccountId,Region,ResourceType,ResourceARN,ComplianceStatus,TagKey,TagValue\n"


@dataclass
class Report:
    """The latest one of an organisation: `status` as DescribeReportCreation tells it."""

    location: str
    status: str = "RUNNING"


def start(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    _demand_management(estate, caller)
    there = estate.reports.get(caller.account)
    if there is not None and there.status == "RUNNING":
        raise AwsError("ConcurrentModificationException", "A report is being created already.")
    bucket = params["S3Bucket"]
    buckets = s3_backends[caller.account]["aws"]
    if bucket not in buckets.buckets:
        raise AwsError("InvalidParameterException", f"The bucket {bucket} does not exist or cannot be written.")
    key = f"AwsTagPolicies/{estate.cloud.organization.id}/{int(estate.cloud.clock.now)}.csv"
    report = estate.reports[caller.account] = Report(f"s3://{bucket}/{key}")

    def done() -> None:
        if bucket in buckets.buckets:
            buckets.put_object(bucket, key, HEADER)
            report.status = "SUCCEEDED"
        else:
            report.status = "FAILED"

    estate.cloud.clock.after(MAKING, done, "a report of tag policies", background=True)
    return {}


def describe(estate: Estate, _: dict[str, Any], caller: Caller) -> dict[str, Any]:
    _demand_management(estate, caller)
    report = estate.reports.get(caller.account)
    if report is None:
        return {"Status": "NO REPORT"}
    if report.status == "FAILED":
        return {"Status": "FAILED", "ErrorMessage": "The bucket is not there any more."}
    return {"Status": report.status, **({"S3Location": report.location} if report.status == "SUCCEEDED" else {})}


def summary(estate: Estate, _: dict[str, Any], caller: Caller) -> dict[str, Any]:
    _demand_management(estate, caller)
    return {"SummaryList": [], "PaginationToken": ""}


def required(_: Estate, __: dict[str, Any], ___: Caller) -> dict[str, Any]:
    """What an effective tag policy asks for, to the account that it holds for."""
    return {"RequiredTags": []}


def _demand_management(estate: Estate, caller: Caller) -> None:
    organization = estate.cloud.organization
    if not organization.id or organization.management != caller.account or caller.region != HOME:
        raise AwsError(
            "ConstraintViolationException",
            f"Only the management account of an organization can do that, in the Region {HOME}.",
        )


OPERATIONS: Operations[Estate] = {
    "DescribeReportCreation": describe,
    "GetComplianceSummary": summary,
    "ListRequiredTags": required,
    "StartReportCreation": start,
}
