"""Who asks this stack for anything, or speaks to it by mistake."""

from onramp.core import tags
from onramp.core.model import Existing, LoadBalancer, Observation, Resource, Vpc
from onramp.core.network import Network


def key_of(resource: Resource) -> str:
    """How everything here calls a resource: a VPC by its id, any other by its ARN."""
    return resource.id if isinstance(resource, Vpc) else resource.arn


def moves_to(network: Network, resource: Resource) -> str:
    """The sibling's network that this resource asks for, or ''."""
    wanted = resource.tags.get(network.prefix + tags.NETWORK, "").strip()
    return wanted if wanted in network.siblings else ""


def wishes(network: Network, resource: Resource) -> bool:
    """Does this resource ask this stack for anything? What asks for a sibling's network is the sibling's."""
    asks = network.prefix + tags.NETWORK in resource.tags
    return asks and not moves_to(network, resource) and not network.offboarding


def speaks(network: Network, resource: Resource) -> bool:
    """Does anybody wait for an answer on it? A typing error in the first tag is a wish that nobody understood."""
    if wishes(network, resource):
        return True
    prefixed = any(key.startswith(network.prefix) for key in resource.tags)
    return prefixed and not moves_to(network, resource) and not network.offboarding


def cannot_be_read(observed: Observation, resource: LoadBalancer | Existing) -> str | None:
    """Why what its wish depends on was not read; None: it was."""
    why = observed.unread.get(resource.arn)
    return None if why is None else f"it cannot be read: {why}"
