"""A domain of a service's own: whether it may have it, and the certificate that it shows there."""

from onramp.core import certificates, tags
from onramp.core.desired import WantedService
from onramp.core.model import Certificate, Service, Settings
from onramp.core.plan.ground import GOING, Ground, Part, named, refuse, to_network, wait
from onramp.core.steps import SetCertificate

CERTIFICATES = "certificates"
"""Under which key it is told that they could not be read."""


def refused(ground: Ground, wanted: WantedService) -> Part | None:
    """Why it cannot have its domain: nothing is made for such a wish, and what is there goes on."""
    if not wanted.said.domain:
        return None
    return _taken(ground, wanted) or _no_certificate(ground, wanted)


def _taken(ground: Ground, wanted: WantedService) -> Part | None:
    """A domain is in a network once (facts R21): who has it already keeps it."""
    domain = wanted.said.domain
    holder = ground.observed.holders.get(domain)
    if holder is None or joined(ground, wanted):
        return None
    if holder.status == GOING:
        return wait(f"service {holder.service} of account {holder.account} lets domain {domain} go")
    message = (
        f"choose another domain, or ask account {holder.account} to give it up: {domain} is on the network already by"
        f" its service {holder.service}"
    )
    return refuse("domain-taken", message, *wanted.load_balancers)


def joined(ground: Ground, wanted: WantedService) -> bool:
    there = named(ground.observed.services, wanted.name)
    return there is not None and to_network(ground.network, there) is not None


def _no_certificate(ground: Ground, wanted: WantedService) -> Part | None:
    if not needs_certificate(wanted) or chosen(ground, wanted) is not None:
        return None
    domain, name = wanted.said.domain, wanted.said.certificate
    if CERTIFICATES in ground.observed.unread:
        return Part(failed=(f"certificates cannot be read: {ground.observed.unread[CERTIFICATES]}",))
    if name:
        message = (
            f"name a certificate of this account and region in {ground.network.prefix}{tags.CERTIFICATE} that is ISSUED"
            f" with an RSA 2048 key and covers {domain}: {name.rpartition('/')[2]} is none"
        )
        return refuse("certificate-invalid", message, *wanted.load_balancers)
    message = (
        f"request a certificate for {domain} with an RSA 2048 key in ACM of this account or write HTTP:80 in"
        f" {ground.network.prefix}{tags.LISTEN}: no ISSUED one covers it"
    )
    return refuse("domain-certificate", message, *wanted.load_balancers)


def needs_certificate(wanted: WantedService) -> bool:
    """Does it show one under a domain of its own? HTTP needs none; one that is named is shown all the same."""
    secure = bool(wanted.said.certificate) or any(protocol == "HTTPS" for protocol, _ in wanted.listens)
    return bool(wanted.said.domain) and secure


def chosen(ground: Ground, wanted: WantedService) -> Certificate | None:
    """The certificate that it is to show; None where it needs none, or has none."""
    if not needs_certificate(wanted):
        return None
    return certificates.chosen(
        wanted.said.domain,
        ground.observed.certificates,
        named=wanted.said.certificate,
        attached=ground.observed.settings.get(wanted.name, Settings()).certificate,
        now=ground.now,
    )


def certificate(ground: Ground, wanted: WantedService, there: Service) -> Part:
    """In place: clients see the other one from their next connection on."""
    shown = chosen(ground, wanted)
    seen = ground.observed.settings.get(there.name)
    if shown is None or seen is None or not seen.known or seen.certificate == shown.arn:
        return Part()
    because = f"certificate {_id(shown)} is the one for {wanted.said.domain}"
    return ground.do(SetCertificate, there.name, because, service=there.arn, certificate=shown.arn)


def told(ground: Ground, wanted: WantedService, lattices: str) -> str:
    """What those who have a domain are told beside being connected. `lattices`: the name under which it answers."""
    shown = chosen(ground, wanted)
    if shown is not None and shown.imported and certificates.ends_soon(shown, ground.now):
        return f"certificate-expires: import certificate {_id(shown)} anew before {shown.ends}: nobody renews it"
    if not wanted.said.domain:
        return ""
    return f"clients may use {wanted.said.domain} too once its DNS record is an alias or CNAME of {lattices}"


def _id(shown: Certificate) -> str:
    return shown.arn.rpartition("/")[2]
