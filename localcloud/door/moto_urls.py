""""""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from typing import Any


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
        urls = importlib.import_module(f"moto.{package}.urls")
    except ModuleNotFoundError:
        return ()
    return tuple(
        (re.compile(path.format(base)), handler) for base in urls.url_bases for path, handler in urls.url_paths.items()
    )
