"""Settings out of the environment and the shell around the core: made once, when Lambda starts a function or a handler
first asks.
"""

import math
import os
import time
from collections.abc import Mapping
from functools import cache
from itertools import zip_longest

import boto3
import msgspec

from onramp.aws.account import Account, Members
from onramp.aws.reach import Reach
from onramp.aws.shelf import Shelf
from onramp.core.language import Language
from onramp.core.network import Network
from onramp.core.pace import SCOUT_AGAIN
from onramp.core.tags import ALL_OURS


class Settings(msgspec.Struct, frozen=True):
    """The environment that template.yaml gives its functions; each has what it needs, the rest is ''."""

    network_name: str
    network_arn: str = ""
    network_account: str = ""
    share_arn: str = ""
    acceptance: str = "automatic"
    invites: str = "off"
    tag_prefix: str = "lattice:"
    sibling_networks: str = ""
    status_tags: str = "on"
    deletion_limit: str = "10"
    quiet_seconds: str = "60"
    keep_seconds: str = "86400"
    vanish: str = "everything"
    kept_out: str = ""
    hands_hours: str = "6"
    extra_tag_keys: str = ""
    extra_tag_values: str = ""
    offboarding: str = "off"
    approval_required: str = "never"
    signed: str = "off"
    share_permission: str = ""
    role_path: str = "/"
    table: str = ""
    state_machine: str = ""
    bus: str = ""
    topic: str = ""
    member_accounts: str = ""
    organization: str = ""
    records_for: str = "tags"
    record_domains: str = ""
    associate_zones: str = "off"
    notice_minutes: str = "10"
    language: Language = "en"

    @property
    def members(self) -> frozenset[str]:
        """The accounts that are listed; none where an organisation decides who may join."""
        return frozenset(self.member_accounts.replace(",", " ").split())

    @property
    def _extra_tags(self) -> dict[str, str]:
        """Key -> value; a key for which no value is given is copied from the resource that asks.

        Keys by which teams ask and we answer are left out: what runs make would ask, or seem to be another network's.
        The template refuses those that it can know; of another prefix than the usual one it knows none.
        """
        keys = [key.strip() for key in self.extra_tag_keys.split(",") if key.strip()]
        values = [value.strip() for value in self.extra_tag_values.split(",")]
        given = dict(zip_longest(keys, values[: len(keys)], fillvalue=""))
        return {key: value for key, value in given.items() if not key.startswith((self.tag_prefix, ALL_OURS))}

    @property
    def network(self) -> Network:
        return msgspec.convert(
            {
                "name": self.network_name,
                "arn": self.network_arn,
                "account": self.network_account,
                "share": self.share_arn,
                "acceptance": self.acceptance,
                "invites": self.invites == "on",
                "prefix": self.tag_prefix,
                "siblings": self.sibling_networks.replace(",", " ").split(),
                "status_tags": self.status_tags == "on",
                "deletion_limit": int(self.deletion_limit),
                "quiet_seconds": int(self.quiet_seconds),
                "keep_seconds": int(self.keep_seconds),
                "vanish": self.vanish,
                "extra_tags": self._extra_tags,
                "hands_seconds": int(self.hands_hours) * 3600,
                "kept_out": self.kept_out.replace(",", " ").split(),
                "organization": self.organization,
                "records": self.records_for,
                "record_domains": self.record_domains.replace(",", " ").split(),
                "associates_zones": self.associate_zones == "on",
                "share_permission": self.share_permission,
                "offboarding": self.offboarding == "on",
                "approval": self.approval_required,
                "signed": self.signed == "on",
                "language": self.language,
            },
            Network,
        )


@cache
def settings() -> Settings:
    """Every field from ONRAMP_<FIELD>; a missing ONRAMP_NETWORK_NAME is an error that names it."""
    return settings_of(os.environ)


def settings_of(environment: Mapping[str, str]) -> Settings:
    """The same from another environment, as that of a deployed function."""
    found = {
        name: value
        for name in Settings.__struct_fields__
        if (value := environment.get(f"ONRAMP_{name.upper()}")) is not None
    }
    return msgspec.convert(found, Settings)


@cache
def session() -> boto3.Session:
    return boto3.Session()


@cache
def own() -> Account:
    """The network account, by the function's own role."""
    return Account(session(), settings().network_account)


def begin(*services: str) -> None:
    """Make the clients that every invocation of a function needs, while Lambda starts it: that time has a whole
    processor, whatever the function's memory, and what a client is made of stays for the members' clients as well.

    Only where Lambda itself says that it starts a function; a test that loads a handler makes no client by it.
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        for service in services:
            own().client(service)


@cache
def members(what: str) -> Members:
    """The member accounts, by their role `reader` or `writer`."""
    found = settings()
    partition = found.network_arn.split(":")[1]
    return Members(session(), own(), found.network_name, what, partition=partition, path=found.role_path)


@cache
def shelf() -> Shelf:
    """Where what grows with an account lies outside of states and items."""
    return Shelf(own(), settings().table)


@cache
def reach() -> Reach:
    """What reads whether requests get through; it keeps what never changes."""
    return Reach()


class Scouts:
    """Who may find out how quick Lattice is: of the runs that this sandbox of a function looks for, one in a while."""

    def __init__(self) -> None:
        self._sent_at = -math.inf

    def free(self, at: float) -> bool:
        """May one go? `at`: epoch seconds."""
        return at - self._sent_at >= SCOUT_AGAIN

    def send(self, at: float) -> None:
        """One goes, at these epoch seconds."""
        self._sent_at = at


@cache
def scouts() -> Scouts:
    """This sandbox's."""
    return Scouts()


def sleep(seconds: float) -> None:
    """Wait, as only a function may that has nothing else to do for so long."""
    time.sleep(seconds)


def now() -> float:
    """Epoch seconds: the one clock of the product."""
    return time.time()
