"""Whether a log group lets log delivery write: Lattice says so itself where its caller may, and else refuses.

Source: CloudWatch Logs user guide, "Enabling logging from AWS services": a statement that is missing is added for
whoever may change the account's policies of log groups. What becomes of a subscription where neither is so is not
established.
"""

from __future__ import annotations

import json
from typing import Any

from moto.backends import get_backend
from onramp.core.policy import Document, Principal, evaluate

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.guarded import document_of
from localcloud.services.lattice.estate import Estate

DELIVERY = "delivery.logs.amazonaws.com"
POLICY = "AWSLogDeliveryWrite20150319"
WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")
MAY_SAY_SO = ("logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:PutResourcePolicy")
POLICIES = 10
"""Policies of log groups that an account may have in a Region."""


def demand_trust(estate: Estate, destination: str, caller: Caller) -> None:
    """AccessDeniedException where the log group lets nothing be delivered and the caller may not change that."""
    if destination.split(":")[2] != "logs":
        return
    group = destination.removesuffix(":*")
    policies = get_backend("logs")[caller.account][caller.region].resource_policies
    if _trusted(group, [found for one in policies.values() for found in document_of(one.policy_document)]):
        return
    asked = MAY_SAY_SO if estate.cloud.enforce_iam else ()
    # They know no resource but all, as IAM's reference of CloudWatch Logs has them.
    lacking = next((it for it in asked if not estate.cloud.iam.allows(caller, it, "*").allowed), None)
    if lacking is not None:
        text = f"User: {caller.arn} is not authorized to perform: {lacking} on resource: {group}"
        raise AwsError("AccessDeniedException", f"{text}, whose policy does not let {DELIVERY} write to it", 403)
    if POLICY not in policies and len(policies) >= POLICIES:
        text = f"The account has {POLICIES} policies of log groups, and none lets {DELIVERY} write to {group}"
        raise AwsError("AccessDeniedException", text, 403)
    _add(caller, group, policies)


def _trusted(group: str, policies: list[Document]) -> bool:
    """Do the policies say so? Nobody writes anything yet, so this is no question to IAM."""
    region, account = group.split(":")[3:5]
    context = {
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
        "aws:SourceAccount": account,
        "aws:SourceArn": f"arn:aws:logs:{region}:{account}:delivery-source:lattice",
    }
    delivery = Principal(frozenset({DELIVERY}), service=DELIVERY)
    return all(
        evaluate(policies, action, f"{group}:log-stream:lattice", context, delivery).allowed for action in WRITES
    )


def _add(caller: Caller, group: str, policies: Any) -> None:
    kept: Any = document_of(policies[POLICY].policy_document) if POLICY in policies else []
    there = kept[0]["Statement"] if kept else []
    statement = {
        "Sid": f"AWSLogDeliveryWrite{len(there) + 1}",
        "Effect": "Allow",
        "Principal": {"Service": DELIVERY},
        "Action": list(WRITES),
        "Resource": f"{group}:log-stream:*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": caller.account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{caller.region}:{caller.account}:*"},
        },
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [*there, statement]})
    get_backend("logs")[caller.account][caller.region].put_resource_policy(POLICY, document)
