"""Compare each handler's cold start, as the layer is built, with the bare clients that its first event needs, made of
boto3 and botocore whole: process against process.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
import msgspec

from tests.bench.recording import Recording
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "onramp"
CHILD = Path(__file__).with_name("child.py")
ISOLATED = ("-I", "-S", "-B")

REPETITIONS = 15

MEASURED = (
    "CPU time (user and system) of a fresh process, from when Python itself is up: left, until the handler is imported "
    "and has handled the first event that the replay gave it, from the layer as it is built and with the deployed "
    "function's environment, its AWS answers canned; right, until boto3 is imported and one client is made for each "
    "service and account that this event called, from boto3 and botocore as they are published. Network, TLS and AWS's "
    "own time are in neither; both have their modules' bytecode. Start is the part that Lambda gives a whole "
    "processor; warm is the same event once more."
)


class ColdStart(msgspec.Struct, frozen=True):
    """CPU seconds, medians and fastest of all runs, and the ratios of both: `ratio` and `fastest`.

    `start` and `again` are medians of the handler's: until it is imported, and for the same event once more. `memory`
    is the most that its process held, in MB, Python included.
    """

    function: str
    handler: float
    clients: float
    handler_fastest: float
    clients_fastest: float
    ratio: float
    fastest: float
    start: float
    again: float
    memory: float
    calls: int
    services: list[str]


class _Handled(msgspec.Struct, frozen=True):
    seconds: float
    start: float
    again: float
    memory: float


def cold_starts(recordings: dict[str, Recording], repetitions: int = REPETITIONS) -> list[ColdStart]:
    """One comparison for each function. Both sides alternate, so that what else the machine does hits both."""
    samples: dict[str, list[tuple[_Handled, float]]] = {name: [] for name in recordings}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = [str(msgspec_for_this_machine(folder)), str(built_layer(folder / "layer"))]
        whole = [str(Path(boto3.__file__).parents[1])]
        handlers, bare = {}, {}
        for name, it in recordings.items():
            handlers[name] = written(folder / f"{name}.json", it, [it.environment["LAMBDA_TASK_ROOT"], *path])
            bare[name] = written(folder / f"{name}-bare.json", it, whole)
        for repetition in range(repetitions + 1):
            for name, it in recordings.items():
                # Whichever goes second finds a warmer machine, so they take turns.
                before = _handler(it, handlers[name]) if repetition % 2 else None
                clients = run_child("clients", it, bare[name], *ISOLATED)["seconds"]
                handled = before or _handler(it, handlers[name])
                if repetition:  # the first one finds nothing in the machine's caches
                    samples[name].append((handled, clients))
    return [_cold_start(name, recordings[name], samples[name]) for name in sorted(samples)]


def _cold_start(name: str, recording: Recording, samples: list[tuple[_Handled, float]]) -> ColdStart:
    handled, clients = zip(*samples, strict=True)
    seconds = [it.seconds for it in handled]
    return ColdStart(
        function=name,
        handler=statistics.median(seconds),
        clients=statistics.median(clients),
        handler_fastest=min(seconds),
        clients_fastest=min(clients),
        ratio=statistics.median(seconds) / statistics.median(clients),
        fastest=min(seconds) / min(clients),
        start=statistics.median(it.start for it in handled),
        again=statistics.median(it.again for it in handled),
        memory=max(it.memory for it in handled),
        calls=len(recording.answers),
        services=sorted({service for service, _ in recording.clients}),
    )


def _handler(recording: Recording, file: Path) -> _Handled:
    """What it took, once it is certain that it did the recorded work: ValueError when it did another."""
    done = run_child("handler", recording, file, *ISOLATED)
    if done["left"] or done["result"] != recording.result:
        raise ValueError(
            f"{recording.function} did something else than in the replay: {done['left']} answers unused, "
            f"result {done['result']}"
        )
    return msgspec.convert(done, _Handled)


def built_layer(folder: Path) -> Path:
    """Where the layer's packages lie, built into `folder` as `sam build` does. ValueError when that fails."""
    done = subprocess.run(
        ["make", "--silent", "build-OnrampLayer", f"ARTIFACTS_DIR={folder}"],
        cwd=LAYER,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if done.returncode:
        raise ValueError(f"the layer cannot be built: {done.stderr.strip()[-500:]}")
    return folder / "python"


def msgspec_for_this_machine(folder: Path) -> Path:
    """A folder that stands before the layer's: its msgspec is compiled for the functions' processors, so elsewhere the
    one of this machine, of the same version, stands in.
    """
    shim = folder / "shim"
    shim.mkdir()
    if platform.machine() != "aarch64":
        (shim / "msgspec").symlink_to(Path(str(msgspec.__file__)).parent)
    return shim


def run_child(side: str, recording: Recording, file: Path, *flags: str) -> dict[str, Any]:
    """What child.py answered in the function's environment; `flags` are Python's. ValueError when it failed."""
    done = subprocess.run(
        [sys.executable, *flags, str(CHILD), side, str(file)],
        env=recording.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if done.returncode:
        raise ValueError(f"{recording.function}, {side}: {done.stderr.strip()}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def written(file: Path, recording: Recording, path: list[str]) -> Path:
    """The recording as child.py reads it: plain JSON, bodies as Latin-1 text. `path` is for `sys.path`."""
    own = recording.environment["ONRAMP_NETWORK_ACCOUNT"]
    member = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret", "aws_session_token": "token"}
    document = {
        "path": path,
        "handler": recording.handler,
        "at": recording.at,
        "payload": recording.payload,
        "clients": [(service, {} if account == own else member) for service, account in recording.clients],
        "answers": [
            {**msgspec.structs.asdict(answer), "body": answer.body.decode("latin-1")} for answer in recording.answers
        ],
    }
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
