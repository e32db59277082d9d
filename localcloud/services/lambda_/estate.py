"""The functions of all accounts, which moto keeps, and where they run."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend as lambda_backend
from moto.awslambda_simple.models import lambda_simple_backends
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from localcloud.door.gate import Gated
from localcloud.ground.errors import AwsError
from localcloud.ground.questions import AsksEvents, AsksIam, AsksQueues, AsksSts, Ground, Runs
from localcloud.services.lambda_.sandbox import Sandbox

if TYPE_CHECKING:
    from localcloud.door.call import Done

PLACES = 1_000
"""Invocations of an account's functions at once; a new account's may be ten."""


class Around(Ground, AsksIam, AsksSts, AsksEvents, AsksQueues, Runs, Gated, Protocol):
    """What Lambda asks of its surroundings."""


class Estate:
    """The functions of all accounts, which moto keeps, and where they run.

    `duration`: simulated seconds that an invocation takes. `places`: how many run at once in an account. `cold` counts
    cold starts by function ARN.
    """

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self.duration = 0.0
        self.places = PLACES
        self.cold: dict[str, int] = {}
        self.sandboxes: dict[str, tuple[tuple[Any, ...], Sandbox]] = {}
        self.made: list[Sandbox] = []
        self.busy: dict[str, list[float]] = {}
        self.folders: dict[str, Path] = {}
        self.letters: dict[str, str] = {}
        self.unpacked = tempfile.TemporaryDirectory(prefix="localcloud-")

    def function(self, account: str, name: str) -> LambdaFunction:
        """moto's function of that name or ARN; ResourceNotFoundException."""
        if name.startswith("arn:"):
            account, name = name.split(":")[4], ":".join(name.split(":")[6:])
        elif ":function:" in name:
            account, _, name = name.partition(":function:")
        plain, _, qualifier = name.partition(":")
        try:
            found = lambda_backend(account, self.cloud.region).get_function(plain, qualifier or None)
        except (HTTPException, ServiceException) as error:
            arn = f"arn:aws:lambda:{self.cloud.region}:{account}:function:{name}"
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404, Type="User") from error
        return found


def stand_in(estate: Estate, folder: Path) -> bytes:
    """A small archive to give to Lambda in place of `folder`: what has it as its code runs from the folder."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("code-is-at"), str(folder.resolve()))
    estate.folders[hashlib.sha256(packed.getvalue()).hexdigest()] = folder.resolve()
    return packed.getvalue()


def names_of_all() -> list[str]:
    """The names of all functions, in whatever account, in order."""
    backends = [backend for regions in lambda_simple_backends.values() for backend in regions.values()]
    return sorted({function.function_name for backend in backends for function in backend.list_functions()})


def authorised_by(estate: Estate, account: str, name: str) -> tuple[str, list[dict[str, Any]]]:
    """A function's ARN and its resource policies."""
    function = estate.function(account, name)
    statements = function.policy.statements
    policies = [{"Version": "2012-10-17", "Statement": list(statements)}] if statements else []
    return function.function_arn, policies


def end(estate: Estate) -> None:
    """Nothing runs any more: let go of what every sandbox has loaded."""
    for sandbox in estate.made:
        sandbox.end()
    estate.made.clear()
    estate.sandboxes.clear()


def forget(estate: Estate, account: str = "", name: str = "") -> None:
    """Drop the sandbox of a function, or all of them: the next invocation starts cold."""
    if name:
        estate.sandboxes.pop(estate.function(account, name).function_arn, None)
    else:
        estate.sandboxes.clear()


def hear(estate: Estate, done: Done) -> None:
    """moto keeps neither DeadLetterConfig nor LoggingConfig, so they are kept here."""
    if done.service != "lambda" or done.error is not None:
        return
    made = done.operation in {"CreateFunction", "UpdateFunctionConfiguration"}
    if made and (group := (done.params.get("LoggingConfig") or {}).get("LogGroup")):
        function: Any = estate.function(done.caller.account, done.params["FunctionName"])
        function.log_group = group
    if made and "DeadLetterConfig" in done.params:
        arn = estate.function(done.caller.account, done.params["FunctionName"]).function_arn
        estate.letters[arn] = done.params["DeadLetterConfig"].get("TargetArn", "")
    elif done.operation == "DeleteFunction":
        name = done.params["FunctionName"].rpartition(":")[2]
        arn = f"arn:aws:lambda:{done.caller.region}:{done.caller.account}:function:{name}"
        estate.letters.pop(arn, None)
        estate.sandboxes.pop(arn, None)
