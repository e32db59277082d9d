"""An account in which AWS answers just what a test says: for answers that no engine can be brought to give."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from onramp.aws.account import Account
from onramp.aws.eyes import Eyes

INFRA, TEAM, STRANGER = "111111111111", "222222222222", "333333333333"
LATTICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:"
SERVICE, GROUP = f"{LATTICE}service/svc-1", f"{LATTICE}targetgroup/tg-1"
LISTENER = f"{SERVICE}/listener/listener-1"
JOINED = f"{LATTICE}servicenetworkserviceassociation/snsa-1"
INSIDE = f"{LATTICE}servicenetworkvpcassociation/snva-1"
BALANCER = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/50dc6c495c0c9188"
"""Of the world that answers are canned for: one thing of each kind, the team's."""

type Given = dict[str, Any]
type Answer = Given | list[Given] | ClientError | Callable[[Given], Given]


def error(code: str, status: int = 400) -> ClientError:
    said = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "Operation")  # type: ignore[arg-type]  # as much of it as is read


@cache
def _service(name: str) -> tuple[ServiceModel, dict[str, str]]:
    """The service as its own model has it, and method -> operation."""
    model = botocore.session.get_session().get_service_model(name)
    return model, {xform_name(one): one for one in model.operation_names}


@cache
def _pages(service: str, operation: str) -> dict[str, Any]:
    """How an operation is paged; ValueError where it is not."""
    return dict(botocore.session.get_session().get_paginator_model(service).get_paginator(operation))


class Canned(Account):
    """`answers`: method -> what it answers (a list: page by page), raises, or works out of what it is given; `calls`:
    what was asked.

    It takes what AWS takes: a call that its service does not have, or a parameter that the call does not, fails.
    """

    def __init__(self, account: str, **answers: Answer) -> None:
        self.account = account
        self.answers = answers
        self.calls: list[tuple[str, Given]] = []

    def client(self, service: str) -> Any:
        return _Client(self, service)

    def answer(self, service: str, method: str, given: Given) -> Any:
        model, operations = _service(service)
        takes = model.operation_model(operations[method]).input_shape
        if report := takes and ParamValidator().validate(given, takes).generate_report():
            raise ValueError(f"{service} {method}: {report}")
        self.calls.append((method, given))
        answer = self.answers[method]
        if isinstance(answer, ClientError):
            raise answer
        return answer(given) if callable(answer) else answer


class _Client:
    def __init__(self, account: Canned, service: str) -> None:
        self._account = account
        self._service = service

    def __getattr__(self, method: str) -> Callable[..., Given]:
        return lambda **given: self._account.answer(self._service, method, given)

    def get_paginator(self, method: str) -> "_Pages":
        _pages(self._service, _service(self._service)[1][method])
        return _Pages(self._account, self._service, method)


class _Pages:
    def __init__(self, account: Canned, service: str, method: str) -> None:
        self._account = account
        self._service = service
        self._method = method

    def paginate(self, **given: Any) -> Iterator[Given]:
        answer = self._account.answer(self._service, self._method, given)
        yield from answer if isinstance(answer, list) else [answer]


class CannedEyes(Eyes):
    """Looks into these accounts, the first of which is home, and into no other."""

    def __init__(self, *accounts: Canned) -> None:
        self._accounts: dict[str, Account] = {one.account: one for one in accounts}
        self.home = accounts[0]
        self._readers = []
        self._through = {}
        self._refused = {}
