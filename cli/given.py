"""What was typed, checked before AWS is asked: a word has the form of what it names, or Wrong says which."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import NamedTuple

from onramp.core import fleet, names
from onramp.core.approval import ID_LENGTH
from onramp.core.errors import Refused

_ACCOUNT = re.compile(r"[0-9]{12}")
_VPC = re.compile(r"vpc-([0-9a-z]{17}|[0-9a-z]{8})")
"""As Lattice takes it (its model); EC2's own have hexadecimal digits alone."""
_INSTANCE = re.compile(r"i-([0-9a-f]{17}|[0-9a-f]{8})")
_PARTITION = r"arn:aws[a-z-]*"
_VPC_ARN = re.compile(rf"{_PARTITION}:ec2:([a-z0-9-]+):([0-9]{{12}}):vpc/({_VPC.pattern})")
_BALANCER_ARN = re.compile(
    rf"{_PARTITION}:elasticloadbalancing:([a-z0-9-]+):([0-9]{{12}}):loadbalancer/(app|net|gwy)/"
    r"[a-zA-Z0-9-]{1,32}/[0-9a-z-]{1,64}"
)
_ROLE_ARN = re.compile(rf"{_PARTITION}:iam::[0-9]{{12}}:role/([!-~]+/)?[\w+=,.@-]{{1,64}}", re.ASCII)
_ROLE = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A method or a header's name (RFC 9110, 5.6.2)."""

_NETWORK = re.compile(r"(?!sn-|servicenetwork-)[a-z0-9]+(-[a-z0-9]+)*")
_NETWORK_LENGTH = (3, 63)
"""As Lattice takes a service network's name (its model)."""
_HOST = re.compile(r"[a-z0-9_.-]+")
"""What a name in DNS is made of, as it comes on the wire."""
_THING = re.compile(r"[A-Za-z0-9_.:/-]{1,256}")
"""What the names, domains, ids and ARNs are made of that onramp status knows."""

_KEY_LENGTH, _VALUE_LENGTH = 128, 256
_NOT_IN_TAGS = re.compile(r"[^\w\s+\-=.:/@]")
"""What the tagging of load balancers does not take (its model), in any script."""


_SHOWN = 120
"""Characters of what was typed that are said again."""


class Wrong(Exception):
    """What was typed cannot be done; says why, and what to write."""


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _said(text: str) -> str:
    return repr(_cut(text))


class Resource(NamedTuple):
    """What can be tagged. `key`: a load balancer's ARN or a VPC's id, which says nothing of account and region: ''."""

    key: str
    account: str = ""
    region: str = ""


def account(text: str) -> str:
    if not _ACCOUNT.fullmatch(text):
        raise Wrong(f"{_said(text)} is no account: write its 12 digits")
    return text


def vpc(text: str, option: str) -> str:
    if not _VPC.fullmatch(text):
        raise Wrong(f"{option} {_said(text)} is no VPC: write its id, as vpc-0c2f6a1d9b3e48570")
    return text


def resource(text: str) -> Resource:
    """A load balancer's ARN, a VPC's ARN or its id."""
    if _VPC.fullmatch(text):
        return Resource(text)
    if found := _VPC_ARN.fullmatch(text):
        return Resource(found[3], found[2], found[1])
    if found := _BALANCER_ARN.fullmatch(text):
        return Resource(text, found[2], found[1])
    raise Wrong(
        f"{_said(text)} is no load balancer's ARN and no VPC's id: write it whole, as"
        " arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID or vpc-0c2f6a1d9b3e48570"
    )


def looked_at(found: Resource, region: str) -> None:
    """Raises Wrong where it is in another region than the one that is looked at, as far as both are known."""
    if region and found.region not in ("", region):
        raise Wrong(f"{found.key} is in {found.region}, and {region} is looked at: give --region {found.region}")


_SERVICE_ARN = re.compile(rf"{_PARTITION}:vpc-lattice:([a-z0-9-]+):([0-9]{{12}}):service/svc-[0-9a-z]{{17}}")
_OTHER_ARN = re.compile(rf"{_PARTITION}:([a-z0-9-]+):[a-z0-9-]*:[0-9]*:([a-z-]+)[/:].+")


def tagged(text: str) -> Resource:
    """What a tag can be on: besides those, a Lattice service's ARN."""
    if found := _SERVICE_ARN.fullmatch(text):
        return Resource(text, found[2], found[1])
    try:
        return resource(text)
    except Wrong:
        other = _OTHER_ARN.fullmatch(text)
        if other is None or other[2] in ("loadbalancer", "vpc", "service"):
            raise
        raise Wrong(
            f"no tag on a {other[2]} of {other[1]} asks for anything: name the load balancer, VPC or Lattice service"
            " that carries the tag"
        ) from None


