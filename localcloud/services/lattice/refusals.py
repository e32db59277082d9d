"""The errors of Lattice, each with the members that its shape demands (facts 5)."""

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.services.lattice.model import Settling, Thing


def invalid(message: str, *fields: str) -> AwsError:
    """400. `fields` name the members at fault."""
    if not fields:
        return AwsError("ValidationException", message, 400, reason="other")
    listed = [{"name": name, "message": message} for name in fields]
    return AwsError("ValidationException", message, 400, reason="fieldValidationFailed", fieldList=listed)


def not_found(resource_type: str, identifier: str) -> AwsError:
    """404."""
    what = resource_type.lower().replace("_", " ").capitalize()
    return AwsError(
        "ResourceNotFoundException",
        f"{what} {identifier} not found",
        404,
        resourceId=identifier,
        resourceType=resource_type,
    )


def denied(caller: Caller, operation: str, arn: str) -> AwsError:
    """403: the object is another account's, and nothing shares this call with the caller."""
    return AwsError(
        "AccessDeniedException",
        f"User: {caller.arn} is not authorized to perform: vpc-lattice:{operation} on resource: {arn} "
        f"because no resource-based policy allows the vpc-lattice:{operation} action",
        403,
    )


def conflict(message: str, resource_id: str, resource_type: str) -> AwsError:
    """409. Only the message tells the kinds apart (facts 8), so each holds its known fragment."""
    return AwsError("ConflictException", message, 409, resourceId=resource_id, resourceType=resource_type)


def taken(what: str, resource_id: str, resource_type: str) -> AwsError:
    """409: a name, a port or a priority is in use."""
    return conflict(f"{what} already exists", resource_id, resource_type)


def unsettled(thing: Settling) -> AwsError:
    """409: the object is not in a state for this call."""
    return conflict(
        f"Invalid resource status for this operation, {thing.resource_type} {thing.id} status: {thing.status}",
        thing.id,
        thing.resource_type,
    )


def in_use(thing: Thing, message: str) -> AwsError:
    """409: something still depends on it."""
    return conflict(message, thing.id, thing.resource_type)


def over_quota(quota: str, limit: int, code: str, resource_type: str, resource_id: str) -> AwsError:
    """402, the one service that uses it."""
    return AwsError(
        "ServiceQuotaExceededException",
        f"Limit of {limit} for {quota.replace('_', ' ')} is exceeded",
        402,
        resourceId=resource_id,
        resourceType=resource_type,
        serviceCode="vpc-lattice",
        quotaCode=code,
    )
