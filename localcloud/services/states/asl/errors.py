"""What goes wrong in a state, as Retry and Catch see it."""

from __future__ import annotations


class StatesError(Exception):
    """An error that Retry and Catch see: `error` its name (`States.Timeout`), `cause` for people."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
