"""The policy of a topic, and what it can open to other accounts."""

from __future__ import annotations

from moto.backends import get_backend

from localcloud.ground.guarded import Guard, Guarded, document_of


def _find(arn: str) -> Guarded | None:
    _, _, _, region, owner, _ = arn.split(":", 5)
    topic = get_backend("sns")[owner][region].topics.get(arn)
    return Guarded(owner, document_of(topic.policy)) if topic is not None else None


GUARD = Guard(_find, lambda operation: not operation.startswith(("Tag", "Untag", "ListTags")))
