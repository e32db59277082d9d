"""A process of its own: takes one side of the cold-start comparison and prints its CPU seconds.

Run as `python child.py handler|clients RECORDING`, where RECORDING is a JSON file that cold.py wrote. Nothing is
imported here but what Python has loaded by itself or reads the file; both sides begin alike.
"""

import io
import json
import sys
import time
from typing import Any


def main(side: str, file: str) -> None:
    with open(file, encoding="utf-8") as opened:  # noqa: PTH123 - pathlib is for the measured side to import
        recording = json.load(opened)
    sys.path[:0] = recording["path"]
    sides = {"handler": handle, "clients": make_clients}
    print(json.dumps(sides[side](recording)))  # noqa: T201 - this is how it answers


def make_clients(recording: dict[str, Any]) -> dict[str, Any]:
    """Import boto3 and make the clients: nothing could do this event's calls with less."""
    begin = time.process_time()
    import boto3

    session = boto3.Session()
    for service, credentials in recording["clients"]:
        session.client(service, **credentials)
    return {"seconds": time.process_time() - begin}


def handle(recording: dict[str, Any]) -> dict[str, Any]:
    """Import the handler and let it handle the event, and again; canned answers, whose time is not counted.

    CPU seconds: `start` until it is imported, `seconds` until it has handled the event, `again` for the second time
    alone. `memory`: the most that the process held, in MB.
    """
    answers = Answers(recording["answers"])
    time.sleep = lambda _: None  # what is waited for is in the recording
    time.time = lambda: recording["at"]  # names and leases come of the time: the same event is the same work
    context = Context()
    begin = time.process_time()
    # boto3 imports this module in any case; the hook has to be there before the first client is made.
    import botocore.handlers

    botocore.handlers.BUILTIN_HANDLERS.append(("before-send", answers))
    module, _, name = recording["handler"].rpartition(".")
    printed, sys.stdout = sys.stdout, io.StringIO()
    try:
        handler = getattr(__import__(module), name)
        started = time.process_time()
        result = handler(recording["payload"], context)
        seconds = time.process_time() - begin - answers.seconds
        left = len(answers.left)
        again = _again(handler, recording["payload"], context, answers)
    finally:
        sys.stdout = printed
    return {
        "start": started - begin,
        "seconds": seconds,
        "again": again,
        "memory": peak(),
        "left": left,
        "result": result,
    }


def peak() -> float:
    """MB. What the kernel tells of a whole process counts its parent before it, so only what it tells of this one."""
    with open("/proc/self/status", encoding="utf-8") as status:  # noqa: PTH123 - as above
        [kilobytes] = [line.split()[1] for line in status if line.startswith("VmHWM:")]
    return int(kilobytes) / 1024


def _again(handler: Any, payload: Any, context: Any, answers: Any) -> float:
    """A warm invocation has its role's session already: the answer to what it does not ask again is passed over."""
    answers.begin_again()
    begin = time.process_time()
    handler(payload, context)
    return time.process_time() - begin - float(answers.seconds)


class Answers:
    """botocore's `before-send`: the recorded answers, in order. `seconds` is the CPU time that this took."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self._all = answers
        self._passing_over = False
        self.left = list(answers)
        self.seconds = 0.0

    def begin_again(self) -> None:
        self.left, self.seconds, self._passing_over = list(self._all), 0.0, True

    def __call__(self, event_name: str, request: Any, **_: object) -> object:
        begin = time.process_time()
        from botocore.awsrequest import AWSResponse

        answer = self.left.pop(0)
        asked = event_name.split(".", 2)[1:]
        while self._passing_over and self.left and asked != [answer["service"], answer["operation"]]:
            answer = self.left.pop(0)
        if asked != [answer["service"], answer["operation"]]:
            raise AssertionError(f"asked for {asked}; recorded was {answer['service']}.{answer['operation']}")
        response = AWSResponse(request.url, answer["status"], answer["headers"], Body(answer["body"].encode("latin-1")))
        self.seconds += time.process_time() - begin
        return response


class Body(io.BytesIO):
    def stream(self, **_: object) -> object:
        yield self.read()


class Context:
    """As much of Lambda's context as the handlers and Powertools ask for."""

    function_name = "function"
    memory_limit_in_mb = "512"
    invoked_function_arn = "arn:aws:lambda:ap-northeast-1:111111111111:function:function"
    aws_request_id = "00000000-0000-4000-8000-000000000000"


if __name__ == "__main__":
    main(*sys.argv[1:])
