"""A value that many ask the same of: what was made of it once is kept, or a thousand would ask it a million times."""


class Same[T]:
    """A value that is the same only as itself: what was made of it once is asked for again without comparing it."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value
