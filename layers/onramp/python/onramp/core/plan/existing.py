"""Forward, for services that people made themselves: on the network by a tag, and touched in nothing else."""

from onramp.core.model import Existing
from onramp.core.network import Network
from onramp.core.plan import domains
from onramp.core.plan.ground import FAILED, Ground, Part, Stage, broke, refuse, to_network, wait
from onramp.core.reach import Finding
from onramp.core.steps import AssociateService, DisassociateService


def existing(ground: Ground, wanted: Existing) -> Part:
    """`stage` is SERVING where it was seen on the network, whoever brought it there."""
    there = to_network(ground.network, wanted)
    if there is None:
        taken = domains.taken(ground, wanted.custom_domain, wanted.arn) if wanted.custom_domain else None
        if taken is not None:
            return taken
        if not ground.at_home and not ground.observed.access.visible:
            return Part(reach=True)
        because = "its tag asks for the network"
        extra = ground.tags_for(wanted.arn)
        return ground.do(AssociateService, wanted.name, because, service=wanted.arn, extra=extra)
    if there.status in FAILED:
        if not there.owned:
            message = (
                f"remove the association of service {wanted.name} with the network that somebody else made: it is"
                f" {there.status}"
            )
            return refuse("association-taken", message, wanted.arn)
        because = broke(there.status, there.failure)
        return ground.do(DisassociateService, wanted.name, because, association=there.arn)
    if there.status != "ACTIVE":
        return wait(f"association of service {wanted.name} is {there.status}")
    return Part(stage=Stage.SERVING)


def finding(network: Network, service: Existing) -> Finding | None:
    """What keeps all requests out of one that is on the network, as far as was read."""
    message = ""
    if service.listens is False:
        message = "add a listener to the service: it has none and so nothing answers"
    elif service.passes and network.signed:
        message = (
            "add an HTTP or HTTPS listener to the service: the network asks who calls, and where TLS passes through"
            " nobody can sign"
        )
    return Finding(code="service-listener", message=message) if message else None


def told(ground: Ground, wanted: Existing) -> str:
    """What it is told beside being connected."""
    there = to_network(ground.network, wanted)
    if there is None or there.owned:
        return ""
    return (
        "joined-by-others: take it off the network by hand to end that: somebody else associated it and without the tag"
        " it stays"
    )
