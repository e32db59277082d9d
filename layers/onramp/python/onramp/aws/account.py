"""One account's clients, made when they are first needed: EC2's alone costs more than all the others together."""

import re
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from onramp.aws.at_once import AT_ONCE
from onramp.aws.errors import denied, translated
from onramp.core import names
from onramp.core.errors import role_missing

# Reads and writes here answer in well under a second; a hung connection must not eat the function's minute.
CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=AT_ONCE,
)

SESSION_SECONDS = 3600  # chained role sessions last an hour at most (STS)
_RENEW_BEFORE = timedelta(minutes=5)


class Account:
    """`client(service)` with this account's credentials; each is made once. Clients are made of models at run
    time, hence `Any`.
    """

    def __init__(self, session: boto3.Session, account: str, credentials: dict[str, str] | None = None) -> None:
        self.account = account
        self._session = session
        self._credentials = credentials or {}
        self._clients: dict[str, Any] = {}
        self._making = Lock()

    def client(self, service: str) -> Any:
        if service in self._clients:
            return self._clients[service]
        with self._making:  # threads may share a client, and may not make two of one session at a time
            return self._made(service)

    def _made(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=CONFIG, **self._credentials)  # type: ignore[call-overload]  # the stubs list services, we pass one by name
        return self._clients[service]


READING = "lattice-onramp"
"""What a session is called by which nothing is changed."""


def session_name(run: str) -> str:
    """The run's name as STS takes it: 2 to 64 of letters, digits and `_ + = , . @ -` (STS model)."""
    return re.sub(r"[^\w+=,.@-]", "-", run, flags=re.ASCII)[:64].ljust(2, "-")


class _Assumed(NamedTuple):
    account: Account
    until: datetime


class Members:
    """The member accounts, each through the role that the function's own role may assume there."""

    def __init__(
        self, session: boto3.Session, own: Account, network: str, what: str, *, partition: str, path: str = "/"
    ) -> None:
        self._session = session
        self._own = own
        self._role = f"{path}{names.role(network, what)}"
        self._partition = partition
        self._assumed: dict[str, tuple[str, _Assumed]] = {}

    @property
    def role(self) -> str:
        """The role's name, which is the same in all of them."""
        return self._role.rpartition("/")[2]

    def member(self, account: str, run: str = READING) -> Account:
        """The account by its role; a session is kept until shortly before it ends.

        A run that acts has a session of its own, called after it, so that the member's CloudTrail tells which run did
        what. Who only reads names none, and has the session that is there.
        Refused("member-role-missing") when the role is not there or does not trust us.
        """
        name = session_name(run)
        of, held = self._assumed.get(account, ("", None))
        if held is None or of != name or held.until - _RENEW_BEFORE < datetime.now(UTC):
            held = self._assume(account, f"arn:{self._partition}:iam::{account}:role{self._role}", name)
            self._assumed[account] = (name, held)
        return held.account

    def _assume(self, account: str, role: str, name: str) -> _Assumed:
        with translated():
            try:
                answer = self._own.client("sts").assume_role(
                    RoleArn=role, RoleSessionName=name, DurationSeconds=SESSION_SECONDS
                )
            except ClientError as error:
                if denied(error):
                    raise role_missing(role, account) from error
                raise
        given = answer["Credentials"]
        credentials = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return _Assumed(Account(self._session, account, credentials), given["Expiration"])
