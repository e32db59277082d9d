"""What the local AWS answers when it refuses: one error value, spelled as the wire spells it."""

from typing import Any


class AwsError(Exception):
    """An AWS error answer.

    `code` is the wire code (`ConflictException`), `status` the HTTP status, `members` what the error's
    shape holds besides `message` (`{"resourceId": ..., "resourceType": ...}`).
    """

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


class NotEmulated(AwsError):
    """A call that exists on AWS and is left out here; said clearly rather than answered wrongly.

    `instead`: what whoever wants it can do here.
    """

    def __init__(self, service: str, operation: str, instead: str = "") -> None:
        remedy = f": {instead}" if instead else ""
        super().__init__(
            "NotImplementedException", f"{service}:{operation} is not emulated by the local cloud{remedy}", status=501
        )


class WrongAnswer(RuntimeError):
    """A service of ours answered what its model does not allow: a defect of the local cloud, not of the caller."""
