"""A message that comes in and the answer that goes out, before anybody knows what they mean."""

from __future__ import annotations

import dataclasses
import gzip
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LONGEST = 8 * 1024 * 1024
"""Bytes that a body may have that comes compressed: some more than what any service takes so."""


@dataclass(frozen=True)
class Message:
    """An HTTP request as it came: `url` is whole, header names are lower case; `wired` from outside of this process."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    wired: bool = False


def unpacked(message: Message) -> Message:
    """The message with its body as it was before the client compressed it, as SDKs do with long ones to CloudWatch.

    As it came where it is no gzip, or would be longer than any body: then it cannot be read, and whoever parses it
    says so.
    """
    if message.headers.get("content-encoding", "").lower() != "gzip":
        return message
    try:
        with gzip.open(io.BytesIO(message.body)) as packed:
            body = packed.read(LONGEST + 1)
    except (OSError, EOFError, zlib.error):
        return message
    if len(body) > LONGEST:
        return message
    headers = {name: value for name, value in message.headers.items() if name != "content-encoding"}
    if "content-length" in headers:
        headers["content-length"] = str(len(body))
    return dataclasses.replace(message, headers=headers, body=body)


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Credential(NamedTuple):
    """Who signed, and for what, as the signature's scope says; '' where there is no signature."""

    access_key: str = ""
    region: str = ""
    signing_name: str = ""


class Operation(NamedTuple):
    """One operation of one service, and what a router read from the path of a message for it."""

    service: str
    name: str
    path: dict[str, Any]
