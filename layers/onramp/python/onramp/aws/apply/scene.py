"""What every verb is given: the network, the account's clients, tokens and tags; and how an answer is read."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from onramp.aws.account import Account
from onramp.aws.errors import missing
from onramp.core import names, tags
from onramp.core.errors import NotYet, Refused
from onramp.core.network import Network
from onramp.core.steps import Step, extra


class Scene:
    """Where a batch is done: the network, the account's clients, and what makes a repeated call the same call."""

    def __init__(
        self, network: Network, account: Account, run: str, round_: int, enter: Callable[[str], Account] | None = None
    ) -> None:
        """`enter` answers another account by its writer, or raises Refused; None where nobody needs it."""
        self.network = network
        self.account = account
        self._enter = enter
        self._run = (run, str(round_))
        self.made: dict[str, str] = {}
        """Key of a step of this batch -> id of what it made, where no ARN says it."""

    def client(self, service: str) -> Any:
        return self.account.client(service)

    def client_of(self, account: str, service: str) -> Any:
        """A client of another account than the batch's. Raises Refused where that takes no part."""
        if self._enter is None:
            raise AssertionError("nobody said how other accounts are entered")
        return self._enter(account).client(service)

    @property
    def lattice(self) -> Any:
        return self.account.client("vpc-lattice")

    def token(self, step: Step) -> str:
        """The same step of the same round has the same token: a lost answer makes no second object."""
        return names.token(*self._run, step.key)

    def tags(self, step: Step) -> dict[str, str]:
        """On all that we make, in the call that makes it."""
        return {**extra(step), tags.OWNER: self.network.name, tags.NAME: step.name.rpartition("/")[2]}


class Taken(NotYet):
    """AWS took it, and does not say that it stands. `arn`: of what it made, or ''."""

    def __init__(self, detail: str, arn: str = "") -> None:
        super().__init__(detail)
        self.arn = arn


def removed(delete: Callable[[], Any]) -> str:
    """A delete; what is missing already is done."""
    try:
        delete()
    except ClientError as error:
        if not missing(error):
            raise
    return ""


def check(answer: dict[str, Any], *harmless: str, code: str) -> None:
    """A 200 may hold failures (facts 9)."""
    bad = [item for item in answer.get("unsuccessful", ()) if item.get("failureCode") not in harmless]
    if bad:
        raise Refused(code, f"{bad[0].get('failureCode')}: {bad[0].get('failureMessage')}")


type Tags = list[dict[str, str]]
"""Tags as EC2 and load balancers take them."""


def spelled(given: dict[str, str]) -> Tags:
    """Tags as EC2 and load balancers take them."""
    return [{"Key": key, "Value": value} for key, value in given.items()]
