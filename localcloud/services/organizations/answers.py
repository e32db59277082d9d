"""A page of a listing."""

from __future__ import annotations

from localcloud.ground.errors import AwsError
from localcloud.services.organizations.estate import Wire

_PAGE = 20  # what MaxResults may ask at most, and gets if it asks nothing


def page(key: str, rows: list[Wire], params: Wire) -> Wire:
    token = params.get("NextToken", "0")
    if not token.isdecimal():
        raise AwsError("InvalidInputException", "You provided an invalid token.", Reason="INVALID_PAGINATION_TOKEN")
    start, size = int(token), params.get("MaxResults", _PAGE)
    answer: Wire = {key: rows[start : start + size]}
    if start + size < len(rows):
        answer["NextToken"] = str(start + size)
    return answer
