"""The same gate over HTTP, so that any AWS client on this machine can use the local cloud."""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import ClosingIterator

from localcloud.door.gate import Gated
from localcloud.door.wire import Message
from localcloud.ground.clock import Clock

LOOPBACK = "127.0.0.1"
LONGEST_BODY = 300 * 1024 * 1024
"""Bytes: a little more than the largest function package that Lambda takes."""

CONTROL = "/_local/"
"""Paths that begin so are no AWS call but a word to whoever serves; no bucket can be called so."""

_LONGEST_TRAILERS = 65_536
"""Bytes."""

type Control = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Gets what follows CONTROL in the path and the JSON object that came, answers a JSON object.

Raises LookupError for a word it does not know, ValueError for what it cannot do with that object.
"""

logger = logging.getLogger(__name__)


class PortInUse(OSError):
    """Somebody listens on the port already."""

    def __init__(self, port: int) -> None:
        super().__init__(
            errno.EADDRINUSE,
            f"port {port} is in use; stop what listens there, or choose another with --port",
        )


class _Chunks(DechunkedInput):
    """A body in chunks. One that is no chunk, or larger than any body may be, is refused and not waited for."""

    def read_chunk_len(self) -> int:
        length = super().read_chunk_len()
        if length > LONGEST_BODY:
            raise RequestEntityTooLarge()
        if length == 0:
            self._pass_trailers()
        return length

    def _pass_trailers(self) -> None:
        """Fields may follow the last chunk; what is after them is left, the line that ends the body."""
        reads: Any = self._rfile
        left = _LONGEST_TRAILERS
        while reads.peek(1)[:1] not in (b"\r", b"\n", b""):
            line = reads.readline(left)
            left -= len(line)
            if b":" not in line or left <= 0:
                raise BadRequest("What follows the last chunk is no field")

    def readinto(self, buf: Any) -> int:
        try:
            return super().readinto(buf)
        except (ConnectionError, TimeoutError):
            raise
        except OSError as wrong:
            raise BadRequest(str(wrong)) from wrong


class Handler(WSGIRequestHandler):
    """One connection of a client, kept for as many calls as it likes.

    werkzeug's own way to answer closes each connection and waits 10 ms for what is left unread. Ours is for answers
    that are whole when they begin: the body of a call is read to its end, or the connection is closed after all.
    """

    protocol_version = "HTTP/1.1"
    # An answer is written in two pieces, headers and body; the second is not to wait until the first is acknowledged.
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        lengths = set(self.headers.get_all("Content-Length") or ())
        if len(lengths) > 1 or not all(re.fullmatch("[0-9]{1,20}", one, re.ASCII) for one in lengths):
            # Where its body ends nobody knows, nor where the next request begins.
            self.close_connection = True
            told = b"The Content-Length is not a length\n"
            headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(told))), ("Connection", "close")]
            self._send("400 BAD REQUEST", headers, told)
            return
        if (
            self.headers.get("Expect", "").strip().lower() == "100-continue"
            and int(next(iter(lengths), 0)) <= LONGEST_BODY
        ):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        begun: list[Any] = []
        environ = self.make_environ()
        application: Any = self.server.app
        try:
            answer = application(environ, lambda status, headers, _=None: begun.extend((status, headers)))
            try:
                self._send(begun[0], begun[1], b"".join(answer))
            finally:
                answer.close()
        except (ConnectionError, TimeoutError) as dropped:
            self.connection_dropped(dropped, environ)

    def handle_expect_100(self) -> bool:
        """Said once, and not before it is known that the body may come: see `run_wsgi`."""
        return True

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        if isinstance(environ["wsgi.input"], DechunkedInput):
            reads: Any = self.rfile
            environ["wsgi.input"] = _Chunks(reads)
        return environ

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if self.close_connection:
            self._pass_over()

    def _pass_over(self) -> None:
        """Read what was not read, within reason: closed with something unread, the client would not see the answer."""
        self.connection.settimeout(0.2)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            for _ in range(1_000):
                if not self.connection.recv(65_536):
                    return

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002 - werkzeug's
        """An answer is lost on request: the client sees the connection close, not an endless wait."""
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: ARG002 - werkzeug's
        # The journal is the record.
        logger.debug(message, *args)


class Served(Gated, Protocol):
    """A cloud as the server needs it."""

    @property
    def clock(self) -> Clock: ...

    def settle(self) -> None:
        """Let time pass until only background things are due."""
        ...


@dataclass
class Server[C: Served]:
    """A local cloud that listens. One lock lets in one request, or one step of time, after the other."""

    cloud: C
    host: str = LOOPBACK
    port: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    on_error: Callable[[BaseException], None] | None = None
    """Hears of exceptions that are defects of the local cloud, or of what runs in it."""
    control: Control | None = None
    before_answer: Callable[[], None] | None = None
    """Called before each client's call is answered: what it will see happened before that call."""
    answering: bool = False
    """A client's call is being answered now; else what happens is the cloud's own doing."""
    _server: BaseWSGIServer | None = None
    _threads: list[threading.Thread] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _open: int = 0
    _closed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Listen, in a thread of its own. Raises PortInUse, and OSError where the system does not let us."""
        # Bound here and not by werkzeug, which says on stderr what is wrong and exits.
        try:
            listening = socket.create_server((self.host, self.port))
        except OSError as refused:
            if refused.errno == errno.EADDRINUSE:
                raise PortInUse(self.port) from refused
            raise
        with listening:  # werkzeug makes a copy
            self._server = make_server(
                self.host, self.port, self, threaded=True, request_handler=Handler, fd=listening.fileno()
            )
        self.port = self._server.port
        # How often it looks whether it is to stop, which whoever stops it waits for.
        self._thread(functools.partial(self._server.serve_forever, 0.05), "local cloud")

    def stop(self) -> None:
        """Stop listening and pumping; what is being answered is finished."""
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        # werkzeug waits for no thread of its own, since an idle connection keeps one for ever.
        with self._closed:
            self._closed.wait_for(lambda: not self._open, timeout=5)
        for thread in self._threads:
            thread.join(timeout=5)

    def pump(self, speed: float = 1.0, every: float = 0.1) -> None:
        """From now on let simulated time run `speed` times as fast as real time, in steps of `every` s."""
        self._thread(lambda: self._pump(speed, every), "local cloud's clock")

    def advance(self, seconds: float) -> None:
        """Let simulated time pass between requests."""
        with self.lock:
            self.cloud.clock.advance(seconds)

    def settle(self) -> None:
        """Let time pass until nothing is due but background things."""
        with self.lock:
            self.cloud.settle()

    def _thread(self, work: Callable[[], object], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _pump(self, speed: float, every: float) -> None:
        # Only monotonic time is real in here: Python's clock shows the simulated one.
        last = time.monotonic()
        while not self._stopping.wait(every):
            now = time.monotonic()
            try:
                self.advance((now - last) * speed)
            except Exception as problem:
                self._tell(problem)
            last = now

    def _tell(self, problem: BaseException) -> None:
        if self.on_error is not None:
            self.on_error(problem)
        else:
            logger.error("the local cloud failed", exc_info=problem)

    # --- WSGI ---

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        request.max_content_length = LONGEST_BODY
        try:
            # To its end, before anybody waits for it to be answered: a client may send half of it and no more.
            request.get_data(parse_form_data=False)
        except HTTPException as refused:
            # What was not read would be taken for the next request.
            gone = {"Connection": "close"}
            told = Response(f"{refused.description}\n", status=refused.code, headers=gone, content_type="text/plain")
            return told(environ, start_response)
        with self._closed:
            if self._stopping.is_set():
                raise ConnectionAbortedError("the local cloud is stopped")
            self._open += 1
        try:
            response = self._respond(request)
        except BaseException:
            self._finished()
            raise
        return ClosingIterator(response(environ, start_response), self._finished)

    def _finished(self) -> None:
        """An answer is sent, or will never be."""
        with self._closed:
            self._open -= 1
            self._closed.notify_all()

    def _respond(self, request: Request) -> Response:
        if request.path.startswith(CONTROL):
            return self._word(request)
        message = _message(request)
        try:
            with self.lock:
                if self.before_answer is not None:
                    self.before_answer()
                self.answering = True
                try:
                    answer = self.cloud.gate.answer(message)
                finally:
                    self.answering = False
        except ConnectionError:
            # An answer that is lost on request: werkzeug drops the connection.
            raise
        except Exception as problem:
            self._tell(problem)
            text = f"the local cloud failed: {type(problem).__name__}: {problem}"
            return Response(text, status=500, content_type="text/plain")
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _OURS}
        body = b"" if request.method == "HEAD" else answer.body
        response = Response(body, status=answer.status, headers=headers)
        if request.method == "HEAD":
            length = {name.lower(): value for name, value in answer.headers.items()}.get("content-length")
            response.headers["Content-Length"] = length or str(len(answer.body))
            response.automatically_set_content_length = False
        return response

    def _word(self, request: Request) -> Response:
        """A word to whoever serves. Only JSON is heard: no page in a browser can send that here unasked."""
        if request.method != "POST" or request.mimetype != "application/json":
            return _json(415, {"error": "POST a JSON object"})
        try:
            given = msgspec.json.decode(request.get_data(), type=dict[str, Any])
            with self.lock:
                # Asked for here: who speaks while the world is being built waits until there is a keeper.
                if self.control is None:
                    return _json(404, {"error": "nobody listens to words here"})
                return _json(200, self.control(request.path.removeprefix(CONTROL), given))
        except LookupError as unknown:
            return _json(404, {"error": str(unknown.args[0]) if unknown.args else request.path})
        except (ValueError, msgspec.DecodeError) as wrong:
            return _json(400, {"error": str(wrong)})
        except Exception as problem:
            self._tell(problem)
            return _json(500, {"error": f"{type(problem).__name__}: {problem}"})


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")


# What werkzeug writes itself, or moto writes for its own sake.
_OURS = {"content-length", "connection", "transfer-encoding", "status", "date", "server"}


def _message(request: Request) -> Message:
    # The path as it was sent: an encoded slash in a key or an ARN is not a slash.
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    path = raw if raw.startswith("/") else "/" + raw.split("://", 1)[-1].partition("/")[2]
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = request.get_data(parse_form_data=False)
    return Message(request.method, f"http://{request.host}{path}", headers, body, wired=True)


@contextlib.contextmanager
def serve(cloud: Served, port: int = 0, *, speed: float = 0.0) -> Iterator[str]:
    """Serve `cloud` on the loopback interface while the block runs; yields the endpoint's URL.

    Time stands still unless `speed` is given (simulated seconds per real second). Raises PortInUse.
    """
    server = Server(cloud, port=port)
    server.start()
    if speed:
        server.pump(speed)
    try:
        yield server.url
    finally:
        server.stop()
