"""Every tag key of the product, which of a team's are read, and what a tag value may hold."""

import difflib
import re
import unicodedata

from onramp.core.errors import Refused
from onramp.core.network import Network

ALL_OURS = "lattice-onramp:"
"""What all keys begin with that mark, answer or hand over."""

OWNER = "lattice-onramp:network"
"""On all that we make: the network it was made for. What lacks it is never changed and never deleted."""

NAME = "lattice-onramp:name"
"""The name of what carries it, for people who look at lists. Whoever may tag can forge it: names are read from AWS."""

STATUS = "lattice-onramp:status"
DOMAIN = "lattice-onramp:domain"
MESSAGE = "lattice-onramp:message"
SERVICES = "lattice-onramp:services"
STATUS_KEYS = (STATUS, DOMAIN, MESSAGE, SERVICES)
"""Our answer on a team's load balancer, VPC or service. They do not begin with a team's prefix, so they ring no bell.
SERVICES is on a VPC alone, and is what there need not be room for."""

GOES_ON = frozenset({"connecting", "connected"})
"""What STATUS says of who needs no person to mend anything."""

ADOPT = "lattice-onramp:adopt"
"""Its owner's word on what he made in Lattice or EC2: take it over, as it is, for whoever asks for it by tag."""

RELEASE = "lattice-onramp:release"
"""Its owner's word on what is ours: let it go, as it is, and touch it no more."""

OWNERS_WORDS = frozenset({ADOPT, RELEASE})
"""They ring, though they begin with no team's prefix."""

YES = "yes"
"""What such a word has to be."""

DEFAULT_PREFIX = "lattice:"
_PREFIX = re.compile(r"[A-Za-z0-9+=._/@-]{1,30}:")

# Keys after the prefix.
NETWORK = "network"
SERVICE = "service"
LISTEN = "listen"
TARGET = "target"
WEIGHT = "weight"
PATH_PREFIX = "path-prefix"
PATH = "path"
METHOD = "method"
HEADER = "header"
PRIORITY = "priority"
IDLE_TIMEOUT = "idle-timeout"
LOG = "log"
AUTH = "auth"
AUTH_POLICY = "auth-policy"
OWN_DOMAIN = "domain"
CERTIFICATE = "certificate"
ZONE = "zone"
ALLOW_FROM = "allow-from"
PORTS = "ports"
SECURITY_GROUPS = "security-groups"

RULE_KEYS = frozenset({PATH_PREFIX, PATH, METHOD, HEADER, PRIORITY})
"""By which a load balancer takes only some of its service's requests."""

LOAD_BALANCER_KEYS = RULE_KEYS | {
    *(NETWORK, SERVICE, OWN_DOMAIN, CERTIFICATE, ZONE, LISTEN, TARGET, WEIGHT),
    *(IDLE_TIMEOUT, LOG, AUTH, AUTH_POLICY),
}
VPC_KEYS = frozenset({NETWORK, ALLOW_FROM, PORTS, SECURITY_GROUPS})
EXISTING_KEYS = frozenset({NETWORK})
"""On a Lattice service that people made themselves: all else of it is theirs to say, and not by tag."""

TAGS_PER_RESOURCE = 50
"""On a load balancer or VPC, those that AWS itself puts there (aws:...) not counted (facts 18)."""

# The smaller of API pattern (256) and guide (255); no leading or trailing space (ELB tag restrictions).
VALUE_LENGTH = 255
_REFUSED_IN_VALUES = re.compile(r"[^\w\s+\-=.:/@]", re.ASCII)
# As AWS's tag documents spell what they take: letters, marks not among them, spaces and numbers of all scripts
# ([\p{L}\p{Z}\p{N}_.:/=+\-@]), so that no 、。「」 or ・ is in it.
_REFUSED_IN_ANY_SCRIPT = re.compile(r"[^\w\s+\-=.:/@]")
_REFUSED_IN_COPIES = re.compile(rf"{_REFUSED_IN_ANY_SCRIPT.pattern}|[\x00-\x1f\x85]")  # nor tabs and line breaks
IN_ENGLISH = " /en"
"""Ends an answer that AWS took in English only: as long as it says the same, no other language is tried again."""
_SPELLED_AT_MOST = 60
_SPELLED_BEFORE = 30
"""Characters before the first wrong one, which is to be seen in what is long."""


