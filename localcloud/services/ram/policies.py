"""The resource policies that shares amount to, as whoever owns the resources may read them."""

from __future__ import annotations

import json

from localcloud.ground.caller import Caller
from localcloud.ground.service import Operations
from localcloud.services.ram import refusals
from localcloud.services.ram.answers import page
from localcloud.services.ram.estate import ARN, Estate
from localcloud.services.ram.model import Wire


def get_all(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """One policy for each resource that is in a share, with a statement for each share."""
    rows = []
    for number, arn in enumerate(params["resourceArns"], start=1):
        if not ARN.fullmatch(arn):
            raise refusals.malformed(arn)
        if arn.split(":")[4] != caller.account or not estate.cloud.lattice.exists(arn):
            raise refusals.no_resource(arn)
        statements = _statements(estate, arn, params.get("principal"), caller)
        if statements:
            rows.append((number, {"policy": json.dumps({"Version": "2012-10-17", "Statement": statements})}))
    told = page(estate, "policies", rows, params, caller)
    return told | {"policies": [one["policy"] for one in told["policies"]]}


def _statements(estate: Estate, arn: str, principal: str | None, caller: Caller) -> list[Wire]:
    kind = arn.split(":", 5)[5].partition("/")[0]
    found = []
    for share in estate.shares.owned(caller.account, caller.region):
        resource = share.associations.get(("RESOURCE", arn))
        if share.status != "ACTIVE" or resource is None or not resource.alive or kind not in share.permissions:
            continue
        allowed = [one.entity for one in share.of("PRINCIPAL") if one.status == "ASSOCIATED"]
        named = [one for one in allowed if principal in (None, one)]
        if named:
            actions = list(share.permissions[kind].actions)
            found.append({"Effect": "Allow", "Principal": {"AWS": named}, "Action": actions, "Resource": arn})
    return found


OPERATIONS: Operations[Estate] = {"GetResourcePolicies": get_all}
