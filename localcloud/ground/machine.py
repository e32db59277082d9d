"""What this machine has for AWS, put aside: profiles, credentials and endpoints that botocore would be led to.

It imports nothing of AWS's SDK: moto asks for a profile already while it is imported.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
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
