"""The backoff of a noisy account: the more runs follow each other, the longer it is left alone."""

PAUSES = (0, 0, 60, 120, 240)
"""Seconds that the first, second, ... of the runs that follow each other waits before it looks; the last holds for all
further ones. An account that keeps ringing costs less and less: a storm of up to a quarter of an hour three runs, and
one that does not end a run in four minutes.
"""

PATIENCE = 1020.0
"""Seconds for which the third waits at most for its storm to end: longer than a quarter of an hour. What still rings
then is no storm but how this account is, and those who tag there wait four minutes and not again so long.
"""

CALM = 30.0
"""Seconds without a ring after which a storm has ended: several times as long as the intake gathers events."""

STORMY = 4
"""Events that begin a run, from which on it is one of a storm. A single change is one event, two with its trail's, and
counts as a quarter or half of that: whoever corrects a tag again and again is answered at once.
"""

FORGOTTEN_AFTER = 120.0
"""Seconds without a look after which one of the runs that followed each other is forgotten: a single change two minutes
after a storm waits two minutes at most, and after five it is answered at once.
"""


def follows(looks: float, quiet: float) -> float:
    """How many runs the next one follows, where `looks` followed each other until `quiet` seconds ago."""
    return max(0.0, looks - max(0.0, quiet) / FORGOTTEN_AFTER)


def rest(looks: float) -> int:
    """Seconds for which a run that follows so many leaves its account alone."""
    return PAUSES[min(int(looks + 0.5), len(PAUSES) - 1)]


def patience(looks: float) -> float:
    """Seconds after which a run that follows so many looks, whoever rings."""
    pause = rest(looks)
    return PATIENCE if pause == PAUSES[2] else float(pause)


def followed(looks: float, rang: int, *, owed: bool) -> float:
    """How many runs follow each other with one that followed `looks` and that `rang` events began; `owed`: somebody who
    rang while it ran was not looked at.
    """
    counts = 1.0 if owed else min(rang, STORMY) / STORMY
    return min(looks + counts, len(PAUSES) - 1.0)
