"""Which requests a load balancer's tags ask for: a path's prefix is two rules, methods and headers multiply."""

import re
from collections.abc import Mapping
from itertools import product

from onramp.core import tags
from onramp.core.errors import Refused
from onramp.core.model import Match
from onramp.core.rules import PRIORITIES, RULES_PER_LISTENER, Asked, specificity, spelled

PATH_LENGTH, HEADER_LENGTH, VALUE_LENGTH = 200, 100, 200  # botocore model

# As far as the tag of a load balancer can hold it, of what Lattice takes in a path.
_PATH = re.compile(r"/[A-Za-z0-9@:_+.=/-]*")
_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")

_OF_HTTP = "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT QUERY"
_BESIDE = (
    "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF"
    " MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE"
    " VERSION-CONTROL"
)
METHODS = frozenset(_OF_HTTP.split()) | frozenset(_BESIDE.split())
"""As IANA has them registered, of 16 characters at most, which is Lattice's limit (facts R19). Lattice takes any word;
another one is more often a typing error, and a rule for it would take no request and say nothing.
"""

_DOTS = frozenset({".", ".."})
"""Clients take these segments out of a path before they send it (RFC 3986, 5.2.4): none that is sent would match."""


def asked(given: Mapping[str, str], prefix: str) -> tuple[Asked, ...]:
    """`given`: the tags after the prefix. None of them: the load balancer takes what no rule takes. Raises Refused."""
    paths = [
        *(one for word in _words(given, tags.PATH_PREFIX, prefix) for one in _below(word, prefix + tags.PATH_PREFIX)),
        *(Match(path=_path(word, prefix + tags.PATH)) for word in _words(given, tags.PATH, prefix)),
    ]
    methods = [_method(word, prefix + tags.METHOD) for word in _words(given, tags.METHOD, prefix)]
    headers = [_header(word, prefix + tags.HEADER) for word in _words(given, tags.HEADER, prefix)]
    if not (paths or methods or headers):
        if tags.PRIORITY in given:
            choices = " or ".join(prefix + key for key in (tags.PATH_PREFIX, tags.PATH, tags.METHOD, tags.HEADER))
            raise Refused("rule-invalid", f"add {choices} or remove {prefix}{tags.PRIORITY}: there is no rule to order")
        return ()
    matches = {
        Match(path=path.path, begins=path.begins, method=method, header=header, value=value)
        for path, method, (header, value) in product(paths or [Match()], methods or [""], headers or [("", "")])
    }
    if len(matches) > RULES_PER_LISTENER:
        raise Refused(
            "too-many-rules",
            f"ask for less in the rule tags: a listener has {RULES_PER_LISTENER} rules at most and these are"
            f" {len(matches)}. A path prefix is two and several methods or headers multiply",
        )
    ordered = sorted(matches, key=lambda match: (specificity(match), spelled(match)))
    first = _priority(given[tags.PRIORITY], prefix + tags.PRIORITY, len(ordered)) if tags.PRIORITY in given else 0
    return tuple(Asked(match=match, priority=first and first + place) for place, match in enumerate(ordered))


def _words(given: Mapping[str, str], key: str, prefix: str) -> list[str]:
    """Values of one tag, separated by spaces: a load balancer's tags hold no comma (facts 18)."""
    words = given.get(key, "unsaid").split()
    if not words:
        # Empty is not absent: who clears the list of what is taken does not mean everything.
        raise Refused("rule-invalid", f"write a value in tag {prefix}{key}, or remove it: it is empty")
    return words if key in given else []


def _path(word: str, key: str) -> str:
    if not _PATH.fullmatch(word) or len(word) > PATH_LENGTH:
        raise Refused(
            "rule-invalid",
            f"write paths of at most {PATH_LENGTH} characters that begin with / in tag {key}, as /api: it has"
            f" {tags.spelled(word)}",
        )
    if not _DOTS.isdisjoint(word.split("/")):
        raise Refused("rule-invalid", f"write paths without . and .. in tag {key}, as clients send them: it has {word}")
    return word


def _below(word: str, key: str) -> tuple[Match, ...]:
    """The path itself and all below it. Whether AWS's own prefix ends at a segment is written nowhere (facts R19): one
    with a slash at its end does in any reading.
    """
    path = _path(word, key).rstrip("/")
    if not path:
        return (Match(path="/", begins=True),)
    return Match(path=path), Match(path=_path(f"{path}/", key), begins=True)


def _method(word: str, key: str) -> str:
    if not word.isascii() or word.upper() not in METHODS:
        raise Refused("rule-invalid", f"write HTTP's methods in tag {key}, as GET POST: it has {tags.spelled(word)}")
    return word.upper()


def _header(word: str, key: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not _HEADER.fullmatch(name) or not value or not value.isascii():
        raise Refused(
            "rule-invalid",
            f"write a header's name and its whole value in tag {key}, as x-version=beta: it has {tags.spelled(word)}",
        )
    if len(name) > HEADER_LENGTH or len(value) > VALUE_LENGTH:
        raise Refused(
            "rule-invalid",
            f"shorten the header in tag {key}: a name has {HEADER_LENGTH} characters at most, a value {VALUE_LENGTH}",
        )
    return name.lower(), value


def _priority(text: str, key: str, rules: int) -> int:
    last = PRIORITIES - rules + 1
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= last:
        many = f", for its {rules} rules have numbers one after the other from there" if rules > 1 else ""
        raise Refused(
            "rule-invalid", f"write a number from 1 to {last} in tag {key}{many}: it has {tags.spelled(text)}"
        )
    return int(text)
