"""Whose accounts can be looked into: by sessions that somebody has, else by the networks' reader roles."""

from collections.abc import Callable, Iterable, Iterator

import boto3

from onramp.aws.account import Account, Members
from onramp.aws.errors import translated
from onramp.core.errors import NotYet, Refused

SESSION = "onramp-trace"
"""How a member's CloudTrail calls who looks so."""


class Eyes:
    """`of(account)` looks into an account; what cannot be looked into is Refused each time, asked for once.

    `sessions`: account id -> session, whoever it is; the first is `home`, which tries to assume the reader roles of
    `networks` (names) in all other accounts.
    """

    def __init__(
        self, sessions: dict[str, boto3.Session], networks: Iterable[str] = (), *, partition: str = "aws"
    ) -> None:
        if not sessions:
            raise ValueError("there is no session to look with")
        self._accounts = {account: Account(session, account) for account, session in sessions.items()}
        self.home = next(iter(self._accounts.values()))
        self._session = next(iter(sessions.values()))
        self._partition = partition
        self._readers: list[Members] = []
        self._through: dict[str, Members] = {}
        self._refused: dict[str, Refused] = {}
        self.read_by(networks)

    @property
    def own(self) -> tuple[str, ...]:
        """The accounts that there are sessions for."""
        return tuple(self._accounts)

    def read_by(self, networks: Iterable[str]) -> None:
        """From now on the reader roles of these networks are tried."""
        self._readers = [
            Members(self._session, self.home, network, "reader", partition=self._partition)
            for network in sorted(set(networks))
        ]
        self._through.clear()
        self._refused.clear()

    def of(self, account: str) -> Account:
        """Refused when nobody here may look into it."""
        if account in self._accounts:
            return self._accounts[account]
        if account in self._through:
            return self._through[account].member(account, SESSION)
        if account not in self._refused:
            why = "no network is known whose reader role could be used"
            for reader in self._readers:
                try:
                    found = reader.member(account, SESSION)
                except (NotYet, Refused) as no:
                    why = _why(no, reader)
                else:
                    self._through[account] = reader
                    return found
            self._refused[account] = Refused("account-unread", f"account {account} cannot be read: {why}")
        raise self._refused[account]

    def everywhere[T](self, read: Callable[[Account], Iterable[T]]) -> Iterator[tuple[Account, T]]:
        """(account, each thing that `read` finds there) over all that there are sessions for, one after the other.

        An account that cannot be read costs itself alone. Raises why, NotYet or Refused, at the end where nothing was
        found and somebody could not be asked: unknown is not absent.
        """
        unread: NotYet | Refused | None = None
        found = False
        for account in map(self.of, self.own):
            try:
                with translated():
                    there = list(read(account))
            except (NotYet, Refused) as no:
                unread = unread or no
                continue
            for one in there:
                found = True
                yield account, one
        if unread is not None and not found:
            raise unread


def _why(no: NotYet | Refused, reader: Members) -> str:
    """AWS answers alike whether a role is not there or does not trust whoever asks, who is somebody with a key here."""
    if isinstance(no, NotYet):
        return no.detail
    if no.code != "member-role-missing":
        return no.message
    return f"name a profile of that account as well: only the network's functions may assume role {reader.role} in it"
