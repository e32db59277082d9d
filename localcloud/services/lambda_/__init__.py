"""Lambda: runs the handlers that the deployed functions name, each in a sandbox of its own.

moto keeps the functions, layers, permissions and mappings; here they run, and get what is read for them (`sources`).
A sandbox is what a Lambda environment is: its own copies of the modules in the code and layer folders, its own
environment variables, role credentials, output, loggers and default boto3 session. Third-party packages are the ones
installed here and are shared, except those that keep their state in modules (`sandbox.PRIVATE`).
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, ClassVar

from moto.awslambda.models import LambdaFunction

from localcloud.ground.caller import Caller
from localcloud.ground.guarded import read_all as read_guards
from localcloud.ground.limits import read_all as read_limits
from localcloud.ground.needs import read_all as read_needs
from localcloud.ground.service import Operations, answer
from localcloud.services.lambda_ import account
from localcloud.services.lambda_.asynchronous import invoke_async
from localcloud.services.lambda_.estate import Around, Estate, authorised_by, end, forget, hear, names_of_all, stand_in
from localcloud.services.lambda_.invocations import OPERATIONS as INVOCATIONS
from localcloud.services.lambda_.model import Invocation
from localcloud.services.lambda_.refusals import refuse
from localcloud.services.lambda_.running import invoke_as, run_function
from localcloud.services.lambda_.sources import Sources

OPERATIONS: Operations[Estate] = {**INVOCATIONS, **account.OPERATIONS}


class Functions:
    """Lambda of all accounts: moto keeps the functions, here they are refused and run.

    `duration`: simulated seconds that an invocation takes. `places`: how many run at once in an account. `cold` counts
    cold starts by function ARN.
    """

    name: ClassVar[str] = "lambda"
    operations: ClassVar[frozenset[str]] = frozenset({*OPERATIONS, "InvokeWithResponseStream"})

    def __init__(self, cloud: Around) -> None:
        self.estate = Estate(cloud)
        cloud.at_end(functools.partial(end, self.estate))
        cloud.gate.guard(refuse)
        cloud.gate.observe(functools.partial(hear, self.estate), also_quiet=True)
        sources = Sources(self.estate)
        cloud.gate.guard(sources.refuse)
        cloud.gate.observe(sources.hear, also_quiet=True)
        read_needs()
        read_guards()
        read_limits()

    @property
    def duration(self) -> float:
        return self.estate.duration

    @duration.setter
    def duration(self, seconds: float) -> None:
        self.estate.duration = seconds

    @property
    def places(self) -> int:
        return self.estate.places

    @places.setter
    def places(self, places: int) -> None:
        self.estate.places = places

    @property
    def cold(self) -> dict[str, int]:
        return self.estate.cold

    @property
    def names(self) -> list[str]:
        """The names of all functions, in whatever account, in order."""
        return names_of_all()

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer Invoke, InvokeAsync and GetAccountSettings; raises AwsError."""
        return answer(self.name, OPERATIONS, self.estate, operation, params, caller)

    def stand_in(self, folder: Path) -> bytes:
        """A small archive to give to Lambda in place of `folder`: what has it as its code runs from the folder."""
        return stand_in(self.estate, folder)

    def function(self, account: str, name: str) -> LambdaFunction:
        """moto's function of that name or ARN; ResourceNotFoundException."""
        return self.estate.function(account, name)

    def authorised_by(self, account: str, name: str) -> tuple[str, list[dict[str, Any]]]:
        """A function's ARN and its resource policies."""
        return authorised_by(self.estate, account, name)

    def invoke(
        self, account: str, name: str, payload: Any, *, caller: Caller | None = None, run: str = ""
    ) -> tuple[Any, str]:
        """Run a function: its result and '', or Lambda's error document and the error's type.

        With `caller`, that caller must be allowed to. Raises AwsError when it is not, when there is no such
        function, and when it is throttled.
        """
        return invoke_as(self.estate, account, name, payload, caller=caller, run=run)

    def run(self, account: str, name: str, payload: Any, *, run: str = "") -> Invocation:
        """Run a function for one who is allowed to."""
        return run_function(self.estate, account, name, payload, run=run)

    def invoke_async(self, account: str, name: str, payload: Any, *, run: str = "") -> str:
        """Have a function run by and by: retried, then given to its destination. Answers the request id.

        Raises AwsError when there is no such function or the payload is too large.
        """
        return invoke_async(self.estate, account, name, payload, run=run)

    def forget(self, account: str = "", name: str = "") -> None:
        """Drop the sandbox of a function, or all of them: the next invocation starts cold."""
        forget(self.estate, account, name)
