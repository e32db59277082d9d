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

import botocore.httpsession
import botocore.useragent
import moto
import moto.core.responses
import moto.core.routing
import moto.core.utils
import moto.kms.models
from botocore.auth import SigV4Auth
from botocore.client import ClientCreator
from botocore.hooks import EventAliaser
from moto.core.base_backend import AccountSpecificBackend
from moto.core.exceptions import ServiceException
from moto.core.serialize import XFormedAttributePicker
from moto.core.utils import method_names_from_class, unix_time_millis
from moto.kms.utils import KeySpec, generate_private_key
from moto.sqs.models import Message, Queue, SQSBackend

from localcloud.ground import again, models

MOTO = "5.2.5"
type Patches = tuple[tuple[Any, str, Any], ...]
"""Of what, under which name, and what stands there instead while a local cloud is open."""

next_ids: defaultdict[str, deque[str]] = defaultdict(deque)


def next_id(kind: str, value: str) -> None:
    """Give the next thing of a kind that is made this id, so that a world given as data can name its things.

    `kind` is EC2's prefix (`vpc`, `subnet`, `sg`, `i`, `eni`, ...) with the whole id as `value`, or
    `load-balancer` or `target-group` with the 16 hex digits that end its ARN, or `hosted-zone`. Several wait in line.
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


def _to_be_had(queue: Queue) -> list[Message]:
    at = unix_time_millis()
    return [one for one in queue._messages if one.visible_at < at >= one.delayed_until]


def _delayed(queue: Queue) -> int:
    at = unix_time_millis()
    return sum(one.delayed_until > at for one in queue._messages)


def _in_flight(queue: Queue) -> int:
    at = unix_time_millis()
    return sum(one.visible_at >= at for one in queue._messages)


def _is_kept(backend: SQSBackend, queue_name: str, message: Any) -> bool:
    queue: Any = backend.get_queue(queue_name)
    return bool(int(queue.message_retention_period) * 1000 + message.sent_timestamp > unix_time_millis())


_symmetric = functools.cache(generate_private_key)


def _private_key(key_spec: str) -> Any:
    asymmetric = key_spec in {*KeySpec.rsa_key_specs(), *KeySpec.ecc_key_specs()}
    return generate_private_key(key_spec) if asymmetric else _symmetric(key_spec)


_alias: Callable[[EventAliaser, str], str] = vars(EventAliaser)["_alias_event_name"]
_aliases: dict[str, str] = {}


def _aliased(aliaser: EventAliaser, event_name: str) -> str:
    known = _aliases.get(event_name)
    if known is None:
        known = _aliases[event_name] = _alias(aliaser, event_name)
    return known


_sanitize = functools.lru_cache(maxsize=4096)(botocore.useragent.sanitize_user_agent_string_component)

SPEED: Patches = (
    # botocore and moto work out anew what comes out the same.
    (SigV4Auth, "add_auth", again.sign),
    (ClientCreator, "_create_methods", again.methods),
    (XFormedAttributePicker, "get_possible_keys", again.possible_keys),
    (again.TRAVERSER, "nodes_to_be_processed", again.nodes),
    # Each client would make one, and nothing that is said in this process is encrypted.
    (botocore.httpsession, "create_urllib3_context", functools.cache(botocore.httpsession.create_urllib3_context)),
    # moto draws an RSA key for each key, also for a symmetric one, which has no use for it.
    (moto.kms.models, "generate_private_key", _private_key),
    # botocore asks anew in each session what an event is called, and cleans the same words with each call.
    (EventAliaser, "_alias_event_name", _aliased),
    (botocore.useragent, "sanitize_user_agent_string_component", lambda word, allow_hash: _sanitize(word, allow_hash)),
    # moto keeps this by account: a hundred accounts, a hundred times the same answer.
    (AccountSpecificBackend, "_generate_regions", lambda _, service: list(_regions(service))),
    # moto looks through all attributes of the response class on every call.
    (moto.core.responses, "method_names_from_class", functools.cache(method_names_from_class)),
    # moto keeps every model and router that it was ever asked for; ours are few.
    (moto.core.utils, "get_service_model", models.model),
    (moto.core.responses, "get_service_model", models.model),
    (moto.core.routing, "get_service_model", models.model),
    (moto.core.responses, "get_service_router", models.router),
    # With each message that comes or goes moto counts all of its queue, and asks the time for each.
    (Queue, "messages", property(_to_be_had)),
    (Queue, "approximate_number_of_messages_delayed", property(_delayed)),
    (Queue, "approximate_number_of_messages_not_visible", property(_in_flight)),
    (SQSBackend, "is_message_valid_based_on_retention_period", _is_kept),
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
