"""The one logger and the one set of metrics; a function adds its own keys."""

import json
from typing import Any

from aws_lambda_powertools import Logger, Metrics

from onramp import __version__
from onramp.core.text import inert


def _line(entry: dict[str, Any]) -> str:
    """As Powertools writes it, but for characters that would act on whoever reads the log: AWS's words echo names."""
    return inert(json.dumps(entry, default=str, separators=(",", ":"), ensure_ascii=False))


logger = Logger(version=__version__, json_serializer=_line)
metrics = Metrics()
