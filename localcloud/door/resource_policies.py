"""Step: what the policy of a key, queue, topic or bucket has against the caller, whoever that is.

Within an account the caller's own Allow is enough (step `authorise`), so that of such a policy the explicit Deny is
asked here. A key is another matter: nobody may use one whose policy does not let him, or his account.
"""

from __future__ import annotations

import json
from typing import Any

from moto.backends import get_backend
from onramp.core.policy import Decision, evaluate

from localcloud.door.authorise import denial, requirements
from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.ground.decisions import POLICY, Barred

GUARDED = frozenset({"kms", "sqs", "sns", "s3"})

MENDING = frozenset(
    {
        "SetQueueAttributes",
        "RemovePermission",
        "SetTopicAttributes",
        "PutBucketPolicy",
        "DeleteBucketPolicy",
    }
)
"""By these an account's owner gets back into what a policy has shut to everybody."""


def heed(gate: Gate, call: Call) -> None:
    """The service's own refusal."""
    cloud, caller = gate.cloud, call.caller
    if not cloud.enforce_iam or caller.service or call.service not in GUARDED:
        return
    if not caller.role and call.name in MENDING:
        return
    for action, resource, context in requirements(call.service, call.name, call.params, caller, cloud):
        document = _policy_of(resource, caller.account, caller.region)
        if document is None:
            continue
        decision: Decision = evaluate(
            [document], action, resource, cloud.iam.context(caller, context), cloud.iam.principal(caller)
        )
        if decision.explicit or (call.service == "kms" and not decision.allowed):
            barred = Barred(allowed=False, explicit=decision.explicit, by=POLICY)
            raise denial(call.service, caller, action, resource, barred)


def _policy_of(arn: str, account: str, region: str) -> dict[str, Any] | None:
    """The policy of what the ARN names, which may be another account's; None where there is none."""
    if arn.count(":") < 5:
        return None
    _, _, service, there, owner, tail = arn.split(":", 5)
    text: Any = None
    backend: Any
    if service == "s3":
        name = tail.partition("/")[0]
        for backends in get_backend("s3").values():
            for backend in backends.values():
                if name in backend.buckets:
                    text = backend.buckets[name].policy
    elif service in ("kms", "sqs", "sns"):
        if service == "kms":
            backend = get_backend("kms")[owner or account][there or region]
            key = backend.keys.get(tail.removeprefix("key/"))
            text = key.policy if key is not None else None
        elif service == "sqs":
            backend = get_backend("sqs")[owner or account][there or region]
            queue = backend.queues.get(tail)
            text = queue.policy if queue is not None else None
        else:
            topic = get_backend("sns")[owner or account][there or region].topics.get(arn)
            text = topic.policy if topic is not None else None
    if not text:
        return None
    document = json.loads(text) if isinstance(text, str | bytes) else text
    return document if isinstance(document, dict) else None
