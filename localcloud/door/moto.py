"""moto as it is asked: which of its functions, in a protocol that it reads, and what it says back.

moto reads no CBOR, so that such a call goes to it in JSON, and its answer is spelled anew.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from typing import Any

from moto.core.request import Request
from werkzeug.exceptions import HTTPException

from localcloud.door import wire
from localcloud.door.call import Call
from localcloud.door.check import check_moto_answer, noting
from localcloud.door.gate import Gate
from localcloud.door.validate import invalid
from localcloud.door.wire import Answer
from localcloud.ground import machine, models
from localcloud.ground.errors import AwsError, NotEmulated, WrongAnswer


def serve(gate: Gate, call: Call) -> None:
    """NotEmulated where moto has no such operation; an error of moto's is the call's, as moto spells it."""
    if call.protocol == wire.CBOR:
        message = wire.as_json_message(call.message, call.operation, call.params)
        answer = _ask(call, wire.request(message, call.region, call.service))
        if error := _error_in(call, answer, "json"):
            raise _in_aws_words(call, error)
        result = _plain(wire.read_answer(call.service, call.name, answer, "json"))
        if gate.cloud.check_answers:
            with noting(gate.cloud.wrong_answers):
                check_moto_answer(call.service, call.name, result)
        call.answer = wire.serialise(call.service, call.name, result, wire.CBOR, gate.request_id())
        call.read = lambda: result
        return
    answer = wire.sealed(call.service, _ask(call, call.incoming), call.protocol, call.request_id)
    call.answer, call.error = answer, _error_in(call, answer, call.protocol)
    if call.error is not None and (told := _in_aws_words(call, call.error)) is not call.error:
        raise told
    if gate.cloud.check_answers and not call.error:
        with noting(gate.cloud.wrong_answers):
            found = wire.read_answer(call.service, call.name, answer, call.protocol)
            check_moto_answer(call.service, call.name, found)
    call.read = lambda: _plain(wire.read_answer(call.service, call.name, answer, call.protocol))


def _ask(call: Call, incoming: Request | None) -> Answer:
    if incoming is None:
        raise RuntimeError(f"{call.service}:{call.name} comes to moto unread")
    handler = moto_handler(call.service, incoming.raw_url.split("?", 1)[0])
    if handler is None:
        raise NotEmulated(call.service, call.name)
    incoming.environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.home or call.caller.account
    try:
        status, headers, body = handler(incoming, incoming.raw_url, incoming.headers)
    except HTTPException as refused:
        status, headers, body = refused.code or 400, dict(refused.get_headers()), refused.get_body()
    except NotImplementedError as lacking:
        raise NotEmulated(call.service, call.name) from lacking
    except (AwsError, WrongAnswer):
        raise
    except Exception as problem:
        told = _not_taken(call, problem)
        if told is None:
            raise
        raise told from problem
    content = body if isinstance(body, bytes) else str(body or "").encode()
    if int(status) >= 300 and call.protocol in ("query", "ec2", "rest-xml"):
        # Where moto repeats what it was given it may be what no XML can hold.
        content = _CONTROLS.sub(b"?", content)
    return Answer(int(status), {str(key): str(value) for key, value in dict(headers).items()}, content)


_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _not_taken(call: Call, problem: Exception) -> AwsError | None:
    """moto fell over the parameters, which the model allows and AWS would refuse, or moto should take.

    Which of the two it is nobody knows; the text says whose words they are. None in this process, where whoever asked
    must not take a defect of the local cloud for a refusal: there it flies.
    """
    # moto takes every token for one of its own, and falls over those that are not.
    tokens = models.page_tokens(call.service, call.name)
    token = next((word for word in tokens if call.params.get(word)), "")
    if token:
        return invalid(call.service, f"The value of {token} is not valid", [(token, "not valid")])
    if absent := _named_but_absent(call, problem):
        return absent
    if not call.message.wired:
        return None
    said = f"{type(problem).__name__}: {problem}"[:300]
    if call.service == "s3" and call.message.body.lstrip()[:1] in (b"<", b""):
        return AwsError("MalformedXML", f"The XML you provided was not well-formed ({said})")
    text = f"the local cloud cannot take these parameters of {call.service}:{call.name} ({said})"
    return invalid(call.service, text, [])


_ABSENT = re.compile(r"NotFound|NoSuch|NonExistent|DoesNotExist")


def _named_but_absent(call: Call, problem: Exception) -> AwsError | None:
    """moto looked into a dict for what the call names: the operation's own error for what is not there, if it has one.

    It looks for the name as given, or for the end of an ARN.
    """
    sought = problem.args[0] if isinstance(problem, KeyError) and problem.args else None
    named = [one for one in call.params.values() if isinstance(one, str)]
    if not isinstance(sought, str) or not any(
        one == sought or one.endswith((f":{sought}", f"/{sought}")) for one in named
    ):
        return None
    shapes = models.error_shapes(call.service, call.name)
    own = next((shape for shape in shapes if _ABSENT.search(shape.name)), None)
    if own is None:
        return None
    status = int(own.metadata.get("error", {}).get("httpStatusCode", 400))
    return AwsError(str(own.error_code), f"{sought} does not exist", status)


def _error_in(call: Call, answer: Answer, protocol: str) -> AwsError | None:
    if answer.status < 300:
        return None
    told = wire.read_answer(call.service, call.name, answer, protocol).get("Error", {})
    return AwsError(str(told.get("Code", "")), str(told.get("Message", "")), answer.status)


# How Python spells a set or a list of words, and what is not there.
_MANY = re.compile(r"'?[{\[]('[^'\]}]*'(?:, '[^'\]}]*')*)[}\]]'?")
_NOTHING = re.compile(r"Value '?None'? at")


def _in_aws_words(call: Call, error: AwsError) -> AwsError:
    """An error of moto's by a code that the operation has, and without Python's spelling; itself if it is so already.

    moto leaves out the end of a code, or says of what is not there what it is called elsewhere.
    """
    code, text = error.code, _NOTHING.sub("Value null at", _MANY.sub(r"\1", error.message))
    known = {str(shape.error_code) for shape in models.error_shapes(call.service)}
    if known and code not in known:
        own = [str(shape.error_code) for shape in models.error_shapes(call.service, call.name)]
        absent = [one for one in own if _ABSENT.search(one)] if _ABSENT.search(code) else []
        code = next((one for one in own if one == f"{code}Exception"), next(iter(absent), code))
    if (code, text) == (error.code, error.message):
        return error
    return AwsError(code, text, error.status)


def _plain(parsed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parsed.items() if name != "ResponseMetadata"}


def moto_handler(service: str, url: str) -> Callable[..., Any] | None:
    """moto's function for a URL of a service, or None when moto has none."""
    for pattern, handler in _moto_urls(service):
        if pattern.match(url):
            return handler
    return None


@functools.cache
def _moto_urls(service: str) -> tuple[tuple[re.Pattern[str], Callable[..., Any]], ...]:
    package = "awslambda" if service == "lambda" else service.replace("-", "")
    try:
        # Where it is installed, some read a grammar of addresses by which nothing here is checked: seconds.
        with machine.lacking("rfc3987_syntax"):
            urls = importlib.import_module(f"moto.{package}.urls")
    except ModuleNotFoundError:
        return ()
    return tuple(
        (re.compile(path.format(base)), handler) for base in urls.url_bases for path, handler in urls.url_paths.items()
    )
