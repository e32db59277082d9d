"""STS: sessions of roles, and who is calling."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.ground.caller import Caller
from localcloud.ground.needs import Requirement
from localcloud.ground.service import Operations, answer
from localcloud.services.sts import identity, roles
from localcloud.services.sts.estate import HOUR, Around, Estate
from localcloud.services.sts.needs import authorisation

OPERATIONS: Operations[Estate] = {**roles.OPERATIONS, **identity.OPERATIONS}


class Sts:
    """STS of all accounts; the operations besides these two are not emulated."""

    name: ClassVar[str] = "sts"

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call."""
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)

    def authorisation(self, operation: str, params: dict[str, Any], caller: Caller) -> list[Requirement]:
        """What IAM must allow for the call: (action, resource ARN, condition context) of each."""
        return authorisation(self.estate, operation, params, caller)

    @property
    def sessions(self) -> dict[str, tuple[Caller, float]]:
        """Access key -> (caller, epoch second of its end)."""
        return self.estate.sessions

    def ended(self, key: str) -> bool:
        """Whether the session of that key is over."""
        return self.estate.ended(key)

    def issue(self, role_arn: str, session: str, seconds: float = HOUR, service: str = "") -> dict[str, Any]:
        """Make a session of a role without a caller: for the account's owner, or for an AWS service.

        With `service` (`lambda.amazonaws.com`) the role's trust policy must let it in, else AccessDenied.
        Answers STS's Credentials: AccessKeyId, SecretAccessKey, SessionToken, Expiration (UTC).
        """
        return self.estate.issue(role_arn, session, seconds, service)
