"""The wish of a VPC: to call the services of the network, for those whom it admits."""

from onramp.core import sources, tags
from onramp.core.desired.wanted import SECURITY_GROUPS_PER_ASSOCIATION, WantedClient
from onramp.core.errors import Refused
from onramp.core.model import Observation, Vpc
from onramp.core.network import Network


def check(network: Network, _: Observation, vpc: Vpc) -> None:
    """Raises Refused for a tag of ours that is not understood."""
    tags.check(network, vpc.tags, tags.VPC_KEYS)


def wish(network: Network, vpc: Vpc) -> WantedClient:
    """Whom it admits, or the security groups that it has for that. Raises Refused for what cannot be."""
    for name in (tags.ALLOW_FROM, tags.PORTS, tags.SECURITY_GROUPS):
        # Empty is not absent: who clears the list of those who may call does not mean everybody.
        if not sources.words(vpc.tags.get(network.prefix + name, "unsaid")):
            raise Refused("tag-invalid", f"write a value in tag {network.prefix}{name}, or remove it: it is empty")
    own = sources.words(vpc.tags.get(network.prefix + tags.SECURITY_GROUPS, ""))
    if own:
        key = network.prefix + tags.SECURITY_GROUPS
        bad = [group for group in own if not sources.is_security_group(group)]
        if bad:
            raise Refused(
                "tag-invalid",
                f"write ids of security groups of this VPC in tag {key}, as sg-0123abcd: it has {tags.spelled(bad[0])}",
            )
        if len(set(own)) > SECURITY_GROUPS_PER_ASSOCIATION:
            raise Refused(
                "tag-invalid",
                f"name {SECURITY_GROUPS_PER_ASSOCIATION} security groups at most in tag {key}: it has {len(set(own))}",
            )
        unheeded = [
            network.prefix + name for name in (tags.ALLOW_FROM, tags.PORTS) if network.prefix + name in vpc.tags
        ]
        return WantedClient(
            vpc=vpc.id, admits=frozenset(), security_groups=tuple(sorted(set(own))), unheeded=tuple(unheeded)
        )
    admits = sources.rules(
        sources.words(vpc.tags.get(network.prefix + tags.ALLOW_FROM, "")) or vpc.cidrs,
        sources.words(vpc.tags.get(network.prefix + tags.PORTS, "")) or ("80", "443"),
        from_key=network.prefix + tags.ALLOW_FROM,
        ports_key=network.prefix + tags.PORTS,
    )
    return WantedClient(vpc=vpc.id, admits=admits)
