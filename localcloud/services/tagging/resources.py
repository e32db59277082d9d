"""The operations of the API: listed by tags, tagged and untagged."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.resource_tagging import make_tag_matcher, match_resource_type

from localcloud.ground.caller import Caller
from localcloud.ground.errors import AwsError
from localcloud.ground.service import Operations
from localcloud.services.tagging.estate import TOKEN_SECONDS, Estate, Page, Tags
from localcloud.services.tagging.owners import OWNERS


def _failure(status: int, code: str, message: str) -> dict[str, Any]:
    # The model knows just two codes here, whatever the service itself said.
    known = code if code in ("InternalServiceException", "InvalidParameterException") else "InvalidParameterException"
    return {"StatusCode": status, "ErrorCode": known, "ErrorMessage": message or code}


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def _check_filters(filters: list[dict[str, Any]]) -> None:
    keys = [one.get("Key", "") for one in filters]
    if any(not key for key in keys):
        raise _invalid("every tag filter needs a Key")
    if len(set(keys)) < len(keys):
        raise _invalid("a key may be filtered by once")


def get_resources(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    arns = params.get("ResourceARNList")
    filters = params.get("TagFilters", [])
    per_page = params.get("ResourcesPerPage", 50)
    excluded = ("TagFilters", "ResourceTypeFilters", "ResourcesPerPage", "PaginationToken")
    if arns and any(params.get(name) for name in excluded):
        raise _invalid("ResourceARNList cannot be combined with filters or paging")
    if not 1 <= per_page <= 100:
        raise _invalid("ResourcesPerPage must be between 1 and 100")
    if "TagsPerPage" in params and params["TagsPerPage"] not in range(100, 501, 100):
        raise _invalid("TagsPerPage must be between 100 and 500, in hundreds")
    if params.get("ExcludeCompliantResources") and not params.get("IncludeComplianceDetails"):
        raise _invalid("ExcludeCompliantResources can be given only where IncludeComplianceDetails is true")
    _check_filters(filters)
    asked = ("GetResources", *(params.get(name) for name in ("TagFilters", "ResourceTypeFilters")))
    matches = make_tag_matcher(filters)

    def listed() -> list[Any]:
        return [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, kind, tags in estate.tagged(caller.account, caller.region)
            if (not arns or arn in arns)
            and match_resource_type(kind, params.get("ResourceTypeFilters"))
            and matches(tags)
        ]

    found, token = one_page(estate, params, caller, asked, per_page if not arns else 100, listed)
    return {"ResourceTagMappingList": found, "PaginationToken": token}


def get_tag_keys(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    def keys() -> list[Any]:
        return sorted({key for _, _, tags in estate.tagged(caller.account, caller.region) for key in tags})

    found, token = one_page(estate, params, caller, ("GetTagKeys",), 1000, keys)
    return {"TagKeys": found, "PaginationToken": token}


def get_tag_values(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    key = params["Key"]

    def values() -> list[Any]:
        everything = estate.tagged(caller.account, caller.region)
        return sorted({tags[key] for _, _, tags in everything if key in tags})

    found, token = one_page(estate, params, caller, ("GetTagValues", key), 1000, values)
    return {"TagValues": found, "PaginationToken": token}


def one_page(
    estate: Estate,
    params: dict[str, Any],
    caller: Caller,
    asked: tuple[Any, ...],
    size: int,
    listed: Callable[[], list[Any]],
) -> tuple[list[Any], str]:
    """One page and the token for the next, '' at the end, as this API has it; it is good for what was `asked`."""
    token = params.get("PaginationToken")
    now = estate.cloud.clock.now
    while estate.pages and next(iter(estate.pages.values())).until < now:
        estate.pages.pop(next(iter(estate.pages)))
    asked = (caller.account, caller.region, *asked)
    if token:
        # Not taken away: a client that lost the answer asks once more.
        page = estate.pages.get(token)
        if page is None or page.asked != asked:
            raise AwsError("PaginationTokenExpiredException", "The pagination token has expired.")
        everything = page.rest
    else:
        everything = listed()
    rest = everything[size:]
    if not rest:
        return everything, ""
    next_token = str(uuid.UUID(int=estate.cloud.random_ids.getrandbits(128), version=4))
    estate.pages[next_token] = Page(rest, asked, now + TOKEN_SECONDS)
    return everything[:size], next_token


def tag_resources(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    tags: Tags = params["Tags"]
    return each(params, caller, lambda arn: write(estate, arn, tags, [], caller))


def untag_resources(estate: Estate, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
    keys: list[str] = params["TagKeys"]
    return each(params, caller, lambda arn: write(estate, arn, {}, keys, caller))


def each(params: dict[str, Any], caller: Caller, write: Callable[[str], None]) -> dict[str, Any]:
    failed: dict[str, Any] = {}
    for arn in params["ResourceARNList"]:
        try:
            if arn.count(":") < 5 or arn.split(":")[4] not in ("", caller.account):
                raise _invalid(f"{arn} is not a resource of account {caller.account}")
            if arn.split(":")[3] not in ("", caller.region) or not arn.startswith("arn:aws:"):
                raise _invalid(f"{arn} is not a resource of the Region {caller.region}")
            write(arn)
        except AwsError as refused:
            failed[arn] = _failure(refused.status, refused.code, refused.message)
    return {"FailedResourcesMap": failed}


def write(estate: Estate, arn: str, tags: Tags, keys: list[str], caller: Caller) -> None:
    """The owning service's own call, allowed already; what it refuses is the failure of this one resource."""
    owner = OWNERS.get(arn.split(":")[2])
    if owner is None:
        raise AwsError("InternalServiceException", f"tagging {arn} is not emulated by the local cloud", 501)
    if reserved := sorted(key for key in (*tags, *keys) if key.lower().startswith("aws:")):
        raise _invalid(f"Tag keys that begin with aws: are reserved: {reserved[0]}")
    client = estate.cloud.client(owner.service, caller.account)
    try:
        with estate.writing():
            if tags:
                owner.put(client, arn, tags)
            else:
                owner.take(client, arn, keys)
    except ClientError as refused:
        told = refused.response
        status = int(told["ResponseMetadata"]["HTTPStatusCode"])
        raise AwsError(told["Error"]["Code"], told["Error"].get("Message", ""), status) from refused
    except BotoCoreError as refused:
        raise _invalid(str(refused)) from refused


OPERATIONS: Operations[Estate] = {
    "GetResources": get_resources,
    "GetTagKeys": get_tag_keys,
    "GetTagValues": get_tag_values,
    "TagResources": tag_resources,
    "UntagResources": untag_resources,
}
