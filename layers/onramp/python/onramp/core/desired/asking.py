"""Who asks this stack for anything, or speaks to it by mistake, and what is read of their tags at all."""

import difflib

from onramp.core import tags
from onramp.core.errors import Refused
from onramp.core.model import Existing, LoadBalancer, Network, Observation, Resource, Vpc


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


def check_tags(network: Network, given: dict[str, str], known: frozenset[str]) -> None:
    """Raises Refused for a tag of ours that is none of the `known`, and for a network that is not this one."""
    # In one order and in the same words: stacks that serve the same members answer on the same tag, and must not
    # correct each other.
    offered = " or ".join(sorted({network.name, *network.siblings}))
    unknown = sorted(
        key.removeprefix(network.prefix)
        for key in given
        if key.startswith(network.prefix) and key.removeprefix(network.prefix) not in known
    )
    if unknown:
        raise Refused("tag-unknown", _did_you_mean(network.prefix, unknown[0], known))
    if network.prefix + tags.NETWORK not in given:
        raise Refused("network-missing", f"add tag {network.prefix}{tags.NETWORK} = {offered}, or remove the others")
    asked = given[network.prefix + tags.NETWORK].strip()
    if asked != network.name:
        raise Refused("network-unknown", f"this account may join {offered}: the tag says {tags.spelled(asked)}")


def _did_you_mean(prefix: str, key: str, known: frozenset[str]) -> str:
    close = difflib.get_close_matches(key.lower(), sorted(known), n=1, cutoff=0.7)
    if close:
        return f"write {prefix}{close[0]} instead of {prefix}{tags.spelled(key)}"
    choices = " ".join(sorted(prefix + name for name in known))
    return f"remove tag {prefix}{tags.spelled(key)}: nothing here reads it. What is read: {choices}"


def cannot_be_read(observed: Observation, resource: LoadBalancer | Existing) -> str | None:
    """Why what its wish depends on was not read; None: it was."""
    why = observed.unread.get(resource.arn)
    return None if why is None else f"it cannot be read: {why}"