def approval(text: str) -> str:
    """A request's id: its account, and the hash of what it shows."""
    if not re.fullmatch(rf"[0-9]{{12}}-[0-9a-f]{{{ID_LENGTH}}}", text):
        raise Wrong(
            f"{_said(text)} is no request's id: write it whole, as its mail, its tag and onramp status --state waiting"
            " have it"
        )
    return text


def source(text: str) -> str:
    """Of a request: a VPC, an instance or an address."""
    if text.startswith("vpc-"):
        return vpc(text, "--from")
    if text.startswith("i-"):
        if not _INSTANCE.fullmatch(text):
            raise Wrong(f"--from {_said(text)} is no instance: write its id, as i-0b1c2d3e4f5a6b7c8")
        return text
    try:
        ipaddress.ip_address(text)
    except ValueError as wrong:
        raise Wrong(f"{_said(text)} is no VPC (vpc-…), no instance (i-…) and no address") from wrong
    return text


def role(text: str) -> str:
    if not (_ROLE_ARN if text.startswith("arn:") else _ROLE).fullmatch(text):
        raise Wrong(
            f"--as {_said(text)} is no role: write its name or its ARN, as arn:aws:iam::222222222222:role/checkout"
        )
    return text


def method(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise Wrong(f"--method {_said(text)} is none: write one word, as GET")
    return text.upper()


def header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name.strip()):
        raise Wrong(f"--header {_said(text)} is no header; write NAME: VALUE")
    return name.strip(), value.strip()


def tag(text: str, resource: str) -> tuple[str, str]:
    """KEY=VALUE as AWS takes a tag on a load balancer; on a VPC (`resource`) EC2 takes every other character, too."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise Wrong(f"--tag {_cut(text)}: write KEY=VALUE, as lattice:network=orders")
    if key.lower().startswith("aws:"):
        raise Wrong(f"--tag {_cut(text)}: AWS keeps keys that begin with aws: for itself; write another key")
    if len(key) > _KEY_LENGTH or len(value) > _VALUE_LENGTH:
        raise Wrong(
            f"--tag {_cut(key)}: shorten it: a key has {_KEY_LENGTH} characters at most, a value {_VALUE_LENGTH}"
        )
    if _NOT_IN_TAGS.search(text) and not _VPC.fullmatch(resource):
        raise Wrong(
            f"--tag {_cut(text)}: AWS takes letters, digits, spaces and + - = . _ : / @ in a tag; write those alone"
        )
    return key, value


def prefix(text: str) -> str:
    """As the stack's parameter TagPrefix takes it."""
    if not re.fullmatch(r"(?!aws:|lattice-onramp)[A-Za-z0-9+=._/@-]{1,30}:", text):
        raise Wrong(f"--prefix {_said(text)} is none: write the stack's TagPrefix, as lattice:")
    return text


def service(text: str) -> str:
    """A name that a service can have, or the domain of its own that one is asked for by."""
    try:
        return names.service(text)
    except Refused:
        raise Wrong(
            f"{_said(text)} is no service's name: write 3 to 40 of a-z 0-9 and single inner hyphens, as onramp status"
            " has it"
        ) from None


def held(text: str) -> tuple[str, str]:
    """(account, service) of what is to be held: '' for an account that was not said, and for all of an account."""
    if not text:
        raise Wrong("write a service's name, ACCOUNT/SERVICE, or an account")
    if text.startswith("arn:"):
        raise Wrong(f"{_said(text)} is an ARN: write a service's name, ACCOUNT/SERVICE, or an account")
    whose, slash, name = text.partition("/")
    if slash:
        if not name:
            raise Wrong(f"{_said(text)}: write ACCOUNT/SERVICE, or the account alone")
        return account(whose), service(fleet.called(name))
    if _ACCOUNT.fullmatch(text):
        return text, ""
    return "", service(fleet.called(text))


def thing(text: str) -> str:
    """A name that something in the table can have."""
    if not _THING.fullmatch(text):
        raise Wrong(
            f"{_said(text)} is no name: write a service, its domain, a load balancer, a VPC, an account or a"
            " request's id"
        )
    return text


def network(text: str) -> str:
    """A network's name, as Lattice takes it; '' where none was typed."""
    low, high = _NETWORK_LENGTH
    if text and not (_NETWORK.fullmatch(text) and low <= len(text) <= high):
        raise Wrong(
            f"--network {_said(text)} is no network's name: write {low} to {high} of a-z 0-9 and single inner hyphens"
        )
    return text


def host(text: str) -> bool:
    """Can it be a name that is asked for? An address can: no service has it, which the walk tells."""
    return bool(_HOST.fullmatch(text)) or ":" in text


def output(file: Path) -> None:
    """It can be written, as far as that is known before it is; else Wrong."""
    where = file.parent
    why = "it is a folder" if file.is_dir() else "" if where.is_dir() else f"there is no folder {where}"
    if not why and not os.access(file if file.exists() else where, os.W_OK):
        why = "nobody lets you write there"
    if why:
        raise Wrong(f"{file} cannot be written: {why}")
