"""A local cloud served by `onramp local up` in a process of its own, and the AWS tools that talk to it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import queue
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from cli.local import ask
from tests.patience import PATIENCE

AWS = "awscli==1.46.3"
SAM = "aws-sam-cli==1.170.0"
REGION = "ap-northeast-1"
HERE = Path(sys.executable).parent
PYTHON = Path(sys.base_prefix) / "bin"


@functools.cache
def _session() -> Any:
    """One for all clients: each would read all endpoints of AWS, and its services' models, anew."""
    return boto3.Session(region_name=REGION)


@dataclass
class Served:
    """A process that serves; `lines` are what it has printed."""

    process: subprocess.Popen[str]
    port: int = 0
    lines: list[str] = field(default_factory=list)
    _fresh: queue.Queue[str | None] = field(default_factory=queue.Queue)
    _rest: bytes = b""
    _reading: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def happenings(self) -> list[dict[str, Any]]:
        """What was told so far by one that was started with --json: it tells of a call before it answers it."""
        while self._is_readable(0.0) and self._take():
            pass
        return [json.loads(line) for line in self.lines]

    def client(self, service: str, key: str, token: str | None = None) -> Any:
        """A boto3 client that talks HTTP to it and tries each call once; an owner's key is the account's number."""
        return _session().client(
            service,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=key,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def ask(self, word: str, **given: Any) -> dict[str, Any]:
        return ask(self.port, word, **given)

    def wait_for(self, holds: Callable[[str], bool], within: float = PATIENCE) -> str:
        """The next line that holds; AssertionError, with all lines, when none comes."""
        end = time.monotonic() + within
        while True:
            try:
                line = self._fresh.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError("it never came:\n" + "".join(self.lines))
            if holds(line):
                return line

    def read(self) -> None:
        """Until it ends. Whoever asks what was told takes what is there before this does."""
        while self._is_readable(None) and self._take():
            pass
        self._fresh.put(None)

    def _is_readable(self, within: float | None) -> bool:
        assert self.process.stdout is not None
        return bool(select.select([self.process.stdout], [], [], within)[0])

    def _take(self) -> bool:
        """Put what is there to the lines; False at the end."""
        assert self.process.stdout is not None
        with self._reading:
            if not self._is_readable(0.0):
                return True  # somebody else was quicker
            part = os.read(self.process.stdout.fileno(), 1 << 16)
            *whole, self._rest = (self._rest + part).split(b"\n")
            if not part and self._rest:
                whole, self._rest = [self._rest], b""
            for line in whole:
                self.lines.append(f"{line.decode()}\n")
                self._fresh.put(self.lines[-1])
        return bool(part)


@contextlib.contextmanager
def up(*words: str) -> Iterator[Served]:
    """`onramp local up WORDS --json` on a free port, while the block runs."""
    process = subprocess.Popen(
        [HERE / "onramp", "local", "up", "--port", "0", "--json", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment(),
    )
    served = Served(process)
    reader = threading.Thread(target=served.read, daemon=True)
    reader.start()
    try:
        told = json.loads(served.wait_for(lambda line: '"kind": "serving"' in line))
        served.port = int(told["url"].rpartition(":")[2])
        yield served
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            reader.join(PATIENCE)


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without what would lead an AWS client elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        # uv makes its tools with this Python, whatever stands first in the PATH.
        "PATH": os.pathsep.join([str(HERE), str(PYTHON), kept.get("PATH", "")]),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "local",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "1",
        **more,
    }


def uv() -> str:
    """uv, as it is installed or as make fetched it."""
    return os.environ.get("UV") or shutil.which("uv") or str(Path(__file__).parents[2] / ".tools" / "bin" / "uv")


@functools.cache
def tool_folder(package: str) -> Path:
    """Where uv keeps the programs of a tool, made if it is not there yet: starting them by uv costs a second each."""
    found = subprocess.run(
        [uv(), "tool", "run", "--quiet", "--from", package, "python", "-c", "import sys; print(sys.executable)"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        timeout=PATIENCE,
    )
    return Path(found.stdout.strip()).parent


@dataclass
class Shell:
    """One bash in which commands are typed one after the other; what they set stays set."""

    process: subprocess.Popen[str]
    folder: Path

    def type(self, command: str) -> tuple[int, str, str]:
        """Exit status, output and error output of `command`."""
        out, err = self.folder / "out", self.folder / "err"
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{{ {command}\n}} >'{out}' 2>'{err}' </dev/null; echo $?\n")
        self.process.stdin.flush()
        status = self.process.stdout.readline()
        return int(status), out.read_text(), err.read_text()


@contextlib.contextmanager
def shell(folder: Path, served: Served, *tools: str) -> Iterator[Shell]:
    """A bash whose AWS tools talk to `served`."""
    environment = clean_environment(AWS_ENDPOINT_URL=served.url, ONRAMP_LOCAL_PORT=str(served.port))
    # A tool as uv installs it is not compiled: without this each of its starts compiles it anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    environment["PATH"] = os.pathsep.join([*(str(tool_folder(tool)) for tool in tools), environment["PATH"]])
    process = subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    )
    try:
        yield Shell(process, folder)
    finally:
        process.communicate("exit\n", timeout=PATIENCE)
