"""Auth policies (who may send requests) and resource policies (who may join) of networks and services."""

import json

from localcloud.ground.caller import Caller
from localcloud.ground.grammar import AUTH, SHARED, Grammar, faults, listed
from localcloud.ground.service import Operations
from localcloud.services.lattice.answers import moment, present
from localcloud.services.lattice.estate import Estate, id_of
from localcloud.services.lattice.model import AuthPolicy, ResourceConfiguration, Service, ServiceNetwork, Wire
from localcloud.services.lattice.refusals import invalid

AUTH_POLICY_BYTES = 10 * 1024
"""Hard quota (facts 16), far below the model's 102,400 characters."""


def put_auth(estate: Estate, params: Wire, caller: Caller) -> Wire:
    entity = _guarded(estate, params["resourceIdentifier"], caller, "PutAuthPolicy")
    text = params["policy"]
    if len(text.encode()) > AUTH_POLICY_BYTES:
        raise invalid("An auth policy may have 10 KB", "policy")
    _statements(text, AUTH, entity.arn)
    created = entity.policy.created if entity.policy else estate.now
    entity.policy = AuthPolicy(document=text, created=created, updated=estate.now)
    return {"policy": text, "state": _state(entity)}


def get_auth(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Without a policy the answer is 200 and has none: one of the two behaviours of facts 28."""
    entity = _guarded(estate, params["resourceIdentifier"], caller, "GetAuthPolicy")
    if entity.policy is None:
        return {}
    return {
        "policy": entity.policy.document,
        "state": _state(entity),
        "createdAt": moment(entity.policy.created),
        "lastUpdatedAt": moment(entity.policy.updated),
    }


def delete_auth(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Under AWS_IAM this succeeds, and from then on every request is denied (facts 13, the API's text)."""
    _guarded(estate, params["resourceIdentifier"], caller, "DeleteAuthPolicy").policy = None
    return {}


def put_resource(estate: Estate, params: Wire, caller: Caller) -> Wire:
    """Each statement carries just the actions of the RAM permission: no other, and none left out (facts 17)."""
    entity = _entity(estate, params["resourceArn"], caller, "PutResourcePolicy")
    versions = estate.cloud.ram.default_actions(entity.kind)
    known = [{action.lower() for action in actions} for actions in versions]
    for statement in _statements(params["policy"], SHARED, entity.arn):
        given = {action.lower() for action in listed(statement.get("Action", []))}
        if given not in known:
            newest = ", ".join(versions[-1])
            raise invalid(f"The actions of a resource policy are those of its sharing: {newest}", "policy")
    entity.resource_policy = params["policy"]
    return {}


def get_resource(estate: Estate, params: Wire, caller: Caller) -> Wire:
    return present(policy=_entity(estate, params["resourceArn"], caller, "GetResourcePolicy").resource_policy)


def delete_resource(estate: Estate, params: Wire, caller: Caller) -> Wire:
    _entity(estate, params["resourceArn"], caller, "DeleteResourcePolicy").resource_policy = None
    return {}


def _guarded(estate: Estate, identifier: str, caller: Caller, operation: str) -> ServiceNetwork | Service:
    """What may have an auth policy: a resource configuration may not, though the identifier's pattern has room."""
    entity = _entity(estate, identifier, caller, operation)
    if isinstance(entity, ResourceConfiguration):
        raise invalid("Auth policies are not supported for resource configurations", "resourceIdentifier")
    return entity


def _entity(
    estate: Estate, identifier: str, caller: Caller, operation: str
) -> ServiceNetwork | Service | ResourceConfiguration:
    prefix = id_of(identifier).split("-", 1)[0]
    if prefix == "sn":
        return estate.owned(estate.networks, identifier, caller, operation)
    if prefix == "rcfg":
        return estate.owned(estate.configurations, identifier, caller, operation)
    return estate.owned(estate.services, identifier, caller, operation)


def _state(entity: ServiceNetwork | Service) -> str:
    return "Active" if entity.auth_type == "AWS_IAM" else "Inactive"


def _statements(text: str, grammar: Grammar, resource: str) -> list[Wire]:
    """ValidationException unless it is a policy of that grammar, on one line."""
    if "\n" in text or "\r" in text:
        raise invalid("The policy must not contain newlines", "policy")
    fault = next(faults(text, grammar, resource), None)
    if fault is not None:
        raise invalid(f"The policy is not valid: {fault.why}", "policy")
    return listed(json.loads(text)["Statement"])


OPERATIONS: Operations[Estate] = {
    "PutAuthPolicy": put_auth,
    "GetAuthPolicy": get_auth,
    "DeleteAuthPolicy": delete_auth,
    "PutResourcePolicy": put_resource,
    "GetResourcePolicy": get_resource,
    "DeleteResourcePolicy": delete_resource,
}
