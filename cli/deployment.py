"""The deployed network that a command speaks of, seen from its own account, and infra's words put on its bus."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, NamedTuple

import typer
from botocore.exceptions import ClientError
from onramp.aws import announce
from onramp.aws.account import Account
from onramp.aws.doctor import environment
from onramp.aws.errors import denied
from onramp.aws.inventory import inventory
from onramp.aws.reading import listed
from onramp.core import names as named
from onramp.core.errors import NotYet
from onramp.core.fleet import Kept

from cli import given
from cli.aws import Looking, NotLetIn, explained, looking
from cli.given import Wrong


class NoTable(Wrong):
    """The network has no table, where it may be somebody's own, without a stack of ours."""


NetworkOption = Annotated[str, typer.Option("--network", metavar="NAME", help="The network, where there are several.")]


class Deployment(NamedTuple):
    """One network's stack. `own`: its account, by the session of who asks; `who`: that session's own ARN."""

    own: Account
    network: str
    arn: str
    who: str

    @property
    def name(self) -> str:
        """Of bus, table and state machine."""
        return f"onramp-{self.network}"

    @property
    def machine(self) -> str:
        partition, _, region, account = self.arn.split(":")[1:5]
        return f"arn:{partition}:states:{region}:{account}:stateMachine:{self.name}"

    def kept(self) -> list[Kept]:
        """What its table has of every account. Raises NoTable."""
        with explained():
            try:
                return inventory(self.own, self.network)
            except NotYet as no:
                if "ResourceNotFoundException" not in no.detail:
                    raise
                raise NoTable(
                    f"network {self.network} has no table {self.name} in {self.own.account}:"
                    " use a profile of the network account, or deploy template.yaml; if somebody deleted it, do what"
                    " table-missing says in docs/troubleshooting.md"
                ) from no

    def say(self, detail_type: str, detail: dict[str, Any], role: str) -> None:
        """Put it on the network's bus. `role`: the one that is made for who says it."""
        with explained():
            try:
                announce.put(self.own, self.name, [(detail_type, {**detail, "by": self.who})])
            except ClientError as no:
                if not denied(no):
                    raise
                which = named.role(self.network, role)
                raise NotLetIn(f"name a profile that takes role {which}: {self.who} may not say this: {no}") from no


def networks(look: Looking) -> dict[str, str]:
    """ARN -> name of the networks that the profiles can see. Raises NotLetIn."""
    with explained():
        found = look.eyes.everywhere(partial(listed, "list_service_networks"))
        return {item["arn"]: item["name"] for _, item in found}


def seen(look: Looking, network: str) -> tuple[str, str, str]:
    """Name, owner and ARN of the network of that name, or of the only one that the profiles can see. Raises Wrong."""
    found = networks(look)
    wanted = {arn: name for arn, name in found.items() if network in ("", name)}
    if not wanted:
        if network and not found:
            raise Wrong(f"no network can be seen, so none is called {network}: name a profile of the network account")
        raise Wrong(_none(network, sorted(found.values()), look))
    if len(wanted) > 1:
        raise Wrong(f"several networks are there: name one by --network: {', '.join(sorted(wanted.values()))}")
    [(arn, name)] = wanted.items()
    return name, arn.split(":")[4], arn


def deployment(profiles: Sequence[str], region: str, network: str) -> Deployment:
    """The network of that name, or the only one, that an account of the profiles owns. Raises Wrong, NotLetIn."""
    given.network(network)
    look = looking(profiles, region)
    seen = {arn: name for arn, name in networks(look).items() if arn.split(":")[4] in look.eyes.own}
    wanted = {arn: name for arn, name in seen.items() if network in ("", name)}
    if not wanted:
        raise Wrong(_none(network, sorted(seen.values()), look))
    if len(wanted) > 1:
        # One that somebody made for another purpose is none that these commands can speak of.
        whole = {arn: name for arn, name in wanted.items() if _is_ours(look.eyes.of(arn.split(":")[4]), name)}
        wanted = whole or wanted
    if len(wanted) > 1:
        raise Wrong(f"several networks are there: name one by --network: {', '.join(sorted(wanted.values()))}")
    [(arn, name)] = wanted.items()
    own = look.eyes.of(arn.split(":")[4])
    with explained():
        who = own.client("sts").get_caller_identity()["Arn"]
    return Deployment(own, name, arn, who)


def _is_ours(own: Account, network: str) -> bool:
    """Has it a stack of the product's, as far as that may be read?"""
    return environment(own, network, "watch") is not None


def _none(network: str, there: list[str], look: Looking) -> str:
    if not there:
        whose = ", ".join(look.eyes.own)
        return f"no network is owned by {whose} in {look.region}: use a profile of the network account, or its --region"
    close = difflib.get_close_matches(network, there, n=1)
    return f"there is no network {network} here; {f'did you mean {close[0]}?' if close else 'there are: '}" + (
        "" if close else ", ".join(there)
    )
