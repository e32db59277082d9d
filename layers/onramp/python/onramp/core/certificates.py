"""Which certificate of an account a service with a domain of its own shows its clients."""

from collections.abc import Iterable

from onramp.core.hosts import covers
from onramp.core.model import Certificate

SOON_SECONDS = 30 * 86400
"""What ends sooner than that gives way to another one, and is warned of where nobody renews it by himself."""


def is_for(certificate: Certificate, host: str) -> bool:
    return any(covers(name, host) for name in certificate.names)


def is_good(certificate: Certificate, host: str, now: float) -> bool:
    """Is it for this host, and not over? `now`: epoch seconds."""
    return is_for(certificate, host) and (not certificate.not_after or certificate.not_after > now)


def chosen(
    host: str, there: Iterable[Certificate], *, named: str = "", attached: str = "", stays: bool = False, now: float
) -> Certificate | None:
    """The one to show for `host`; None where there is none.

    `named`: the id that a tag names: that one or none. `attached`: the ARN of the one that is shown already: it stays
    as long as it is good for a while, so that nothing flaps; then whichever lasts longest takes its place. `stays`: it
    is kept to its end, since others than clients go by it. `now`: epoch seconds.
    """
    good = [one for one in there if is_good(one, host, now)]
    if named:
        return next((one for one in good if named == one.arn.rpartition("/")[2]), None)
    shown = next((one for one in good if one.arn == attached), None)
    if shown is not None and (stays or not ends_soon(shown, now)):
        return shown
    lasting = [one for one in good if not ends_soon(one, now)]
    if shown is not None and not lasting:
        return shown
    return max(lasting or good, key=lambda one: (_is_exact(one, host), one.not_after, one.since, one.arn), default=None)


def ends_soon(certificate: Certificate, now: float) -> bool:
    return bool(certificate.not_after) and certificate.not_after - now < SOON_SECONDS


def _is_exact(certificate: Certificate, host: str) -> bool:
    return any(name.lower().removesuffix(".") == host for name in certificate.names)
