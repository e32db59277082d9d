"""A served cloud answers whether or not somebody reads what it tells."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import start
from cli.local import ask
from cli.render import outlet
from cli.render.outlet import Outlet
from tests.patience import PATIENCE
from tests.wire.served import HERE, Served, clean_environment


def lost(lines: int) -> str:
    return f"{lines} lost\n"


def read(descriptor: int) -> str:
    with open(descriptor, encoding="utf-8") as there:
        return there.read()


def test_what_is_told_can_be_read_at_once() -> None:
    reads, writes = os.pipe()
    out = Outlet(writes, lost)
    assert out.write("one\n") == 4
    assert os.read(reads, 100) == b"one\n"
    out.close()
    os.close(writes)
    assert read(reads) == ""


def test_nobody_waits_for_who_does_not_read_and_nothing_of_it_is_lost() -> None:
    reads, writes = os.pipe()
    out = Outlet(writes, lost)
    lines = [f"{number:>99}\n" for number in range(5000)]
    for line in lines:
        out.write(line)
    got = b""
    while len(got) < 500_000:
        got += os.read(reads, 1 << 16)
    assert got.decode() == "".join(lines)
    out.close()
    os.close(writes)
    os.close(reads)


def test_what_there_is_no_room_for_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "HELD_AT_MOST", 1 << 17)
    reads, writes = os.pipe()
    out = Outlet(writes, lost)
    for number in range(4000):
        out.write(f"{number:>99}\n")
    got = b""
    while b"after\n" not in got:
        if select.select([reads], [], [], 0.01)[0]:
            got += os.read(reads, 1 << 16)
        elif not out._held:  # all of it was written and read: there is room again
            out.write("after\n")
    told = got.decode().partition("after\n")[0].splitlines()
    left_out = [int(line.split()[0]) for line in told if line.endswith("lost")]
    assert left_out
    assert len(told) - len(left_out) + sum(left_out) == 4000
    out.close()
    os.close(writes)
    os.close(reads)


def test_a_reader_that_has_gone_stops_nothing() -> None:
    reads, writes = os.pipe()
    out = Outlet(writes, lost)
    os.close(reads)
    for _ in range(3):
        assert out.write("told to nobody\n") == 15
    out.close()
    os.close(writes)


def test_output_that_cannot_be_written_is_no_outcome_that_a_command_promises() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with Path("/dev/full").open("wb") as full:
        for out, status, says in ((full.fileno(), 74, "No space left on device"), (writes, 141, "")):
            ran = subprocess.run(
                [HERE / "onramp", "--version"], stdout=out, stderr=subprocess.PIPE, text=True, check=False
            )
            assert (ran.returncode, ran.stderr.count("\n")) == (status, bool(says)), ran.stderr
            assert says in ran.stderr
    os.close(writes)


def test_who_breaks_off_while_it_is_loaded_is_shown_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "cli.app", SimpleNamespace(main=broken_off))
    with pytest.raises(SystemExit) as ended:
        start.main()
    assert ended.value.code == 130


def test_who_closes_standard_output_has_the_outcome_all_the_same() -> None:
    closed = ["sh", "-c", f"{HERE / 'onramp'} plan --account 1 --json >&-"]
    ran = subprocess.run(closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)


def port_of(line: bytes) -> int:
    told: dict[str, Any] = json.loads(line)
    return int(str(told["url"]).rpartition(":")[2])


@pytest.mark.parametrize("leaves", [False, True], ids=["reads no more", "has gone"])
def test_it_serves_on_and_ends_when_it_is_told_to(tmp_path: Path, leaves: bool) -> None:
    up = [HERE / "onramp", "local", "up", "--port", "0", "--speed", "0", "--json"]
    with subprocess.Popen(up, stdout=subprocess.PIPE, env=clean_environment(), cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            port = port_of(process.stdout.readline())
            if leaves:
                process.stdout.close()
            client = Served(process, port).client("sqs", "111111111111")  # type: ignore[arg-type]  # it reads nothing
            for number in range(300):  # each told by some 400 bytes: more than a pipe holds
                client.list_queues(QueueNamePrefix=f"a-long-name-of-a-queue-{number}")
            assert ask(port, "status")["calls"] >= 300
            ask(port, "stop")
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
