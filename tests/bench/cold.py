"""Compare each handler's cold start with the bare clients that its first event needs, process against process."""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.recording import Recording

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "onramp" / "python"
CHILD = Path(__file__).with_name("child.py")

LIMIT = 1.3
"""Issue 2: at most so many times the bare clients."""

REPETITIONS = 15

MEASURED = (
    "CPU time (user and system) of a fresh process, from when Python itself is up: left, until the handler is imported "
    "and has handled the first event that the replay gave it, with the deployed function's environment, its AWS "
    "answers canned; right, until boto3 is imported and one client is made for each service and account that this "
    "event called. Network, TLS and AWS's own time are in neither; both have their modules' bytecode, as Python "
    "caches it. A handler does all that its bare clients do, so a ratio below 1 is noise of this machine."
)


class ColdStart(msgspec.Struct, frozen=True):
    """CPU seconds, medians and fastest of all runs, and the ratios of both: `ratio` and `fastest`.

    A handler does all that its bare clients do and more, so a ratio below 1 is noise, and a measure of it. The
    limit holds for both.
    """

    function: str
    handler: float
    clients: float
    handler_fastest: float
    clients_fastest: float
    ratio: float
    fastest: float
    calls: int
    services: list[str]

    @property
    def over(self) -> list[str]:
        worse = max(self.ratio, self.fastest)
        if worse <= LIMIT:
            return []
        return [f"{self.function}: a cold start takes {worse:.2f} times its bare clients, at most {LIMIT} allowed"]


def cold_starts(recordings: dict[str, Recording], repetitions: int = REPETITIONS) -> list[ColdStart]:
    """One comparison for each function. Both sides alternate, so that what else the machine does hits both."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in recordings}
    with tempfile.TemporaryDirectory() as folder:
        files = {name: written(Path(folder) / f"{name}.json", it, _sources(it)) for name, it in recordings.items()}
        for repetition in range(repetitions + 1):
            for name, recording in recordings.items():
                # Whichever goes second finds a warmer machine, so they take turns.
                handler_first = repetition % 2
                before = _handler(recording, files[name]) if handler_first else 0.0
                clients = run_child("clients", recording, files[name])["seconds"]
                handler = before if handler_first else _handler(recording, files[name])
                if repetition:  # the first one compiles what was not compiled yet
                    samples[name].append((handler, clients))
    return [_cold_start(name, recordings[name], samples[name]) for name in sorted(samples)]


def _cold_start(name: str, recording: Recording, samples: list[tuple[float, float]]) -> ColdStart:
    handlers, clients = zip(*samples, strict=True)
    return ColdStart(
        function=name,
        handler=statistics.median(handlers),
        clients=statistics.median(clients),
        handler_fastest=min(handlers),
        clients_fastest=min(clients),
        ratio=statistics.median(handlers) / statistics.median(clients),
        fastest=min(handlers) / min(clients),
        calls=len(recording.answers),
        services=sorted({service for service, _ in recording.clients}),
    )


def _handler(recording: Recording, file: Path) -> float:
    """Its CPU seconds, once it is certain that it did the recorded work: ValueError when it did another."""
    done = run_child("handler", recording, file)
    if done["left"] or done["result"] != recording.result:
        raise ValueError(
            f"{recording.function} did something else than in the replay: {done['left']} answers unused, "
            f"result {done['result']}"
        )
    seconds: float = done["seconds"]
    return seconds


def _sources(recording: Recording) -> list[str]:
    return [recording.environment["LAMBDA_TASK_ROOT"], str(LAYER)]


def run_child(side: str, recording: Recording, file: Path, *flags: str) -> dict[str, Any]:
    """What child.py answered in the function's environment; `flags` are Python's. ValueError when it failed."""
    done = subprocess.run(
        [sys.executable, *flags, str(CHILD), side, str(file)],
        env=recording.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
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
