"""Who signs a request: a role's policies and the condition keys of its calls, read where they can be."""

import json
import urllib.parse
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import missing, translated
from onramp.aws.eyes import Eyes
from onramp.aws.reading import pages
from onramp.core.auth import Signer
from onramp.core.errors import NotYet, Refused
from onramp.core.policy import INVOKE, Context, Decision, Document, MalformedPolicy, Principal, Values, evaluate


class NoRole(ValueError):
    """There is no such role; the message says where it was looked for."""


def role(eyes: Eyes, named: str) -> Signer:
    """The role `named` by its ARN or, in home, by its name. Raises NoRole.

    Where its account cannot be read, its own policies, its tags and its organisation are unread. Policies above an
    account (service and resource control policies) are never seen.
    """
    account = named.split(":")[4] if named.startswith("arn:") else eyes.home.account
    name = named.rpartition("/")[2]
    arn = named if named.startswith("arn:") else f"arn:aws:iam::{account}:role/{name}"
    keys: dict[str, Values] = {
        "aws:PrincipalAccount": account,
        "aws:PrincipalArn": arn,
        "aws:PrincipalType": "AssumedRole",
        "aws:SecureTransport": "true",
    }
    unread = {"aws:PrincipalOrgPaths"}
    try:
        with translated():
            keys["aws:PrincipalOrgID"] = _organization(eyes.of(account))
    except (NotYet, Refused):
        unread.add("aws:PrincipalOrgID")
    policies: list[Document] | None = None
    limit: Document | None = None
    try:
        with translated():
            item, policies, limit = _read(eyes.of(account), name)
    except (NotYet, Refused):
        unread.add("aws:PrincipalTag/")
    else:
        arn = item["Arn"]
        keys["aws:PrincipalArn"] = arn
        keys |= {f"aws:PrincipalTag/{tag['Key']}": tag["Value"] for tag in item.get("Tags", ())}
    present = {key: value for key, value in keys.items() if value}

    def own(resource: str, asked: Context) -> Decision | None:
        if policies is None:
            return None
        try:
            decision = evaluate(policies, INVOKE, resource, asked)
            if limit is None or decision.explicit:
                return decision
            within = evaluate([limit], INVOKE, resource, asked)
        except MalformedPolicy:  # IAM stored it: it says something, and not to us
            return None
        return decision if within.allowed else within

    return Signer(Principal(frozenset({arn}), account=account), present, own, frozenset(unread))


def _organization(account: Account) -> str:
    """The id of the account's organisation, '' when it is in none."""
    try:
        return str(account.client("organizations").describe_organization()["Organization"]["Id"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "AWSOrganizationsNotInUseException":
            return ""
        raise


def _read(account: Account, name: str) -> tuple[dict[str, Any], list[Document], Document | None]:
    """The role, its identity policies, and its permissions boundary if it has one."""
    iam = account.client("iam")
    try:
        item: dict[str, Any] = iam.get_role(RoleName=name)["Role"]
    except ClientError as error:
        if missing(error) or error.response["Error"]["Code"] == "NoSuchEntity":
            raise NoRole(f"account {account.account} has no role {name}") from error
        raise
    inline = pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
    policies = [_document(iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]) for one in inline]
    attached = pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    policies += [_managed(iam, one["PolicyArn"]) for one in attached]
    boundary = item.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return item, policies, _managed(iam, boundary) if boundary else None


def _managed(iam: Any, arn: str) -> Document:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return _document(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def _document(given: Any) -> Document:
    """IAM answers documents URL-encoded, which boto3 decodes by itself."""
    return given if isinstance(given, dict) else str(json.dumps(json.loads(urllib.parse.unquote(given))))
