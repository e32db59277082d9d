"""A page of a listing."""

from __future__ import annotations

from localcloud.ground import pages
from localcloud.ground.errors import AwsError
from localcloud.services.organizations.estate import Wire

_PAGE = 20  # what MaxResults may ask at most, and gets if it asks nothing


def page(key: str, rows: list[Wire], params: Wire) -> Wire:
    refusal = AwsError("InvalidInputException", "You provided an invalid token.", Reason="INVALID_PAGINATION_TOKEN")
    found, more = pages.page(rows, params.get("NextToken"), params.get("MaxResults", _PAGE), refusal)
    return {key: found, "NextToken": more} if more else {key: found}
