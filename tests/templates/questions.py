"""What IAM is asked, with all that the answer is judged by: so that it can be asked again, of others or otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from onramp.core.policy import Context, Decision, Document, Principal, evaluate

from localcloud.ground.caller import Caller
from localcloud.services.iam import Iam

ASSUME = "sts:AssumeRole"

ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
"""What an account's owner may, for whom IAM keeps no policy; and the caller's side where only the other's is asked."""


CLOCK = frozenset({"aws:CurrentTime", "aws:EpochTime"})
"""Left out: no policy of the product speaks of time, and the same question is asked at many times."""


@dataclass(frozen=True)
class Question:
    """May `principal` do `action` on `resource`?

    `identity`: the policies of the caller's role, as JSON. `guard`: the policies of the resource, which belongs to the
    account `owner`; None where the resource's side was not asked. `alone`: as of a key, whose policy must have let in
    whoever's own policies shall count.
    """

    principal: str
    account: str
    role: str
    action: str
    resource: str
    owner: str
    context: str
    identity: tuple[str, ...]
    guard: tuple[str, ...] | None
    names: frozenset[str]
    service: str = ""
    alone: bool = False

    @property
    def trust(self) -> bool:
        """Whether it is a role's trust policy that is asked, and not what the caller may by its own policies."""
        return self.action == ASSUME and self.guard is not None

    @property
    def keys(self) -> Context:
        """The condition keys of the request."""
        found: Context = json.loads(self.context)
        return found

    def ask(self, identity: Iterable[str] | None = None, guard: Iterable[str] | None = None) -> bool:
        """What our own evaluator says, by these policies in place of those that were there."""
        mine = evaluate(self.identity if identity is None else identity, self.action, self.resource, self.keys)
        if self.service:
            mine = Decision(allowed=True)
        if mine.explicit or self.guard is None:
            return mine.allowed
        who = Principal(self.names, account="" if self.service else self.account, service=self.service)
        guards = list(self.guard if guard is None else guard)
        theirs = evaluate(guards, self.action, self.resource, self.keys, who)
        if theirs.explicit or self.service or self.action == ASSUME or self.owner != self.account:
            return theirs.allowed and mine.allowed
        named = evaluate(guards, self.action, self.resource, self.keys, who, delegated=False)
        return (mine.allowed and (theirs.allowed or not self.alone)) or named.allowed


type Listener = Callable[[Question, bool], None]


@contextmanager
def listening(hear: Listener) -> Iterator[None]:
    """Whatever any local cloud's IAM is asked meanwhile, and its answer, is told to `hear`."""
    allows, trusts = Iam.allows, Iam.trusts

    def asked(
        iam: Iam,
        caller: Caller,
        action: str,
        resource: str,
        context: Context | None = None,
        resource_policies: Any = None,
        owner: str = "",
        *,
        alone: bool = False,
    ) -> Decision:
        decision = allows(iam, caller, action, resource, context, resource_policies, owner, alone=alone)
        question = _question(iam, caller, action, resource, context)
        if resource_policies is not None:
            holder = owner or _account_in(resource) or caller.account
            question = replace(question, guard=tuple(map(_text, resource_policies)), owner=holder, alone=alone)
        hear(question, decision.allowed)
        return decision

    def trusted(iam: Iam, role_arn: str, caller: Caller, context: Context | None = None) -> Decision:
        decision = trusts(iam, role_arn, caller, context)
        role = iam.role(role_arn)
        if role is not None:
            question = _question(iam, caller, ASSUME, role_arn, context)
            guard = (_text(role.assume_role_policy_document),)
            everything = () if caller.service else (ALL,)
            hear(replace(question, identity=everything, guard=guard, owner=role.account_id), decision.allowed)
        return decision

    with mock.patch.object(Iam, "allows", asked), mock.patch.object(Iam, "trusts", trusted):
        yield


def _question(iam: Iam, caller: Caller, action: str, resource: str, context: Context | None) -> Question:
    known = iam.context(caller, context)
    if caller.service:
        identity: tuple[str, ...] = ()
    elif caller.role:
        identity = tuple(map(_text, iam.policies(caller)))
    else:
        identity = (ALL,)
    return Question(
        principal=caller.service or caller.arn,
        account=caller.account,
        role=caller.role,
        action=action,
        resource=resource,
        owner=caller.account,
        context=json.dumps({key: value for key, value in known.items() if key not in CLOCK}, sort_keys=True),
        identity=identity,
        guard=None,
        names=iam.principal(caller).names,
        service=caller.service,
    )


def _text(policy: Document) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _account_in(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
