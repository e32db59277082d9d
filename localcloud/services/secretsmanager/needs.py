"""What IAM must allow for Secrets Manager: the secret, by its name, its ARN, or that but for its last letters."""

from __future__ import annotations

from moto.backends import get_backend

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
    owner, region = (name.split(":")[4], name.split(":")[3]) if name.count(":") >= 6 else ("", "")
    found = secret_of(get_backend("secretsmanager")[owner or call.caller.account][region or call.caller.region], name)
    arn = found.arn if found is not None else (name if owner else call.arn(f"secret:{name}-??????"))
    return need(call, arn, action=f"secretsmanager:{operation}")
