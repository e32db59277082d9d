"""Roles and policies, as CloudFormation makes them."""

from __future__ import annotations

from localcloud.ground.kinds import Made, Properties, Work, as_json, as_policy, kind, picked, retag, there
from localcloud.services.iam.managed import provide_managed


def _attach(work: Work, role: str, wanted: list[str]) -> None:
    iam = work.client("iam")
    have = {one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]}
    for arn in wanted:
        provide_managed(work.account, arn)
        if arn not in have:
            iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    old = set(work.old_properties.get("ManagedPolicyArns") or [])
    for arn in (old & have) - set(wanted):
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)


def _remove_role(work: Work) -> None:
    iam, name = work.client("iam"), there(work).id
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _read_role(work: Work) -> Properties:
    iam, name = work.client("iam"), there(work).id
    found = iam.get_role(RoleName=name)["Role"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    inline = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {
        **picked(found, "AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path"),
        "ManagedPolicyArns": [one["PolicyArn"] for one in attached],
        "PermissionsBoundary": boundary,
        "Policies": [picked(one, "PolicyName", "PolicyDocument") for one in inline],
    }


@kind(
    "AWS::IAM::Role",
    _remove_role,
    read=_read_role,
    attributes=("Arn", "RoleId"),
    replaces=("RoleName", "Path"),
    requires=("AssumeRolePolicyDocument",),
)
def _role(work: Work) -> Made:
    iam = work.client("iam")
    name = work.name(work.take("RoleName"))
    trust = as_json(work.require("AssumeRolePolicyDocument"))
    inline = {one["PolicyName"]: as_policy(one["PolicyDocument"]) for one in work.take("Policies") or []}
    managed = list(work.take("ManagedPolicyArns") or [])
    given = work.take_some("Description", "MaxSessionDuration")
    boundary = work.take("PermissionsBoundary")
    path = work.take("Path") or "/"
    if work.old is None:
        if boundary:
            given["PermissionsBoundary"] = boundary
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Path=path, Tags=work.tag_list(), **given)[
            "Role"
        ]
        made = Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
    else:
        made = work.old
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
        if given:
            iam.update_role(RoleName=name, **given)
        if boundary:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        elif work.old_properties.get("PermissionsBoundary"):
            iam.delete_role_permissions_boundary(RoleName=name)
        retag(
            work,
            lambda tags: iam.tag_role(RoleName=name, Tags=[{"Key": k, "Value": v} for k, v in tags.items()]),
            lambda keys: iam.untag_role(RoleName=name, TagKeys=keys),
        )
    for old in work.old_properties.get("Policies") or []:
        if old["PolicyName"] not in inline:
            iam.delete_role_policy(RoleName=name, PolicyName=old["PolicyName"])
    for policy, document in inline.items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    if managed or work.old_properties.get("ManagedPolicyArns"):
        _attach(work, name, managed)
    return made


def _remove_inline(work: Work) -> None:
    for role in work.take("Roles") or []:
        work.client("iam").delete_role_policy(RoleName=role, PolicyName=work.properties["PolicyName"])


@kind(
    "AWS::IAM::Policy",
    _remove_inline,
    attributes=("Id",),
    replaces=("PolicyName", "Roles"),
    requires=(
        "PolicyDocument",
        "PolicyName",
    ),
)
@kind(
    "AWS::IAM::RolePolicy",
    _remove_inline,
    replaces=("PolicyName", "RoleName"),
    requires=(
        "PolicyName",
        "RoleName",
    ),
)
def _inline_policy(work: Work) -> Made:
    document, name = as_policy(work.require("PolicyDocument")), work.require("PolicyName")
    roles = work.take("Roles") or [work.require("RoleName")]
    for role in roles:
        work.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)
    return Made(name, {})


def _remove_managed_policy(work: Work) -> None:
    iam, arn = work.client("iam"), there(work).id
    for role in work.take("Roles") or []:
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


@kind(
    "AWS::IAM::ManagedPolicy",
    _remove_managed_policy,
    attributes=("PolicyArn", "PolicyId"),
    replaces=None,
    requires=("PolicyDocument",),
)
def _managed_policy(work: Work) -> Made:
    iam = work.client("iam")
    name = work.name(work.take("ManagedPolicyName"))
    given = work.take_some("Description", "Path")
    document = as_policy(work.require("PolicyDocument"))
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document, **given)["Policy"]
    for role in work.properties.pop("Roles", []):
        iam.attach_role_policy(RoleName=role, PolicyArn=policy["Arn"])
    return Made(policy["Arn"], {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]})
