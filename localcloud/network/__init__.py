"""Requests through the local cloud's network: reads what decides about one, and lets the trace walk it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from moto.backends import get_backend
from msgspec import structs
from onramp.core import trace
from onramp.core import view as seen
from onramp.core.auth import Sent, Signer, ruling
from onramp.core.policy import INVOKE, Context, Decision
from onramp.core.trace import Asked, Hop, Ruling, Trace

from localcloud.ground.caller import Caller
from localcloud.ground.journal import RequestRecord
from localcloud.network import tcp
from localcloud.network.view import Around, Reader, cidrs_of, instance_at
from localcloud.services.lattice.model import AuthPolicy


@dataclass(frozen=True)
class Answer:
    """What the caller gets: `status` is that of AWS's answer, also where a hop stopped the request (403, 503, 504 ...).

    It is 0 only where the connection itself fails, or where a function of which nobody can tell would answer. `hops`
    are all hops walked, the stopping one last; `stopped_at` is its name, or ''.
    """

    status: int
    body: str
    server: str
    hops: tuple[Hop, ...]
    stopped_at: str


class Nowhere(ValueError):
    """The request cannot even begin: no VPC has the caller's address, or several have it."""


@dataclass(frozen=True)
class _Url:
    protocol: str
    host: str
    port: int
    path: str
    query: tuple[tuple[str, str], ...]


def request(
    cloud: Around,
    from_ip: str,
    url: str,
    *,
    from_vpc: str = "",
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    signer: Caller | None = None,
) -> Answer:
    """Send a request from `from_ip` to `url` and answer what comes back, or the hop that stops it.

    `tcp://HOST:PORT` is a connection to a resource of a network: it has no status.

    `from_vpc` is needed where several VPCs have the address. `signer` is whoever signs the request (facts
    13); without one it is anonymous. Raises Nowhere, and ValueError for what is no http(s) URL.
    """
    to = _parse(url)
    account, vpc = _vpc_of(cloud, from_ip, from_vpc)
    sent = {**(headers or {}), "Host": to.host}
    with cloud.gate.quiet():
        instance = instance_at(cloud, account, vpc, from_ip)
        groups = tuple(group.id for group in instance.security_groups) if instance is not None else ()
        subnet = instance.subnet_id if instance is not None else ""
        if to.protocol == "TCP":
            hops = tcp.connect(cloud, tcp.Client(account, vpc, from_ip, groups, subnet), to.host, to.port)
            return _noted(cloud, from_ip, url, Trace(hops=hops, stopped_at="" if hops[-1].passed else hops[-1].name))
        view = Reader(cloud).view(account, vpc, to.host, groups, subnet)
        asked = seen.Request(
            source_ip=from_ip,
            vpc=vpc,
            host=to.host,
            protocol=to.protocol,
            port=to.port,
            path=to.path,
            method=method,
            headers=tuple(sent.items()),
            security_groups=groups,
            subnet=subnet,
        )
        walked = trace.walk(view, asked, _Authority(cloud, account, to.query, signer).rules_on)
    return _noted(cloud, from_ip, url, walked)


def _noted(cloud: Around, from_ip: str, url: str, walked: Trace) -> Answer:
    """The answer, written down in the journal."""
    cloud.journal.add(
        RequestRecord(
            at=cloud.clock.now,
            from_ip=from_ip,
            url=url,
            status=walked.status,
            stopped_at=walked.stopped_at,
            hops=tuple(f"{hop.name}: {hop.because}" for hop in walked.hops),
        )
    )
    return Answer(walked.status, walked.body, walked.server, walked.hops, walked.stopped_at)


