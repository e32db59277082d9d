"""YAML by libyaml, ten times as fast as PyYAML's own reader, and what has to be known of a text before."""

from __future__ import annotations

from typing import Any

import yaml

SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's safe loader, where PyYAML was built with it: its wheels are."""

NESTED_AT_MOST = 200
"""Levels that are read. A composer in C has no limit of its own: too many take the process with them."""


def is_too_deep(text: str) -> bool:
    """Is the text nested more deeply than anybody writes? What is no YAML at all the loader is to say."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=SAFE):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > NESTED_AT_MOST:
                return True
    except yaml.YAMLError:
        pass
    return False
