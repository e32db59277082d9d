"""A domain of a service's own: whether it may have it, and the certificate that it shows there."""

from onramp.core import certificates, tags
from onramp.core.desired import PASSTHROUGH, WantedService
from onramp.core.model import DOMAINS, UNREAD, Certificate, Service, Settings
from onramp.core.plan.ground import GOING, Ground, Part, named, refuse, to_network, unread, wait
from onramp.core.steps import SetCertificate

BESIDE = frozenset({"domain-certificate", "certificate-invalid", "certificate-mismatch"})
"""Codes of what cannot be had, though a service that is there goes on with the certificate that it has."""

TAKEN = "domain-taken"

CERTIFICATES = "certificates"
"""Under which key it is told that they could not be read."""


def refused(ground: Ground, wanted: WantedService) -> Part | None:
    """Why it cannot have its domain: nothing is made for such a wish, and what is there goes on."""
    if not wanted.said.domain:
        return None
    return (
        _without_it(ground, wanted)
        or (None if joined(ground, wanted) else taken(ground, wanted.said.domain, *wanted.load_balancers))
        or _no_certificate(ground, wanted)
        or _not_theirs(ground, wanted)
    )


def _without_it(ground: Ground, wanted: WantedService) -> Part | None:
    """A service's domain is what it was made with (facts R21): one of this name that has another can never get it."""
    there = named(ground.observed.services, wanted.name)
    if there is None or there.status in {GOING, UNREAD} or there.custom_domain == wanted.said.domain:
        return None
    message = (
        f"write another {ground.network.prefix}{tags.SERVICE} where {wanted.name} is asked for by name: that service is"
        f" there without domain {wanted.said.domain}, and none can be given to it"
    )
    return refuse("name-taken", message, *wanted.load_balancers)


def taken(ground: Ground, domain: str, *asking: str) -> Part | None:
    """A domain is in a network once (facts R21): who has it already keeps it. `asking`: who asks for it."""
    if DOMAINS in ground.observed.unread:
        return unread(ground, DOMAINS)
    if ground.observed.holders is None:
        return wait(f"whether domain {domain} is free on the network is not known yet")
    holder = ground.observed.holders.get(domain)
    if holder is None:
        return None
    if holder.status == GOING:
        return wait(f"service {holder.service} of account {holder.account} lets domain {domain} go")
    message = (
        f"choose another domain, or ask account {holder.account} to give it up: {domain} is on the network already by"
        f" its service {holder.service}"
    )
    return refuse(TAKEN, message, *asking)


def joined(ground: Ground, wanted: WantedService) -> bool:
    there = named(ground.observed.services, wanted.name)
    return there is not None and to_network(ground.network, there) is not None


def _no_certificate(ground: Ground, wanted: WantedService) -> Part | None:
    if not needs_certificate(wanted) or chosen(ground, wanted) is not None:
        return None
    domain, name = wanted.said.domain, wanted.said.certificate
    if CERTIFICATES in ground.observed.unread:
        return unread(ground, CERTIFICATES, "the account's certificates")
    key = f"{ground.network.prefix}{tags.CERTIFICATE}"
    shown = _attached(ground, wanted).rpartition("/")[2]
    if shown and name in ("", shown):
        message = (
            f"import it anew under its ARN, or name another one in {key} that is ISSUED and covers {domain}:"
            f" certificate {shown}, which the service shows, has ended or is ISSUED no more, and clients refuse it"
        )
        return refuse("certificate-invalid" if name else "domain-certificate", message, *wanted.load_balancers)
    if name:
        message = (
            f"name a certificate of this account and region in {key} that is ISSUED"
            f" with an RSA 2048 key and covers {domain}: {name.rpartition('/')[2]} is none"
        )
        return refuse("certificate-invalid", message, *wanted.load_balancers)
    message = (
        f"request a certificate for {domain} with an RSA 2048 key in ACM of this account or write HTTP:80 in"
        f" {ground.network.prefix}{tags.LISTEN}: no ISSUED one covers it"
    )
    return refuse("domain-certificate", message, *wanted.load_balancers)


