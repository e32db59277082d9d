"""Every condition of the two templates' policies: what AWS documents of it, and what happens if AWS does otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from localcloud.services.cloudformation.read import read
from replay.story import ROOT

OURS = "lattice-onramp:network"
RECORDS = "route53:ChangeResourceRecordSets"


class Said(NamedTuple):
    """Of one condition: where it stands, what AWS's pages say, and what follows if it is not so."""

    where: str
    documented: str
    otherwise: str


CONDITIONS: dict[tuple[str, str], Said] = {
    # --- who may come in
    ("StringEquals", "aws:PrincipalOrgID"): Said(
        "bus; auth policy `org-signed`",
        "sent with every signed request of an organisation's account",
        "no event, or no request: seen at the first sweep, and put right by a list in place of the organisation",
    ),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths"): Said(
        "bus; auth policy `ou-signed`", "as before, with several values", "as before"
    ),
    ("StringNotEquals", "aws:PrincipalAccount"): Said(
        "bus, in an organisation",
        "the account of whoever calls, with every signed request",
        "absent: whoever is in the network account may put events there without a right of its own, approvals too",
    ),
    ("ForAllValues:StringEquals", "events:source"): Said(
        "operator and approver",
        "the source of an entry, in PutEvents' row",
        "absent: these roles put any entry on this bus, each other's words included",
    ),
    ("ForAllValues:StringEquals", "events:detail-type"): Said(
        "operator and approver", "the detail-type of an entry, in PutEvents' row", "as before"
    ),
    ("ForAllValues:StringLike", "dynamodb:LeadingKeys"): Said(
        "plan, report and watch, for the parts of large accounts",
        "the key of the item, with each call on one",
        "absent: these functions may read and write any item of the network's own table, as the intake may",
    ),
    ("ForAllValues:StringEquals", "dynamodb:Attributes"): Said(
        "plan, to tell whether a storm has ended",
        "the attributes that a read names and those of its key, in GetItem's row",
        "absent: the plan function may read an item whole, as the report may write it",
    ),
    ("StringEqualsIfExists", "dynamodb:Select"): Said(
        "the same",
        "`SPECIFIC_ATTRIBUTES` for a read that names some, in GetItem's row; pages speak of Query and Scan",
        "absent: as before",
    ),
    ("StringEqualsIfExists", "aws:PrincipalOrgID"): Said(
        "auth policy `vpc` in an organisation",
        "sent with signed requests, absent from unsigned ones",
        "absent throughout: signed callers of other organisations get in, as the same callers would unsigned",
    ),
    ("ForAllValues:StringLike", "aws:PrincipalOrgPaths"): Said(
        "auth policy `vpc` with `OrganizationPaths`",
        "as before; `ForAllValues` holds where the key is absent",
        "as before",
    ),
    ("StringEquals", "vpc-lattice-svcs:SourceVpcOwnerAccount"): Said(
        "auth policy `vpc` with a list",
        "the account of the VPC that a request comes from, for unsigned callers too",
        "nobody calls until `AuthPreset=none`, where the share alone decides whose VPCs are joined",
    ),
    ("StringNotEquals", "aws:PrincipalType"): Said(
        "auth policy `org-signed`",
        "`Anonymous` for unsigned callers",
        "nothing: they carry no `aws:PrincipalOrgID` either",
    ),
    ("ArnEquals", "aws:PrincipalArn"): Said(
        "trust of reader and writer",
        "the ARN of the role whose session calls, with its path",
        "runs cannot enter: told as `member-role-missing`",
    ),
    ("StringEquals", "aws:SourceAccount"): Said(
        "trust of forwarder, sweep and machine; topic",
        "the account for which EventBridge, Scheduler, Step Functions and CloudWatch act",
        "the rule's events go to its dead letters, the machine does not start, alarms are not mailed",
    ),
    ("ArnEquals", "aws:SourceArn"): Said(
        "queues", "the ARN of the rule that delivers", "events are not delivered: dead letters, and their alarm"
    ),
    ("ArnLike", "aws:SourceArn"): Said(
        "topic", "the ARN of the alarm that publishes", "alarms are not mailed; the dashboard shows them"
    ),
    ("ArnLikeIfExists", "aws:SourceArn"): Said(
        "the topic's key",
        "the same for services that publish to encrypted topics; CloudWatch is not named among those that send it",
        "absent: CloudWatch may use the key for other alarms, too, which the topic's policy keeps out",
    ),
    ("StringEquals", "aws:SourceOrgID"): Said(
        "topic, in an organisation",
        "the organisation of the account for which a service acts",
        "members' own alarms are not mailed; the sweep looks meanwhile, and each member's console shows its alarm",
    ),
    ("ForAllValues:StringLike", "aws:SourceOrgPaths"): Said(
        "topic, with `OrganizationPaths`",
        "the place of that account; `ForAllValues` holds where the key is absent",
        "alarms of other units that are called like a member's are mailed, too",
    ),
    ("Bool", "aws:SecureTransport"): Said(
        "queues and topic",
        "`false` for a request without TLS",
        "absent: nothing is denied; AWS's SDKs speak TLS anyway",
    ),
    # --- the network account's functions
    ("StringEqualsIfExists", "aws:ResourceOrgID"): Said(
        "plan and apply, in an organisation",
        "the organisation of the account whose role is assumed",
        "absent: a role of that name may be assumed in any account that trusts ours; only members send events for one",
    ),
    ("ForAllValues:StringLike", "aws:ResourceOrgPaths"): Said(
        "plan and apply, with `OrganizationPaths`", "its place there; holds where the key is absent", "as before"
    ),
    ("ForAllValues:StringLike", "ram:Principal"): Said(
        "apply",
        "whom a call on a share names. Members' ids with a list; else any twelve characters, which no ARN is",
        "another form of the key: nobody new is shared with, told as `access-denied`",
    ),
    ("Null", "ram:Principal"): Said(
        "apply",
        "absent where a call names resources only",
        "absent throughout: nobody new is shared with, told as `access-denied`",
    ),
    ("ForAllValues:ArnEquals", "ram:ResourceArn"): Said(
        "apply",
        "what a call on a share names; holds where the key is absent, and for our own network, should RAM send what the"
        " share holds",
        "absent throughout: a call that names a member and another network of this account at once passes",
    ),
    ("Bool", "aws:ViaAWSService"): Said(
        "apply: resource policy of the network",
        "`true` where a service calls in its caller's name, as RAM may here; whether it does is not documented",
        "RAM asks without it: nobody new is shared with, told as `access-denied`. RAM does not ask: nothing",
    ),
    ("StringEquals", "kms:ViaService"): Said(
        "with a key: intake, report",
        "the service through which the key is used",
        "the queue is not read, or the table not written: alarmed",
    ),
    # --- the writer
    ("StringEquals", f"aws:RequestTag/{OURS}"): Said(
        "writer: what it makes",
        "in the row of every creation and of TagResource",
        "nothing can be made: told as `access-denied`, and nothing is half made. Given up either way: of a listener or"
        " rule IAM is asked by its own new ARN, and no key tells whose the service is, so a writer that was taken over"
        " could make one on another network's service (`TAKEN` in `tests/templates/attempts.py`)",
    ),
    ("StringEquals", f"aws:ResourceTag/{OURS}"): Said(
        "writer: what it changes and deletes",
        "in the row of every Get, Update and Delete of Lattice, and of EC2's calls on groups",
        "nothing is changed or unwound: told as `access-denied`",
    ),
    ("StringEquals", "aws:ResourceTag/lattice-onramp:adopt"): Said(
        "writer: our mark on a security group that its owner hands over",
        "in the row of CreateTags",
        "no security group is taken over: told as `access-denied`; `lattice:security-groups` names it meanwhile",
    ),
    ("StringEqualsIfExists", f"aws:ResourceTag/{OURS}"): Said(
        "writer: targets, joining a service, auth policies, access logs, tagging and untagging",
        "in TagResource's row; with UntagResource, RegisterTargets, DeregisterTargets, PutAuthPolicy, DeleteAuthPolicy,"
        " CreateAccessLogSubscription and CreateServiceNetworkServiceAssociation only among the keys of the resource's"
        " type",
        "absent: these calls pass on another network's objects of the account, too. Given up either way: on objects"
        " without such a tag they pass (`TAKEN` in `tests/templates/attempts.py`), so a writer that was taken over"
        " could move their targets, say who calls them, log who does, join them, or mark them and then delete them."
        " The product does none of it: the plan names what bears the mark and the name that we give",
    ),
    ("ForAllValues:StringEquals", "aws:TagKeys"): Said(
        "writer: tags of what it makes, takes over and lets go; answers",
        "the keys that a call gives or takes, in the rows of the tagging calls",
        "absent: any key passes beside ours where something is made; answers are refused by the next condition",
    ),
    ("Null", "aws:TagKeys"): Said(
        "writer: answers",
        "absent where a call names no key, as DeleteTags of all tags",
        "absent throughout: answers are not written, told as `access-denied`; services connect all the same",
    ),
    ("StringEquals", "vpc-lattice:ServiceNetworkArn"): Said(
        "writer: associations", "in the row of both creations", "nothing is joined: told as `stack-differs`"
    ),
    ("StringEquals", "iam:AWSServiceName"): Said(
        "writer: Lattice's linked role",
        "in the row of CreateServiceLinkedRole",
        "an account's first Lattice object is refused: make the role once, by `aws iam create-service-linked-role`",
    ),
    ("StringEquals", "ram:ShareOwnerAccountId"): Said(
        "writer: invitations", "in the row of AcceptResourceShareInvitation", "accept by hand: `Acceptance=manual`"
    ),
    ("ForAllValues:StringEquals", f"{RECORDS}RecordTypes"): Said(
        "writer: records",
        "the types of the records in a change, in its row",
        "absent: records are not written by the conditions below; services answer under Lattice's name all the same",
    ),
    ("ForAllValues:StringEquals", f"{RECORDS}Actions"): Said(
        "writer: records", "what a change does with them: CREATE, DELETE, UPSERT", "as before"
    ),
    ("ForAllValues:StringLike", f"{RECORDS}NormalizedRecordNames"): Said(
        "writer: records, with `RecordDomains`",
        "their names in small letters, without a dot at the end",
        "as before. Where `_` is spelled otherwise: as before; leave `RecordDomains` empty",
    ),
    ("ForAllValues:StringLike", "route53:VPCs"): Said(
        "writer: VPCs in private hosted zones, with `AssociateZones`",
        "the VPC as `VPCId=ID,VPCRegion=REGION`, in the row of all four actions",
        "absent: a VPC of another region could be put into these zones, too. Where it is spelled otherwise: no VPC is,"
        " which is told as `access-denied`",
    ),
    ("Null", f"{RECORDS}RecordTypes"): Said(
        "writer: records", "present in every change", "absent throughout: as before, told as `access-denied`"
    ),
    ("Null", f"{RECORDS}Actions"): Said("writer: records", "present in every change", "as before"),
    ("Null", f"{RECORDS}NormalizedRecordNames"): Said("writer: records", "present in every change", "as before"),
    ("StringEquals", "ec2:CreateAction"): Said(
        "writer: tags of a security group",
        "the creation that CreateTags goes with",
        "clients are refused a group; `lattice:security-groups` names the team's own meanwhile",
    ),
}