def from_within(
    cloud: Around,
    network: str,
    vpc: tuple[str, str],
    url: str,
    rolls: Iterable[float] = (0.0,),
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> Iterator[Answer]:
    """What a client of the network would be answered whom nothing of his own VPC keeps in: policies let him through,
    and a service's domain of its own leads to it, whatever records there are. An answer for each of `rolls`, which are
    as `roll` in `seen.Request`; what decides is read once.

    `vpc`: account and id of that in which he would be, joined or not. Nobody sends anything, and the journal does not
    tell of it.
    """
    to = _parse(url)
    account, identifier = vpc
    with cloud.gate.quiet():
        view = Reader(cloud).view(account, identifier, to.host)
    found = cloud.lattice.estate.networks.get(network)
    view = structs.replace(
        view,
        vpcs=(seen.Vpc(id=identifier, account=account),),
        networks=(seen.Network(id=found.id, arn=found.arn, name=found.name),) if found is not None else (),
        vpc_associations=(seen.VpcAssociation(vpc=identifier, network=network, status="ACTIVE"),),
        aliases=tuple((to.host, one.domain) for one in view.services if one.custom_domain == to.host),
        hidden=(),
    )
    address = get_backend("ec2")[account][cloud.region].vpcs[identifier].cidr_block
    for roll in rolls:
        asked = seen.Request(
            source_ip=str(ipaddress.ip_network(address)[4]),
            vpc=identifier,
            host=to.host,
            protocol=to.protocol,
            port=to.port,
            path=to.path,
            method=method,
            headers=tuple((headers or {}).items()),
            roll=roll,
        )
        walked = trace.walk(view, asked, lambda _: Ruling(allowed=True, because="whoever it is"))
        yield Answer(walked.status, walked.body, walked.server, walked.hops, walked.stopped_at)


def _parse(url: str) -> _Url:
    try:
        parts = urlsplit(url)
        given = parts.port
    except ValueError as wrong:
        raise ValueError(f"{url!r} is no URL: {wrong}") from wrong
    if given == 0 and parts.scheme != "tcp":
        raise ValueError(f"{url!r} is no URL: nothing listens on port 0")
    if parts.scheme not in ("http", "https", "tcp") or not parts.hostname:
        raise ValueError(f"{url!r} is no http or https URL, nor tcp://HOST:PORT")
    if parts.scheme == "tcp" and not given:
        raise ValueError(f"{url!r} says no port; write tcp://HOST:PORT")
    port = given or (443 if parts.scheme == "https" else 80)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    # With a dot at its end it is the same name, said absolutely.
    return _Url(parts.scheme.upper(), parts.hostname.removesuffix("."), port, parts.path or "/", query)


def _vpc_of(cloud: Around, ip: str, wanted: str) -> tuple[str, str]:
    """(account, VPC id) of the caller. moto's own store is asked: no client could look into every account."""
    address = ipaddress.ip_address(ip)
    found = [
        (str(account), str(vpc.id))
        for account, regions in get_backend("ec2").items()
        if cloud.region in regions
        for vpc in regions[cloud.region].vpcs.values()
        if wanted in ("", vpc.id) and any(address in ipaddress.ip_network(cidr) for cidr in cidrs_of(vpc))
    ]
    if len(found) > 1:
        lives = [(account, vpc) for account, vpc in found if instance_at(cloud, account, vpc, ip) is not None]
        found = lives if len(lives) == 1 else found
    if len(found) != 1:
        which = ", ".join(f"{vpc} of {account}" for account, vpc in found)
        nobody = f"{wanted} is no VPC with the address {ip}" if wanted else f"no VPC has the address {ip}"
        raise Nowhere(f"{ip} is an address of {which}; say which VPC" if found else nobody)
    return found[0]


class _Authority:
    """Brings what the auth policies of one request are asked with (facts 13)."""

    def __init__(self, cloud: Around, account: str, query: tuple[tuple[str, str], ...], signer: Caller | None) -> None:
        self.cloud = cloud
        self.account = account
        self.query = query
        self.signer = self._signer(signer) if signer else None

    def rules_on(self, asked: Asked) -> Ruling:
        policy = self._policy(asked)
        service = self.cloud.lattice.estate.services.get(asked.service.arn)
        tags = service.tags if service is not None else {}
        sent = Sent(vpc_owner=self.account, query=self.query, tags=tags, signer=self.signer)
        return ruling(asked, policy.document if policy is not None else None, sent)

    def _signer(self, caller: Caller) -> Signer:
        iam = self.cloud.iam

        def own(resource: str, keys: Context) -> Decision:
            return iam.allows(caller, INVOKE, resource, keys)

        return Signer(principal=iam.principal(caller), keys=iam.context(caller), own=own)

    def _policy(self, asked: Asked) -> AuthPolicy | None:
        estate = self.cloud.lattice.estate
        shelf = estate.networks if asked.level == "service network" else estate.services
        found = shelf.get(asked.arn)
        return found.policy if found is not None else None
