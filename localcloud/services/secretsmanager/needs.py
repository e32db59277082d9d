"""What IAM must allow for Secrets Manager: the secret, by its name, its ARN, or that but for its last letters."""

from __future__ import annotations

from localcloud.ground.backends import backend_in, backend_of
from localcloud.ground.needs import Call, Requirement, need, plain
from localcloud.services.secretsmanager.guarded import secret_of


def needs(call: Call) -> list[Requirement]:
    if call.operation == "CreateSecret":
        return need(call, call.arn(f"secret:{call.get('Name')}-??????"))
    if call.operation == "BatchGetSecretValue":
        asked = call.params.get("SecretIdList") or []
        return [(call.action, "*", {}), *(one for name in asked for one in _one(call, name, "GetSecretValue"))]
    name = call.get("SecretId")
    return _one(call, name, call.operation) if name else plain(call)


def _one(call: Call, name: str, operation: str) -> list[Requirement]:
    is_arn = name.count(":") >= 6
    caller = call.caller
    home = backend_of("secretsmanager", name) if is_arn else backend_in("secretsmanager", caller.account, caller.region)
    found = secret_of(home, name) if home is not None else None
    arn = found.arn if found is not None else (name if is_arn else call.arn(f"secret:{name}-??????"))
    return need(call, arn, action=f"secretsmanager:{operation}")