def conditions(template: Any) -> Iterator[tuple[str, str]]:
    """(operator, key) of every condition of every statement of a template, with either branch of each Fn::If."""
    if isinstance(template, list):
        for one in template:
            yield from conditions(one)
    elif isinstance(template, dict):
        if "Effect" in template:
            for condition in _branches(template.get("Condition", {})):
                for operator, keys in condition.items():
                    yield from ((operator, key) for branch in _branches(keys) for key in branch)
        for one in template.values():
            yield from conditions(one)


def _branches(value: Any) -> list[dict[str, Any]]:
    if "Fn::If" in value:
        return [found for branch in value["Fn::If"][1:] for found in _branches(branch)]
    return [] if value == {"Ref": "AWS::NoValue"} else [value]


def used() -> set[tuple[str, str]]:
    """The conditions of both templates; a network's own name in a tag's key is none of it."""
    return {one for name in ("template.yaml", "member.yaml") for one in conditions(read((ROOT / name).read_text()))}


def told() -> list[str]:
    """The page's lines."""
    lines = [
        "",
        "## Conditions",
        "",
        "Where AWS's pages leave in doubt what is sent, a policy is written so that it holds either way. Stories run",
        "and refusals come under both readings of the Service Authorization Reference",
        "(`tests/templates/readings.py`): the keys of an action's row with those of its resource's type, and the row",
        "alone.",
        "",
        "| condition | where | AWS documents | if AWS does otherwise |",
        "|---|---|---|---|",
    ]
    return lines + [
        f"| {operator} `{key}` | {said.where} | {said.documented} | {said.otherwise} |"
        for (operator, key), said in CONDITIONS.items()
    ]
