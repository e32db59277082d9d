"""The two ways a thing can fail to be done: wait, or stop."""


class NotYet(Exception):
    """It cannot be done now and may be done later: something is settling, throttled, or not visible yet."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Refused(Exception):
    """It cannot be done until a person changes something. `code` is for machines, `message` says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
