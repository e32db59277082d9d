"""A sandbox: what belongs to one Lambda environment and is in place only while its function runs."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import boto3
import botocore.loaders
import botocore.session

PRIVATE = frozenset({"aws_lambda_powertools"})
"""Installed packages that every sandbox gets a copy of: Powertools holds loggers, metrics and "cold start"."""

SHARED = frozenset({"boto3", "botocore", "dateutil", "jmespath", "msgspec", "s3transfer", "six", "urllib3"})
"""Packages that a function gets from here even where its layer brings its own: calls come to the local cloud through
this botocore and leave the machine through any other, and a layer's binaries may be another processor's."""


class Output(io.TextIOBase):
    """A sandbox's standard output: loggers keep it, so it lives as long as the sandbox."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        self._parts.append(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def taken(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        return text


@dataclass
class Sandbox:
    """What belongs to one Lambda environment and is in place only while its function runs."""

    folders: list[str]
    environment: dict[str, str]
    credentials_end: float
    output: Output = field(default_factory=Output)
    modules: dict[str, ModuleType] = field(default_factory=dict)
    loggers: dict[str, Any] = field(default_factory=dict)
    session: Any = None
    handler: Callable[[Any, Any], Any] | None = None

    @property
    def stream(self) -> str:
        """The log stream of what is printed in it."""
        return self.environment["AWS_LAMBDA_LOG_STREAM_NAME"]

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        """Top-level names of modules that are this sandbox's own."""
        found = {entry.name.partition(".")[0] for folder in self.folders for entry in Path(folder).iterdir()}
        for name in SHARED:
            importlib.import_module(name)  # what is imported already is not looked for in the folders
        return frozenset((found | PRIVATE) - SHARED)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        own = self._names
        outer = _take_modules(own)
        sys.modules.update(self.modules)
        manager = logging.Logger.manager
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        with (
            mock.patch.object(sys, "path", [*self.folders, *sys.path]),
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(boto3, "DEFAULT_SESSION", self.session),
            mock.patch.object(manager, "loggerDict", self.loggers),
            # Every sandbox makes its own clients; parsing ec2's model anew for each would be most of the time.
            mock.patch.object(botocore.session, "create_loader", _shared_loader),
            contextlib.redirect_stdout(self.output),
            contextlib.redirect_stderr(self.output),
        ):
            try:
                yield
            finally:
                self.session = boto3.DEFAULT_SESSION
                self.modules = _take_modules(own)
                sys.modules.update(outer)
                root.handlers[:] = handlers
                root.setLevel(level)


@functools.cache
def _shared_loader(search_path: str | None = None) -> Any:
    return botocore.loaders.create_loader(search_path)


def _take_modules(names: frozenset[str]) -> dict[str, ModuleType]:
    taken = [name for name in sys.modules if name.partition(".")[0] in names]
    return {name: sys.modules.pop(name) for name in taken}
