"""What CloudFormation makes of its own: wait handles and stack sets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from localcloud.ground.errors import AwsError
from localcloud.ground.kinds import Made, ResourceFailed, Work, kind, nothing, there
from localcloud.ground.organization import Organization
from localcloud.services.cloudformation.check import require_capabilities
from localcloud.services.cloudformation.location import in_s3
from localcloud.services.cloudformation.model import StackFailed, TemplateError
from localcloud.services.cloudformation.quotas import demand_uploaded
from localcloud.services.cloudformation.read import read


@kind("AWS::CloudFormation::WaitConditionHandle", nothing)
def _wait_handle(work: Work) -> Made:
    return Made(f"https://cloudformation-waitcondition.invalid/{work.stack}/{work.logical}", {})


def _remove_stack_set(work: Work) -> None:
    attributes = there(work).attributes
    work.cloud.stacks.follow(attributes["StackSetId"], None)
    for account in attributes["Accounts_"]:
        work.cloud.stacks.delete(account, attributes["Stack_"])


@kind(
    "AWS::CloudFormation::StackSet",
    _remove_stack_set,
    attributes=("StackSetId",),
    replaces=("StackSetName", "PermissionModel"),
    requires=(
        "StackSetName",
        "PermissionModel",
    ),
)
def _stack_set(work: Work) -> Made:
    """Service-managed only: a stack in each account of the units, but the management account's (facts 23)."""
    organization = work.cloud.organization
    name = work.require("StackSetName")
    if work.require("PermissionModel") != "SERVICE_MANAGED":
        raise ResourceFailed(f"{work.logical}: only service-managed stack sets are emulated")
    if not organization.id:
        raise ResourceFailed(f"{work.logical}: account {work.account} is in no organization")
    body = work.take("TemplateBody") or _template_at(work, work.require("TemplateURL"))
    if "Transform:" in body or '"Transform"' in body:
        raise ResourceFailed(f"{work.logical}: a service-managed stack set takes no template with a transform")
    require_capabilities(read(body), work.take("Capabilities") or [])
    parameters = {item["ParameterKey"]: str(item["ParameterValue"]) for item in work.take("Parameters") or ()}
    work.take_some("Description", "CallAs", "ManagedExecution")
    following = work.take("AutoDeployment") or {}
    preferences = work.take("OperationPreferences") or {}
    units = {
        unit
        for group in work.take("StackInstancesGroup") or ()
        for unit in group["DeploymentTargets"]["OrganizationalUnitIds"]
    }
    if unknown := sorted(units - {organization.root, *organization.units()}):
        raise ResourceFailed(f"{work.logical}: there is no unit {', '.join(unknown)} in the organization")
    stacks, stack, tags = work.cloud.stacks, f"StackSet-{name}", work.tags()
    wanted = _accounts_of(organization, units)
    there = list(work.old.attributes["Accounts_"]) if work.old else []
    made = Made(name, {"StackSetId": name, "Accounts_": there, "Stack_": stack})

    def deploy(account: str) -> None:
        if account not in there:
            there.append(account)
        stacks.deploy_text(body, account, stack, parameters, tags=tags)

    work.begun = made if work.old is None else None  # what was begun goes again if the rest fails
    _roll_out(work.logical, deploy, wanted, _tolerated(preferences, len(wanted)))
    for account in sorted(set(there) - set(wanted)):
        stacks.delete(account, stack)
        there.remove(account)

    def moved() -> None:
        """Accounts came or went: what fails in one is that one's, and shows in no stack but its own."""
        now = _accounts_of(organization, units)
        for account in (one for one in now if one not in there):
            with contextlib.suppress(*_FAILED):
                deploy(account)
        for account in (one for one in list(there) if one not in now):
            there.remove(account)
            if not _is_true(following.get("RetainStacksOnAccountRemoval")):
                with contextlib.suppress(*_FAILED):
                    stacks.delete(account, stack)

    stacks.follow(name, moved if _is_true(following.get("Enabled")) else None)
    return made


_FAILED = (AwsError, StackFailed, TemplateError)
"""What a stack in an account fails with."""


def _roll_out(logical: str, deploy: Callable[[str], None], accounts: list[str], tolerated: int) -> None:
    failures: list[str] = []
    for account in accounts:
        try:
            deploy(account)
        except _FAILED as failed:
            failures.append(str(failed))
        if len(failures) > tolerated:
            raise ResourceFailed(f"{logical}: Stack set operation failed: {'; '.join(failures)}")


def _accounts_of(organization: Organization, units: Collection[str]) -> list[str]:
    """Those in the units or below, but the management account."""
    return sorted(
        account
        for account in organization.accounts - {organization.management}
        if any(f"/{unit}/" in organization.paths_of(account)[0] for unit in units)
    )


def _tolerated(preferences: Mapping[str, Any], accounts: int) -> int:
    """So many may fail; of a percentage what is whole (API reference, StackSetOperationPreferences)."""
    if "FailureTolerancePercentage" in preferences:
        return accounts * int(preferences["FailureTolerancePercentage"]) // 100
    return int(preferences.get("FailureToleranceCount", 0))


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _template_at(work: Work, url: str) -> str:
    """The template that `sam deploy` put into S3."""
    bucket, key = in_s3(url)
    return demand_uploaded(work.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())