def _not_theirs(ground: Ground, wanted: WantedService) -> Part | None:
    """Lattice reaches an HTTPS listener of a load balancer only with a certificate that both have (facts 11): one that
    is named in place of the one that serves has to be there first.
    """
    attached = _attached(ground, wanted)
    shown = chosen(ground, wanted)
    if not wanted.said.certificate or not attached or shown is None or shown.arn == attached:
        return None
    lacking = [
        balancer.name
        for balancer in ground.observed.load_balancers
        for found in balancer.listeners or ()
        if (balancer.arn, found.protocol, found.port) in _secure(ground, wanted) and found.certificate != shown.arn
    ]
    if not lacking:
        return None
    message = (
        f"make certificate {_id(shown)} the default of the HTTPS listener of load balancer {lacking[0]} and keep the"
        f" other beside it: Lattice calls it only with the service's own"
    )
    return refuse("certificate-mismatch", message, *wanted.load_balancers)


def _secure(ground: Ground, wanted: WantedService) -> set[tuple[str, str, int]]:
    """Load balancer, protocol and port of the HTTPS listeners behind the service, whoever asks for the certificate."""
    return {
        (backend.load_balancer, backend.protocol, backend.port)
        for one in ground.want.services
        if one.name == wanted.name
        for backend in one.backends
        if backend.protocol == "HTTPS"
    }


def _attached(ground: Ground, wanted: WantedService) -> str:
    """ARN of the certificate that it shows."""
    return ground.observed.settings.get(wanted.name, Settings()).certificate


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
        attached=_attached(ground, wanted),
        stays=bool(_secure(ground, wanted)),
        now=ground.now,
    )


def certified(ground: Ground, wanted: WantedService) -> bool:
    """Was a certificate seen on the service with which it answers HTTPS, or does it need none? Where its settings were
    not read yet it has the one that it was made with.
    """
    seen = ground.observed.settings.get(wanted.name)
    if not needs_certificate(wanted) or seen is None:
        return True
    attached = (one for one in ground.observed.certificates if one.arn == seen.certificate)
    return any(certificates.is_good(one, wanted.said.domain, ground.now) for one in attached)


def certificate(ground: Ground, wanted: WantedService, there: Service) -> Part:
    """In place: clients see the other one from their next connection on."""
    if any(refusal.code in BESIDE for refusal in wanted.unmet):
        return Part()
    shown = chosen(ground, wanted)
    seen = ground.observed.settings.get(there.name)
    if shown is None or seen is None or not seen.known or seen.certificate == shown.arn:
        return Part()
    read = (one.arn for one in ground.observed.certificates)
    if CERTIFICATES in ground.observed.unread and seen.certificate and seen.certificate not in read:
        return Part()  # what it shows could not be read, and is not changed for what could
    because = f"certificate {_id(shown)} is the one for {wanted.said.domain}"
    return ground.do(SetCertificate, there.name, because, service=there.arn, certificate=shown.arn)


def warns(ground: Ground, wanted: WantedService) -> str:
    """What is told of its certificate beside being connected, before it is too late; else ''."""
    shown = chosen(ground, wanted)
    if shown is None or not (shown.imported and certificates.ends_soon(shown, ground.now)):
        return ""
    return f"certificate-expires: import certificate {_id(shown)} anew before {shown.ends}: nobody renews it"


def told(ground: Ground, wanted: WantedService, lattices: str) -> str:
    """What those who have a domain, and make its record themselves, are told beside being connected. `lattices`: the
    name under which it answers.
    """
    if not wanted.said.domain or not certified(ground, wanted):
        return ""
    there = named(ground.observed.services, wanted.name)
    if there is None or there.domain != lattices:
        return ""  # another service answers until this one does, and has not this domain
    if any(protocol == PASSTHROUGH for protocol, _ in wanted.listens):
        return (
            f"clients use {wanted.said.domain} once its DNS record is an alias or CNAME of {lattices}, and no other"
            " name: a connection lives 10 minutes at most"
        )
    return f"clients may use {wanted.said.domain} too once its DNS record is an alias or CNAME of {lattices}"


def _id(shown: Certificate) -> str:
    return shown.arn.rpartition("/")[2]
