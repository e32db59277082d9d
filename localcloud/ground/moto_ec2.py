"""moto's EC2, imported here before anybody else does: by itself it reads EC2's model and all endpoints of AWS three
times over, and which types of instances each Region offers, a third of a second whenever a process begins.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
from collections.abc import Iterator
from importlib import resources
from typing import Any
from unittest import mock

import botocore.session
import moto.utilities.utils
import msgspec

from localcloud.ground import models


def _read(resource: str) -> Any:
    """moto's `load_resource`: what is compressed is named without that."""
    file = resources.files("moto") / resource
    packed = file if resource.endswith(".gz") else resources.files("moto") / f"{resource}.gz"
    with contextlib.suppress(FileNotFoundError):
        return msgspec.json.decode(gzip.decompress(packed.read_bytes()))
    return msgspec.json.decode(file.read_bytes())


class _Offered:
    """The types of instances that a place offers, read when somebody asks; moto's own import goes through them all."""

    importing = True

    def __init__(self, resource: str) -> None:
        self._resource = resource

    def __iter__(self) -> Iterator[Any]:
        return iter(() if self.importing else self._types)

    @functools.cached_property
    def _types(self) -> list[dict[str, str]]:
        where = self._resource.split("/")[-2]
        return [{**one, "LocationType": where} for one in _read(self._resource)]


def _resource(name: str) -> Any:
    return _Offered(name) if "/instance_type_offerings/" in name else _read(name)


with (
    mock.patch.object(botocore.session, "create_loader", models.loader),
    mock.patch.object(moto.utilities.utils, "load_resource", _resource),
):
    import moto.ec2.models

_Offered.importing = False
