"""Who calls: the account, and the role whose session it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """`role` is a role's name ('' for the account's own owner); `service` is set when AWS itself acts."""

    account: str
    region: str
    arn: str
    role: str = ""
    session: str = ""
    service: str = ""
