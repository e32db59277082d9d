"""The wish of a service that people made themselves: to be on the network as it is."""

from onramp.core import tags
from onramp.core.desired.asking import cannot_be_read
from onramp.core.errors import Refused
from onramp.core.model import Existing, Observation
from onramp.core.network import Network


def check(network: Network, observed: Observation, service: Existing) -> None:
    """Raises Refused for a tag of ours that is not understood, and where no tag helps: not theirs, or failed."""
    if service.account != observed.account:
        raise Refused(
            "service-not-yours", f"tag the service in account {service.account}, whose it is: here it is only shared"
        )
    if tags.OWNER in service.tags:
        raise Refused(
            "mark-unproven",
            f"remove tag {tags.OWNER} from it, if it is not meant to be ours: nothing shows that a run made it",
        )
    tags.check(network, service.tags, tags.EXISTING_KEYS)
    if service.status.endswith("_FAILED"):
        what = f"service {service.name} is {service.status}: {service.failure or 'AWS gives no reason'}"
        raise Refused("service-failed", f"repair or replace the service: {what}")


def not_yet(observed: Observation, service: Existing) -> str | None:
    """Why it cannot be on the network yet; None: it can."""
    if (why := cannot_be_read(observed, service)) is not None or service.status == "ACTIVE":
        return why
    return f"service {service.name} is {service.status}"
