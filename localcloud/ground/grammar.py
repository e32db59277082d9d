"""What a policy may say, by the service that keeps it: beside IAM's own language, each has a grammar (facts 28.10).

moto stores what it is given. Where AWS's pages leave open whether a service refuses, it is refused here: what passes
is deployed on AWS as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, NamedTuple

from moto.backends import get_backend
from onramp.core.policy import MalformedPolicy, parse

from localcloud.ground.json_text import read_json

type Statement = Mapping[str, Any]


class Fault(NamedTuple):
    """What a service has against a policy: of what kind, and in words."""

    kind: Literal["size", "count", "language", "action", "principal", "resource"]
    why: str


@dataclass(frozen=True)
class Grammar:
    """What a service takes: actions of these prefixes, and how many of what; 0 is no limit of its own.

    `alone`: a statement speaks of one resource, the guarded one, and `covers` says which ARNs are that. `characters`:
    what none of the text may be. `kinds`: whom a Principal may name; none is a policy that names nobody. `plain_sids`:
    a Sid is letters and digits. `known`: names of actions, in small letters, where any other is refused.
    """

    prefixes: tuple[str, ...]
    known: frozenset[str] = frozenset()
    size: int = 0
    statements: int = 0
    actions: int = 0
    principals: int = 0
    conditions: int = 0
    plain_sids: bool = False
    alone: bool = False
    resources: Literal["required", "optional", "none"] = "required"
    covers: Callable[[str, str], bool] = lambda own, named: named in (own, "*")
    kinds: frozenset[str] = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
    characters: str = ""


def _bus_or_its_rules(own: str, named: str) -> bool:
    return named in (own, "*") or named.startswith(f"{own.replace(':event-bus/', ':rule/')}/")


def _bucket_or_its_objects(own: str, named: str) -> bool:
    return named == own or named.startswith(f"{own}/") or (named.endswith("*") and own.startswith(named[:-1]))


def _logs_of_the_account(own: str, named: str) -> bool:
    if named == "*":
        return True
    parts, ours = named.split(":", 5), own.split(":", 5)
    return len(parts) == 6 and parts[2] == "logs" and parts[4] in (ours[4], "*") and parts[3] in (ours[3], "*")


def _table_or_its_parts(own: str, named: str) -> bool:
    return named in (own, "*") or named.startswith(f"{own}/")


def _requests_of_lattice(_: str, named: str) -> bool:
    # A network's policy speaks of whichever services are joined, in whichever account.
    return named == "*" or re.match(r"arn:aws[a-z-]*:vpc-lattice:", named) is not None


def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


# SQS developer guide, "Overview of managing access": quotas of an access policy. Actions as its permissions reference
# has them for a queue that is there: calls on several messages go by the action for one, and are none (seen).
_OF_QUEUES = _names("""
    AddPermission CancelMessageMoveTask ChangeMessageVisibility DeleteMessage DeleteQueue GetQueueAttributes GetQueueUrl
    ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags PurgeQueue ReceiveMessage RemovePermission SendMessage
    SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue
""")
SQS = Grammar(("sqs",), _OF_QUEUES, size=8_192, statements=20, actions=7, principals=50, conditions=10, alone=True)
# SNS developer guide, "API permissions reference": quotas and valid actions of a topic's policy. Receive is in the
# policy that SNS gave topics itself.
_OF_TOPICS = _names("""
    AddPermission DeleteTopic GetDataProtectionPolicy GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource
    Publish PutDataProtectionPolicy Receive RemovePermission SetTopicAttributes Subscribe
