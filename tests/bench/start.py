"""`python -m tests.bench.start`: what it costs until `onramp local up` listens, with nothing and with the walk-through.

CPU seconds are counted, of the fastest of three starts each, since what else this machine does is nobody's matter; the
first start of all is left out, in which Python writes its bytecode.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

STARTS = 3


class Start(NamedTuple):
    """Seconds: of a CPU until it listens; until its first line; until it listens."""

    cpu: float
    first: float
    listening: float


def start(*words: str) -> Start:
    """One start of `onramp local up` with these words; RuntimeError where it ends without listening."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.monotonic()
    command = [str(Path(sys.executable).with_name("onramp")), "local", "up", "--port", port, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        if process.stdout is None:
            raise RuntimeError("it has no output")
        first = 0.0
        for line in process.stdout:
            first = first or time.monotonic() - began
            if "Listening" in line:
                break
        else:
            raise RuntimeError("it does not listen")
        listening = time.monotonic() - began
        told = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        cpu = sum(map(int, told[11:15])) / os.sysconf("SC_CLK_TCK")
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    return Start(cpu, first, listening)


def main() -> None:
    """Print a line for each of both."""
    start()
    for what, words in (("nothing", ()), ("the walk-through", ("--story", "walkthrough"))):
        fastest = min(start(*words) for _ in range(STARTS))
        told = f"{fastest.cpu:.1f} s of a CPU, first line after {fastest.first:.1f} s, listening after"
        sys.stdout.write(f"with {what}: {told} {fastest.listening:.1f} s\n")


if __name__ == "__main__":
    main()
