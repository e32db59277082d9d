"""The sessions that were issued, and to whom they belong."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any, Protocol

from localcloud.ground import machine
from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import AsksOrganization, AsksRoles, Ground

HOUR = 3600
_LETTERS = string.ascii_uppercase + string.digits


class Around(Ground, AsksOrganization, AsksRoles, Protocol):
    """What STS asks of its surroundings."""

    @property
    def wired_now(self) -> bool:
        """Whether the call that is being answered came over HTTP."""
        ...


class Estate:
    """The sessions of one local cloud. `sessions`: access key -> (caller, epoch second of its end).

    Whoever comes over HTTP renews a session by a clock of his own, which knows nothing of simulated time: what he
    got ends by the machine's. `by_real_clock` has the keys of those.
    """

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.sessions: dict[str, tuple[Caller, float]] = {}
        self.by_real_clock: set[str] = set()

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
        wired = self.cloud.wired_now and not service
        until = (machine.real_now() if wired else self.cloud.clock.now) + seconds
        key = "ASIA" + self.letters(16)
        if wired:
            self.by_real_clock.add(key)
        self.sessions[key] = (Caller(role.account_id, region, arn, role.name, session), until)
        return {
            "AccessKeyId": key,
            "SecretAccessKey": self.letters(40),
            "SessionToken": self.letters(120),
            "Expiration": datetime.fromtimestamp(until, UTC),
        }

    def ended(self, key: str) -> bool:
        """Whether that session is over, by the clock that it was made for."""
        now = machine.real_now() if key in self.by_real_clock else self.cloud.clock.now
        return now >= self.sessions[key][1]

    def user_id(self, caller: Caller) -> str:
        return str(self.cloud.iam.context(caller).get("aws:userid", caller.account))

    def letters(self, count: int) -> str:
        return "".join(self.cloud.random.choice(_LETTERS) for _ in range(count))
