"""What infra has to say yes to before it is made: a request for each wish, known by the hash of what it shows."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from onramp.core.desired import Backend, Desired, WantedClient, WantedService
from onramp.core.infra import Word
from onramp.core.inventory import Refusal, Request
from onramp.core.model import Existing
from onramp.core.network import Network
from onramp.core.rules import shown
from onramp.core.settings import Said

REJECTED = "approval-rejected"
ID_LENGTH = 40
"""Hexadecimal digits. Whoever asks chooses what is hashed: with 12 he finds two wishes of one id in minutes, and has
the harmless one approved; with 40 he would have to try 2^80.
"""


class Withheld(NamedTuple):
    """`want` without the wishes that may not be met yet, and every request there is."""

    want: Desired
    requests: tuple[Request, ...]


def asked(network: Network) -> tuple[bool, bool]:
    """Have services, have clients, to be approved?"""
    return network.approval in ("services", "both"), network.approval in ("clients", "both")


def of_backend(network: Network, account: str, wanted: WantedService, backend: Backend) -> Request:
    """What joins with one load balancer of a service."""
    listens = " ".join(f"{protocol}:{port}" for protocol, port in wanted.listens)
    under = f" under {wanted.said.domain}" if wanted.said.domain else ""
    what: tuple[str, ...] = (
        f"service {wanted.name} of account {account} joins network {network.name} and listens on {listens}{under}",
        f"requests go to {backend.load_balancer}, listener {backend.protocol}:{backend.port}, weight {backend.weight}",
        *_says(backend.said),
    )
    only = f"only these: {', '.join(shown(one.match) for one in backend.rules)}"
    what = (*what, only) if backend.rules else what
    return _request(network, account, "service", wanted.name, backend.load_balancer, what)


def _says(said: Said) -> tuple[str, ...]:
    """What its tags say of the service besides, where they do."""
    callers = f"SSM parameter {said.parameter} says" if said.parameter else said.policy or "whoever the network lets"
    lines = {
        f"who may call: {callers}": said.auth,
        f"its access log goes to {said.log}": said.log,
        f"it shows certificate {said.certificate}": said.certificate,
    }
    return tuple(line for line, is_said in lines.items() if is_said)


def of_client(network: Network, account: str, wanted: WantedClient) -> Request:
    """What joins with a VPC."""
    admits = sorted(
        f"{it.source} to {'any port' if it.from_port < 0 else it.from_port}"
        f"{f'-{it.to_port}' if it.to_port > it.from_port else ''}"
        for it in wanted.admits
    )
    who = f"its own {' '.join(wanted.security_groups)} decide" if wanted.security_groups else ", ".join(admits)
    what = (
        f"VPC {wanted.vpc} of account {account} joins network {network.name} and may call its services",
        f"who may call from it: {who}",
    )
    return _request(network, account, "client", wanted.vpc, wanted.vpc, what)


def of_existing(network: Network, account: str, wanted: Existing) -> Request:
    """What joins with a service that people made themselves."""
    under = f" under {wanted.custom_domain}" if wanted.custom_domain else ""
    what = (
        f"service {wanted.name} of account {account} joins network {network.name}{under} as it is",
        "what it listens on, where it sends and who may call stays its owner's, now and later",
    )
    return _request(network, account, "service", wanted.name, wanted.arn, what)


def _request(
    network: Network,
    account: str,
    kind: Literal["service", "client"],
    name: str,
    resource: str,
    what: tuple[str, ...],
) -> Request:
    digest = hashlib.sha256("\n".join((network.arn, account, kind, name, resource, *what)).encode()).hexdigest()
    return Request(id=f"{account}-{digest[:ID_LENGTH]}", kind=kind, name=name, resource=resource, what=what)


def withhold(
    network: Network,
    account: str,
    want: Desired,
    answers: Mapping[str, Word],
    before: tuple[Request, ...] | None,
    met: frozenset[str],
) -> Withheld:
    """`answers`: id -> Approve or Reject. `before`: the requests of the last look, None where nothing had to be
    approved yet. `met`: resources whose wishes are met already: what was there before is not taken back.
    """
    services, clients = asked(network)
    known = {one.id: one for one in before or ()}

    def judged(request: Request) -> Request:
        word = answers.get(request.id)
        if word is not None:
            state: State = "approved" if word.saying == "Approve" else "rejected"
            return _as(request, state, word.by, word.at)
        earlier = known.get(request.id)
        if earlier is not None and earlier.state in ("approved", "before"):
            return earlier
        if before is None and request.resource in met:
            return _as(request, "before")
        return request

    requests: list[Request] = []
    wanted_services: list[WantedService] = []
    for wanted in want.services:
        if not services:
            wanted_services.append(wanted)
            continue
        mine = [judged(of_backend(network, account, wanted, backend)) for backend in wanted.backends]
        requests += mine
        let = tuple(backend for backend, request in zip(wanted.backends, mine, strict=True) if request.state in _LET)
        if let:
            wanted_services.append(wanted.of(let))
    wanted_clients: list[WantedClient] = []
    for client in want.clients:
        request = judged(of_client(network, account, client)) if clients else None
        requests += [request] if request else []
        if request is None or request.state in _LET:
            wanted_clients.append(client)
    wanted_existing: list[Existing] = []
    for one in want.existing:
        request = judged(of_existing(network, account, one)) if services else None
        requests += [request] if request else []
        if request is None or request.state in _LET:
            wanted_existing.append(one)
    rejected = tuple(_refusal(one) for one in requests if one.state == "rejected")
    awaiting = {one.resource: told(one) for one in requests if one.state == "waiting"}
    return Withheld(
        want._replace(
            services=tuple(wanted_services),
            clients=tuple(wanted_clients),
            existing=tuple(wanted_existing),
            refusals=(*want.refusals, *rejected),
            awaiting=awaiting,
        ),
        tuple(sorted(requests, key=lambda one: one.id)),
    )


type State = Literal["waiting", "approved", "rejected", "before"]

_LET = frozenset({"approved", "before"})


def _as(request: Request, state: State, by: str = "", at: float = 0.0) -> Request:
    return Request(
        id=request.id,
        kind=request.kind,
        name=request.name,
        resource=request.resource,
        what=request.what,
        state=state,
        by=by,
        at=at,
    )


def told(request: Request) -> str:
    """What the team reads while it waits."""
    return f"approval {request.id}: infra has to approve it first"


def _refusal(request: Request) -> Refusal:
    message = f"ask infra why it was rejected, or change the tags to ask anew ({request.id})"
    return Refusal(code=REJECTED, resource=request.resource, message=message)


def waiting(requests: Iterable[Request] | None) -> dict[str, Request]:
    """Id -> those that wait for an answer."""
    return {one.id: one for one in requests or () if one.state == "waiting"}