def is_prefix(text: str) -> bool:
    """May a stack's TagPrefix be so?"""
    return _PREFIX.fullmatch(text) is not None


def answer(text: str) -> str:
    """`text` as an ELB tag value may hold it: letters, digits, spaces and `+ - = . _ : / @`, 255 at most.

    >>> answer("Make it internal (scheme), then tag again.")
    'Make it internal scheme then tag again.'
    """
    return _cut(_REFUSED_IN_VALUES.sub(" ", text), VALUE_LENGTH)


def answer_in_any_script(text: str) -> str:
    """The same with letters of all scripts, composed: EC2 and ELB count characters, not bytes (facts 18).

    >>> answer_in_any_script("内部 ALB を使ってください、そして(もう一度)。")
    '内部 ALB を使ってください そして もう一度'
    """
    return _cut(_REFUSED_IN_ANY_SCRIPT.sub(" ", unicodedata.normalize("NFC", text)), VALUE_LENGTH)


def copied(text: str) -> str:
    """A value of somebody's own tag as Lattice's tags may hold it, too, which take less than EC2's.

    >>> copied("4711, platform (team)")
    '4711 platform team'
    """
    text = unicodedata.normalize("NFC", text)
    if not _REFUSED_IN_COPIES.search(text) and text == text.strip():
        return text
    return " ".join(_REFUSED_IN_COPIES.sub(" ", text).split())


def answer_in_english(text: str) -> str:
    """The same as `answer`, marked as what is said instead of another language."""
    return _cut(_REFUSED_IN_VALUES.sub(" ", text), VALUE_LENGTH - len(IN_ENGLISH)) + IN_ENGLISH


def _cut(text: str, most: int) -> str:
    clean = " ".join(text.split())
    if len(clean) <= most:
        return clean
    return clean[: most - 4].rstrip() + " ..."


def spelled(text: str) -> str:
    """What a team wrote, so that an answer can show it: what a tag value cannot hold is named, and so is nothing.

    >>> spelled("10.0.0.0/8,10.1.0.0/16")
    '10.0.0.0/8 U+002C COMMA 10.1.0.0/16'
    >>> spelled("")
    'an empty value'
    """
    wrong = _REFUSED_IN_VALUES.search(text)
    if wrong is not None and wrong.start() > _SPELLED_BEFORE:
        text = "... " + text[wrong.start() - _SPELLED_BEFORE + len("... ") :]
    # The first characters up to the wrong ones matter most: what is long is cut after them.
    named = _REFUSED_IN_VALUES.sub(lambda found: f" {_character(found.group())} ", text)
    clean = " ".join(named.split()) or "an empty value"
    return clean if len(clean) <= _SPELLED_AT_MOST else clean[:_SPELLED_AT_MOST].rstrip() + " ..."


def _character(found: str) -> str:
    return f"U+{ord(found):04X} {_REFUSED_IN_VALUES.sub(' ', unicodedata.name(found, ''))}".rstrip()


def check(network: Network, given: dict[str, str], known: frozenset[str]) -> None:
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
    if network.prefix + NETWORK not in given:
        raise Refused("network-missing", f"add tag {network.prefix}{NETWORK} = {offered}, or remove the others")
    asked = given[network.prefix + NETWORK].strip()
    if asked != network.name:
        raise Refused("network-unknown", f"this account may join {offered}: the tag says {spelled(asked)}")


def _did_you_mean(prefix: str, key: str, known: frozenset[str]) -> str:
    # No key of ours has a space, so that one may be what is wrong with it.
    shown = spelled(key.replace(" ", " U+0020 SPACE ")) if key else ""
    close = difflib.get_close_matches(key.lower(), sorted(known), n=1, cutoff=0.7)
    if close:
        return f"write {prefix}{close[0]} instead of {prefix}{shown}"
    choices = " ".join(sorted(prefix + name for name in known))
    return f"remove tag {prefix}{shown}: nothing here reads it. What is read: {choices}"