""")
SNS = Grammar(("sns",), _OF_TOPICS, size=30_720, statements=100, principals=200, alone=True)
TRUST = Grammar(("sts",), size=2_048, resources="none", plain_sids=True)
BUS = Grammar(("events",), size=10_240, covers=_bus_or_its_rules)
# KMS API reference, PutKeyPolicy: 32 KB. Each statement names somebody, who may be everybody.
KEY = Grammar(
    ("kms",),
    size=32_768,
    resources="optional",
    kinds=frozenset({"AWS", "Service", "Federated"}),
)
# CloudWatch Logs API reference, PutResourcePolicy: AWS services write, by two actions, and nobody else.
LOGS = Grammar(("logs",), size=5_120, covers=_logs_of_the_account, kinds=frozenset({"Service"}))
BUCKET = Grammar(("s3",), size=20_480, covers=_bucket_or_its_objects)
# Secrets Manager API reference, PutResourcePolicy; DynamoDB developer guide, "Resource-based policy considerations".
SECRET = Grammar(("secretsmanager",), size=20_480)
TABLE = Grammar(("dynamodb",), size=20_480, covers=_table_or_its_parts)
# VPC Lattice user guide, "Auth policies": on one line.
AUTH = Grammar(("vpc-lattice-svcs",), size=10_240, covers=_requests_of_lattice, characters=r"[\r\n]")
SHARED = Grammar(("vpc-lattice",), size=10_240, kinds=frozenset({"AWS"}), characters=r"[\r\n]")


def faults(text: str, grammar: Grammar, resource: str) -> Iterator[Fault]:
    """What AWS has against the policy, in the order of reading; `resource` is the ARN that it guards, or ''."""
    if grammar.size and len(text.encode()) > grammar.size:
        yield Fault("size", f"longer than {grammar.size} bytes")
    if grammar.characters and re.search(grammar.characters, text):
        yield Fault("language", "a character that it may not hold")
    try:
        parse(text)
        document = read_json(text)
    except (MalformedPolicy, ValueError) as error:
        yield Fault("language", str(error))
        return
    if unknown := sorted(set(document) - {"Version", "Id", "Statement"}):
        yield Fault("language", f"the unknown element {unknown[0]}")
    if document.get("Version", "2012-10-17") not in ("2008-10-17", "2012-10-17"):
        yield Fault("language", f"the unknown version {document['Version']}")
    statements = listed(document["Statement"])
    if not statements:
        yield Fault("language", "no statement")
    yield from _of_sids(statements, plain=grammar.plain_sids)
    if grammar.statements and len(statements) > grammar.statements:
        yield Fault("count", f"more than {grammar.statements} statements")
    for statement in statements:
        yield from _of_actions(statement, grammar)
        yield from _of_principals(statement, grammar)
        yield from _of_resources(statement, grammar, resource)
        if grammar.conditions and sum(map(len, statement.get("Condition", {}).values())) > grammar.conditions:
            yield Fault("count", f"more than {grammar.conditions} conditions in a statement")
    people = sum(len(principals(statement)) for statement in statements)
    if grammar.principals and people > grammar.principals:
        yield Fault("count", f"more than {grammar.principals} principals")


def identity_faults(text: str) -> Iterator[Fault]:
    """What IAM has against a policy of a role, user or group, or a managed one, beside its language: whom it is for is
    whoever has it, a Sid is letters and digits, and no resource is nothing.
    """
    try:
        document = read_json(text, twice=True)
        statements = [one for one in listed(document["Statement"]) if isinstance(one, Mapping)]
    except (ValueError, TypeError, KeyError):
        return  # moto says so
    try:
        read_json(text)
    except ValueError:
        yield Fault("language", "Syntax errors in policy.")
    for statement in statements:
        if named := sorted({"Principal", "NotPrincipal"} & set(statement)):
            yield Fault("principal", f"Policy document should not specify a principal: {named[0]}.")
        if "" in listed(statement.get("Resource", statement.get("NotResource", "*"))):
            yield Fault("language", 'Resource  must be in ARN format or "*".')  # in a list moto passes over it
    yield from _of_sids(statements, plain=True)


def _of_sids(statements: list[Any], *, plain: bool) -> Iterator[Fault]:
    names = [str(one["Sid"]) for one in statements if one.get("Sid")]
    if len(set(names)) < len(names):
        yield Fault("language", "two statements of one Sid")
    if plain and not all(re.fullmatch("[A-Za-z0-9]+", name) for name in names):
        text = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression"
        yield Fault("language", f"{text} [0-9A-Za-z]*")


def _of_actions(statement: Statement, grammar: Grammar) -> Iterator[Fault]:
    actions = [str(one) for one in listed(statement.get("Action", statement.get("NotAction", [])))]
    if not actions:
        yield Fault("action", "a statement of no action")
    for one in actions:
        service, _, name = one.lower().partition(":")
        if one != "*" and (service not in grammar.prefixes or not _known(name, grammar)):
            yield Fault("action", f"statement action out of service scope: {one}")
    if grammar.actions and len(actions) > grammar.actions:
        yield Fault("count", f"more than {grammar.actions} actions in a statement")


def _known(name: str, grammar: Grammar) -> bool:
    """Whether the service has an action of that name or, with wildcards in it, of such a name."""
    pattern = name.replace("[", "[[]")  # no wildcard of IAM's
    return not grammar.known or any(fnmatchcase(one, pattern) for one in grammar.known)


def _of_principals(statement: Statement, grammar: Grammar) -> Iterator[Fault]:
    if not {"Principal", "NotPrincipal"} & set(statement):
        yield Fault("principal", "a statement names no principal")
        return
    people = principals(statement)
    if not people:
        yield Fault("principal", "a statement names no principal")
    for kind, name in people:
        if kind != "*" and (kind not in grammar.kinds or not is_somebody(kind, name)):
            yield Fault("principal", f'"{kind}":"{name}"')


_PERSON = re.compile(
    r"\*|[0-9]{12}|arn:aws[a-z-]*:(iam|sts)::([0-9]{12}):(root|(role|user|assumed-role|federated-user)/.+)"
)


def is_somebody(kind: str, name: str) -> bool:
    """Whether AWS finds who is meant: an account by its form; a role or user must be there."""
    if kind == "Service":
        return re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", name) is not None
    if kind != "AWS":
        return bool(name)
    found = _PERSON.fullmatch(name)
    if found is None or (found[3] and "*" in name):
        return False
    kinds = {"role": "roles", "user": "users"}
    if found[1] != "iam" or found[4] not in kinds:
        return True
    there = getattr(get_backend("iam")[found[2]]["aws"], kinds[found[4]])
    return any(one.arn == name for one in there.values())


def _of_resources(statement: Statement, grammar: Grammar, resource: str) -> Iterator[Fault]:
    named = statement.get("Resource", statement.get("NotResource"))
    resources = [str(one) for one in listed(named)] if named is not None else []
    if grammar.resources == "none":
        if resources:
            yield Fault("resource", "Has prohibited field Resource")
        return
    if not resources and grammar.resources == "required":
        yield Fault("resource", "a statement speaks of no resource")
    if not resource:
        return
    if grammar.alone and len(resources) > 1:
        yield Fault("resource", "statement must apply to a single resource")
    if foreign := [one for one in resources if not grammar.covers(resource, one)]:
        yield Fault("resource", f"a statement speaks of another resource: {foreign[0]}")


def principals(statement: Statement) -> list[tuple[str, str]]:
    """(kind, name) of all that a statement's Principal names; ('*', '*') is everybody."""
    named = statement.get("Principal", statement.get("NotPrincipal", []))
    if isinstance(named, dict):
        return [(kind, str(one)) for kind, names in named.items() for one in listed(names)]
    return [("*", str(one)) if one == "*" else ("", str(one)) for one in listed(named)]


def listed(value: Any) -> list[Any]:
    """The elements of what may be one or several."""
    return value if isinstance(value, list) else [value]
