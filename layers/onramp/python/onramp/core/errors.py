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


MEMBER_ROLE_MISSING = "member-role-missing"

_NOT_ENTERED = " cannot be assumed: deploy member.yaml "


def role_missing(role: str, account: str) -> Refused:
    return Refused(
        MEMBER_ROLE_MISSING,
        f"{role} cannot be assumed: deploy member.yaml of this network to account {account}, or revert the drift of its"
        " stack, if there is one",
    )


def tells_of_role(why: str) -> bool:
    """Was a step given up since no role let us in?"""
    return _NOT_ENTERED in why
