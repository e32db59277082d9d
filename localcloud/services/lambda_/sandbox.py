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
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any
from unittest import mock

import boto3
import botocore

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
    initializers: list[Any] = field(default_factory=lambda: list(_initializers()))
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
            # Powertools asks to hear of each session that is made: of those of its own sandbox.
            mock.patch.object(botocore, "_INITIALIZERS", self.initializers),
            mock.patch.object(SourceFileLoader, "source_to_code", _compiled),
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

    def end(self) -> None:
        """Nothing runs in it any more.

        A class of msgspec that has decoded is never freed, and it holds its module, which holds clients: 20 MB a world.
        """
        self.handler = self.session = None
        for module in self.modules.values():
            vars(module).clear()
        self.modules.clear()
        self.initializers.clear()


def _initializers() -> list[Any]:
    found: list[Any] = vars(botocore)["_INITIALIZERS"]
    return found


_SOURCE_TO_CODE = SourceFileLoader.source_to_code
_code: dict[str, tuple[bytes, CodeType]] = {}


def _compiled(loader: SourceFileLoader, data: Any, path: Any, **more: Any) -> CodeType:
    """What a file's text compiles to: every cold start reads the same files; their bytecode may be kept nowhere."""
    known = _code.get(path)
    if known is None or known[0] != data:
        known = _code[path] = (bytes(data), _SOURCE_TO_CODE(loader, data, path, **more))
    return known[1]


_shared: dict[frozenset[str], set[str]] = {}
"""By the names of a sandbox's own: modules that are none of them. A process has thousands, and few come anew."""


def _take_modules(names: frozenset[str]) -> dict[str, ModuleType]:
    shared = _shared.setdefault(names, set())
    unknown = sys.modules.keys() - shared
    taken = {name for name in unknown if name.partition(".")[0] in names}
    shared |= unknown - taken
    # In the order in which they were imported.
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name in taken} if taken else {}
