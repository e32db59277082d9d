"""Where moto is wrong for what this project needs: each correction in one place, with its reason.

A patch holds while a local cloud is open and is taken back after. MOTO is the version that they were written
against; opening a local cloud on another is refused, and each patch is to be looked at again then.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import moto
import moto.core.responses
from moto.core.base_backend import AccountSpecificBackend
from moto.core.exceptions import ServiceException
from moto.core.utils import method_names_from_class

MOTO = "5.2.5"
type Patches = tuple[tuple[Any, str, Any], ...]
"""Of what, under which name, and what stands there instead while a local cloud is open."""

next_ids: defaultdict[str, deque[str]] = defaultdict(deque)


def next_id(kind: str, value: str) -> None:
    """Give the next thing of a kind that is made this id, so that a world given as data can name its things.

    `kind` is EC2's prefix (`vpc`, `subnet`, `sg`, `i`, `eni`, ...) with the whole id as `value`, or
    `load-balancer` or `target-group` with the 16 hex digits that end its ARN. Several wait in line.
    """
    next_ids[kind].append(value)


@contextlib.contextmanager
def applied(patches: Patches) -> Iterator[None]:
    """All patches, for as long as the block runs. RuntimeError when moto is not the version they fit."""
    if moto.__version__ != MOTO:
        raise RuntimeError(f"moto is {moto.__version__}; the patches of the local cloud were written for {MOTO}")
    next_ids.clear()
    with contextlib.ExitStack() as opened:
        for target, name, new in (*SPEED, *patches):
            opened.enter_context(mock.patch.object(target, name, new))
        yield


@functools.cache
def _regions(service: str) -> list[str]:
    session = AccountSpecificBackend.get_session()
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(service, partition_name=partition)
    ]


SPEED: Patches = (
    # moto keeps this by account: a hundred accounts, a hundred times the same answer.
    (AccountSpecificBackend, "_generate_regions", lambda _, service: list(_regions(service))),
    # moto looks through all attributes of the response class on every call.
    (moto.core.responses, "method_names_from_class", functools.cache(method_names_from_class)),
)


class MotoRefusal(ServiceException):
    """An error of ELBv2 that moto has no class for."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_tags(
    code: str, tags: dict[str, str], text: re.Pattern[str] | None, longest_key: int, longest_value: int
) -> None:
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise MotoRefusal(code, f"Tag keys that begin with aws: are reserved: {key}")
        if not key or len(key) > longest_key or len(value or "") > longest_value:
            raise MotoRefusal(code, f"The tag {key} is empty, or it or its value is too long")
        for part in (key, value or ""):
            if text is not None and (not text.fullmatch(part) or part != part.strip()):
                raise MotoRefusal(code, f"'{part}' holds characters that a tag cannot have")


def as_method(bound: Callable[..., Any]) -> Callable[..., Any]:
    """`bound` as a class takes a method: a function whose first argument is moto's object."""
    return lambda moto_object, *args, **more: bound(moto_object, *args, **more)
