"""The memory of one walk, and its two ends before the last hop: it is stopped, or what comes next is not known."""

from collections.abc import Callable

from onramp.core.hosts import covers
from onramp.core.trace.told import Asked, Hop, HopName, Ruling
from onramp.core.view import Certificate, Request, View


class Stopped(Exception):
    """The walk ends here: `code`, `because`, and what to do; `status` is what the caller is answered, if anything."""

    def __init__(self, code: str, because: str, remedy: str, status: int = 0) -> None:
        super().__init__(because)
        self.code = code
        self.because = because
        self.remedy = remedy
        self.status = status


class Unknown(Exception):
    """The walk ends here, since what comes next hangs on what could not be read."""


class Walk:
    """The walk's own memory: where it is, and what it has said so far."""

    def __init__(self, view: View, request: Request, authorise: Callable[[Asked], Ruling]) -> None:
        self.view = view
        self.request = request
        self.authorise = authorise
        self.hops: list[Hop] = []
        self.at: HopName = "dns"
        self.passthrough = False
        self.by_lattices_name = False

    def note(
        self, *, because: str, passed: bool = True, unknown: bool = False, code: str = "", remedy: str = ""
    ) -> None:
        self.hops.append(
            Hop(
                name=self.at,
                passed=passed and not unknown,
                because=because,
                unknown=unknown,
                code=code,
                remedy=remedy,
            )
        )

    def unread(self, *things: str) -> str:
        """Why one of these could not be read; '' when all were."""
        return next((it.why for it in self.view.unread if it.thing in things), "")

    def known(self, *things: str) -> None:
        """Ends the walk as unknown when one of these could not be read."""
        if why := self.unread(*things):
            self.note(unknown=True, because=why)
            raise Unknown

    def answers(self, status: int) -> int:
        """What Lattice answers by itself: nothing where it hands the connection on without reading it."""
        return 0 if self.passthrough else status

    def certificate(self, arn: str) -> Certificate | None:
        """None where nobody looked at it."""
        return next((it for it in self.view.certificates if it.arn == arn), None)

    @property
    def prefix_list(self) -> str:
        """As EC2 names it in the region that is walked, which each ARN there has."""
        arns = [*(it.arn for it in self.view.networks), *(it.arn for it in self.view.services)]
        region = next((arn.split(":")[3] for arn in arns if arn.count(":") > 3), "REGION")
        return f"com.amazonaws.{region}.vpc-lattice"


def refused(certificate: Certificate, host: str) -> str:
    """Why a client that asks for `host` does not take it; '' where nothing is known against it.

    Whether it asks if a certificate is revoked is a client's own matter.
    """
    if certificate.ended or certificate.status == "EXPIRED":
        return f"it ended on {certificate.ended}" if certificate.ended else "it has ended"
    if not any(covers(name, host) for name in certificate.names):
        return f"it is for {', '.join(certificate.names)}"
    return "" if certificate.status in ("ISSUED", "REVOKED", "INACTIVE") else f"it is {certificate.status}"


def wait_or_repair(status: str, what: str) -> str:
    return f"remove {what} and make it again" if status.endswith("_FAILED") else "wait: it is on its way"
