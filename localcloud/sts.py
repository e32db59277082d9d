"""STS: sessions of roles, and who is calling."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.caller import Caller
from localcloud.errors import AwsError, NotEmulated

if TYPE_CHECKING:
    from onramp.core.policy import Values

    from localcloud.cloud import LocalCloud

HOUR = 3600
_LETTERS = string.ascii_uppercase + string.digits


class Sts:
    """The sessions of one local cloud. `sessions`: access key -> (caller, epoch second of its end)."""

    name: ClassVar[str] = "sts"

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.sessions: dict[str, tuple[Caller, float]] = {}

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call; the operations besides these two are not emulated."""
        if operation == "AssumeRole":
            return self._assume_role(params, caller)
        if operation == "GetCallerIdentity":
            return {"Account": caller.account, "Arn": caller.arn, "UserId": self._user_id(caller)}
        raise NotEmulated(self.name, operation)

    def authorisation(
        self, operation: str, params: dict[str, Any], caller: Caller
    ) -> list[tuple[str, str, dict[str, Values]]]:
        """AssumeRole on the role; not where a role of the same account is named by the trust policy itself.

        GetCallerIdentity needs nothing: AWS answers it even to those who are denied it.
        """
        if operation != "AssumeRole":
            return []
        role, context = params["RoleArn"], _context(params)
        same_account = role.split(":")[4:5] == [caller.account]
        if same_account and self.cloud.iam.trusts_by_name(role, caller, context):
            return []
        return [("sts:AssumeRole", role, context)]

    def issue(self, role_arn: str, session: str, seconds: float = HOUR, service: str = "") -> dict[str, Any]:
        """Make a session of a role without a caller: for the account's owner, or for an AWS service.

        With `service` (`lambda.amazonaws.com`) the role's trust policy must let it in, else AccessDenied.
        Answers STS's Credentials: AccessKeyId, SecretAccessKey, SessionToken, Expiration (UTC).
        """
        role = self.cloud.iam.role(role_arn)
        if role is None:
            raise AwsError("NoSuchEntity", f"The role {role_arn} cannot be found.", 404)
        region = self.cloud.region
        if service:
            actor = Caller(role.account_id, region, service, service=service)
            if not self.cloud.iam.trusts(role_arn, actor).allowed:
                raise AwsError("AccessDenied", f"The role {role_arn} cannot be assumed by {service}.", 403)
        arn = f"arn:aws:sts::{role.account_id}:assumed-role/{role.name}/{session}"
        until = self.cloud.clock.now + seconds
        key = "ASIA" + self._letters(16)
        self.sessions[key] = (Caller(role.account_id, region, arn, role.name, session), until)
        return {
            "AccessKeyId": key,
            "SecretAccessKey": self._letters(40),
            "SessionToken": self._letters(120),
            "Expiration": datetime.fromtimestamp(until, UTC),
        }

    def _assume_role(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        for member in ("Policy", "PolicyArns", "Tags", "TransitiveTagKeys", "ProvidedContexts"):
            if params.get(member):
                raise NotEmulated(self.name, f"AssumeRole with {member}")
        arn, session = params["RoleArn"], params["RoleSessionName"]
        if not (arn.startswith("arn:aws:iam::") and ":role/" in arn):
            raise AwsError("ValidationError", f"{arn} is invalid")
        # A role that does not exist and one that does not trust the caller look the same from outside.
        if not self.cloud.iam.trusts(arn, caller, _context(params)).allowed:
            who = caller.service or caller.arn
            text = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            raise AwsError("AccessDenied", text, 403)
        seconds = int(params.get("DurationSeconds") or HOUR)
        role = self.cloud.iam.role(arn)
        longest = int(getattr(role, "max_session_duration", None) or HOUR)
        if caller.role and seconds > HOUR:
            text = "DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
            raise AwsError("ValidationError", f"The requested {text}")
        if seconds > longest:
            text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            raise AwsError("ValidationError", text)
        credentials = self.issue(arn, session, seconds)
        made, _ = self.sessions[credentials["AccessKeyId"]]
        answer = {
            "Credentials": credentials,
            "AssumedRoleUser": {"Arn": made.arn, "AssumedRoleId": self._user_id(made)},
        }
        if params.get("SourceIdentity"):
            answer["SourceIdentity"] = params["SourceIdentity"]
        return answer

    def _user_id(self, caller: Caller) -> str:
        return str(self.cloud.iam.context(caller).get("aws:userid", caller.account))

    def _letters(self, count: int) -> str:
        return "".join(self.cloud.random.choice(_LETTERS) for _ in range(count))


def _context(params: dict[str, Any]) -> dict[str, Values]:
    context: dict[str, Values] = {"sts:RoleSessionName": params["RoleSessionName"]}
    if params.get("ExternalId"):
        context["sts:ExternalId"] = params["ExternalId"]
    if params.get("SourceIdentity"):
        context["sts:SourceIdentity"] = params["SourceIdentity"]
    return context
