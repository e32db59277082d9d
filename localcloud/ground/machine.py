"""What this machine has for AWS, put aside: profiles, credentials and endpoints that botocore would be led to; and
what it keeps of our work from one process to the next.

It imports nothing of AWS's SDK: moto asks for a profile already while it is imported.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

_FOREIGN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "MOTO_ACCOUNT_ID",
)


# Read before any local cloud has its hand on Python's clock; that one counts on, whatever the clock shows.
_EPOCH = time.time() - time.monotonic()


def real_now() -> float:
    """Epoch seconds by this machine's own clock, also while simulated time is shown."""
    return _EPOCH + time.monotonic()


@contextlib.contextmanager
def aside() -> Iterator[None]:
    """The environment without them, while the block runs."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _FOREIGN and not name.startswith("AWS_ENDPOINT_URL")
    }
    kept |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    with mock.patch.dict(os.environ, kept, clear=True):
        yield


@contextlib.contextmanager
def sparing() -> Iterator[None]:
    """Look for garbage less often while the block runs.

    botocore's models and moto are a large heap that never becomes garbage: looking through it took 40 % of a story.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def kept(kind: str, key: str, make: Callable[[], str]) -> str:
    """What `make()` answers for this key: from this user's cache where it was made before, else made and put there.

    A cache that cannot be read or written is no reason to stop. `key` holds all that the answer depends on.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118 - of what may be no home at all
    path = Path(home) / "lattice-onramp" / kind / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8")
    made = make()
    with contextlib.suppress(OSError):
        # Parameters may be in it that nobody else is to read; two that write at once write the same.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle, not a path
            file.write(made)
        Path(name).replace(path)
    return made


@contextlib.contextmanager
def lacking(module: str) -> Iterator[None]:
    """An import in this block finds no such module, unless it was imported before."""
    there = module in sys.modules
    if not there:
        sys.modules[module] = None  # type: ignore[assignment]  # so an import is told that there is none
    try:
        yield
    finally:
        if not there:
            del sys.modules[module]
