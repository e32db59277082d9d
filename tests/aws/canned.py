"""An account in which AWS answers just what a test says: for answers that no engine can be brought to give."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError
from onramp.aws.account import Account
from onramp.aws.eyes import Eyes

type Given = dict[str, Any]
type Answer = Given | ClientError | Callable[[Given], Given]


def error(code: str, status: int = 400) -> ClientError:
    said = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "Operation")  # type: ignore[arg-type]  # as much of it as is read


class Canned(Account):
    """`answers`: method -> what it answers, raises, or works out of what it is given; `calls`: what was asked."""

    def __init__(self, account: str, **answers: Answer) -> None:
        self.account = account
        self.answers = answers
        self.calls: list[tuple[str, Given]] = []

    def client(self, service: str) -> Any:
        return _Client(self)

    def answer(self, method: str, given: Given) -> Given:
        self.calls.append((method, given))
        answer = self.answers[method]
        if isinstance(answer, ClientError):
            raise answer
        return answer(given) if callable(answer) else answer


class _Client:
    def __init__(self, account: Canned) -> None:
        self._account = account

    def __getattr__(self, method: str) -> Callable[..., Given]:
        return lambda **given: self._account.answer(method, given)

    def get_paginator(self, method: str) -> "_Pages":
        return _Pages(self._account, method)


class _Pages:
    def __init__(self, account: Canned, method: str) -> None:
        self._account = account
        self._method = method

    def paginate(self, **given: Any) -> Iterator[Given]:
        yield self._account.answer(self._method, given)


class CannedEyes(Eyes):
    """Looks into these accounts, the first of which is home, and into no other."""

    def __init__(self, *accounts: Canned) -> None:
        self._accounts: dict[str, Account] = {one.account: one for one in accounts}
        self.home = accounts[0]
        self._readers = []
        self._refused = {}
