"""What CloudFormation makes of its own: wait handles and stack sets."""

from __future__ import annotations

from localcloud.ground.errors import AwsError
from localcloud.ground.kinds import Made, ResourceFailed, Work, kind, nothing, there
from localcloud.services.cloudformation.location import in_s3


@kind("AWS::CloudFormation::WaitConditionHandle", nothing)
def _wait_handle(work: Work) -> Made:
    return Made(f"https://cloudformation-waitcondition.invalid/{work.stack}/{work.logical}", {})


def _remove_stack_set(work: Work) -> None:
    for account in there(work).attributes["Accounts_"]:
        work.cloud.stacks.delete(account, work.old.attributes["Stack_"] if work.old else "")


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
    parameters = {item["ParameterKey"]: str(item["ParameterValue"]) for item in work.take("Parameters") or ()}
    work.take_some("Description", "Capabilities", "CallAs", "AutoDeployment", "ManagedExecution")
    tolerated = int((work.take("OperationPreferences") or {}).get("FailureToleranceCount", 0))
    units = {
        unit
        for group in work.take("StackInstancesGroup") or ()
        for unit in group["DeploymentTargets"]["OrganizationalUnitIds"]
    }
    if unknown := sorted(units - {organization.root, *organization.units()}):
        raise ResourceFailed(f"{work.logical}: there is no unit {', '.join(unknown)} in the organization")
    accounts = sorted(
        account
        for account in organization.accounts - {organization.management}
        if any(f"/{unit}/" in organization.paths_of(account)[0] for unit in units)
    )
    stack, tags = f"StackSet-{name}", work.tags()
    failures: list[str] = []
    for number, account in enumerate(accounts, start=1):
        if work.old is None:
            # What was begun goes again if the rest fails.
            work.begun = Made(name, {"StackSetId": name, "Accounts_": accounts[:number], "Stack_": stack})
        try:
            work.cloud.stacks.deploy_text(body, account, stack, parameters, tags=tags)
        except (AwsError, RuntimeError, ValueError) as failed:
            failures.append(str(failed))
        if len(failures) > tolerated:
            raise ResourceFailed(f"{work.logical}: Stack set operation failed: {'; '.join(failures)}")
    for account in set(work.old.attributes["Accounts_"] if work.old else ()) - set(accounts):
        work.cloud.stacks.delete(account, stack)
    return Made(name, {"StackSetId": name, "Accounts_": accounts, "Stack_": stack})


def _template_at(work: Work, url: str) -> str:
    """The template that `sam deploy` put into S3."""
    bucket, key = in_s3(url)
    text: str = work.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text
