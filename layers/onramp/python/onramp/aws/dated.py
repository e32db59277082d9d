"""When AWS answered, by its own clock: how old something is must not depend on that of whoever asks."""

import time
from email.utils import parsedate_to_datetime
from typing import Any


def dated(answer: dict[str, Any]) -> float:
    """Epoch seconds as AWS dates an answer; this machine's clock where it does not."""
    try:
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")).timestamp()
    except ValueError:
        return time.time()
