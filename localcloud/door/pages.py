"""Steps: a page's token is one that this operation gave this account, and a page holds as many as it was asked for.

Tokens are opaque: whatever another operation, another account or nobody gave is refused as the service refuses it. What
is no token but a name or a key (a bucket's marker, a zone, a table's key) anybody may make. moto gives all at once for
many an operation: then the page is cut here.
"""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

from localcloud.door import wire
from localcloud.door.call import Call
from localcloud.door.gate import Gate
from localcloud.door.validate import invalid
from localcloud.ground import models, pages
from localcloud.ground.errors import AwsError

_KEYS = {"s3": "Marker", "route53": "Marker"}
"""Members by which a listing goes on from a name or a key."""
_BOUND = frozenset({"vpc-lattice", "ram", "resourcegroupstaggingapi"})
"""Services of ours whose tokens tell whose they are."""
_NO_PAGES = frozenset({"GetLogEvents", "GetQueryResults"})
"""Their tokens go on for ever."""
_CUT = frozenset({"DescribeParameters"})
"""What comes in pages of its own, where nobody says how long they are too."""
_TOKEN = re.compile(r"NextToken|Marker|PaginationToken", re.IGNORECASE)
_GIVEN = re.compile(r"NextToken|NextMarker|Marker|PaginationToken", re.IGNORECASE)
REFUSALS = re.compile(r"(Invalid|Expired)\w*(NextToken|Marker|PaginationToken)|InvalidToken$|PaginationTokenExpired")
_INPUT = re.compile(r"InvalidInput|InvalidParameterValue|IllegalArgument|InvalidParameter|Validation")


_LIMITS = ("MaxResults", "maxResults", "MaxItems", "PageSize", "Limit", "limit", "MaxRecords")


class Paged(NamedTuple):
    """How an operation pages: the members of its input and output, '' where it has none."""

    token: str
    given: str
    limit: str
    keys: tuple[str, ...]


@functools.cache
def paged(service: str, operation: str) -> Paged | None:
    """How, by the models; None where it does not, or goes on from a name."""
    if service in _BOUND or operation in _NO_PAGES:
        return None
    modelled = models.operation_model(service, operation)
    asks, answers = modelled.input_shape, modelled.output_shape
    if asks is None or answers is None:
        return None
    token = next(filter(_TOKEN.fullmatch, asks.members), "")
    given = next(filter(_GIVEN.fullmatch, answers.members), "")
    if not token or not given or token == _KEYS.get(service):
        return None
    limits = [name for name in _LIMITS if name in asks.members and asks.members[name].type_name == "integer"]
    lists = [name for name, one in answers.members.items() if one.type_name == "list"]
    keys = models.page_lists(service, operation) or tuple(lists if len(lists) == 1 else ())
    if operation in _CUT or not set(keys) <= set(lists):
        keys = ()
    return Paged(token, given, next(iter(limits), ""), keys)


def refuse(gate: Gate, call: Call) -> None:
    """The service's own refusal of a token that it did not give, and of bounds that its model does not have."""
    how = paged(call.service, call.name)
    if how is None:
        return
    if call.service == "ec2":
        _refuse_size(call, how)
    token = call.params.get(how.token)
    if token is not None and _mark(call, token) not in gate.tokens and (token or call.service == "ec2"):
        raise refusal(call.service, call.name, how.token, token)


# EC2's reference; its model has the bounds of the others. Who asks for more than a thousand endpoints gets a thousand.
_FROM_FIVE = frozenset(
    {
        "DescribeHosts",
        "DescribeInstanceStatus",
        "DescribeInstances",
        "DescribeSnapshots",
        "DescribeTags",
        "DescribeVolumes",
        "DescribeVpcEndpoints",
    }
)
_NOT_WITH_IDS = {
    "DescribeHosts": "HostIds",
    "DescribeInstanceCreditSpecifications": "InstanceIds",
    "DescribeInstanceStatus": "InstanceIds",
    "DescribeInstances": "InstanceIds",
    "DescribeNetworkInterfaces": "NetworkInterfaceIds",
}


def _refuse_size(call: Call, how: Paged) -> None:
    size = call.params.get(how.limit)
    if size is None:
        return
    ids = _NOT_WITH_IDS.get(call.name, "")
    if call.params.get(ids):
        text = f"The parameter {ids.removesuffix('Ids').lower()}sSet cannot be used with the parameter maxResults"
        raise AwsError("InvalidParameterCombination", text, 400)
    least = 5 if call.name in _FROM_FIVE else 1
    most = 1000 if least == 5 and call.name != "DescribeVpcEndpoints" else None
    if size < least or (most and size > most):
        told = f"greater than {least}" if size < least else f"less than or equal to {most}"
        text = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value {told}."
        raise AwsError("InvalidParameterValue", text, 400)


def refusal(service: str, operation: str, member: str, token: str) -> AwsError:
    """Of a token that is none."""
    text = f"Value ( {token} ) for parameter {member} is invalid. The token is invalid."
    if service == "sqs":
        return AwsError("InvalidParameterValue", "Invalid or expired next token.", 400)
    # InvalidInput is IAM's for what the parameters mean.
    shapes = models.error_shapes(service, operation) if service != "iam" else ()
    for said in (REFUSALS, _INPUT):
        own = next((one for one in shapes if said.search(one.name)), None)
        if own is not None:
            more = {"Reason": "INVALID_PAGINATION_TOKEN"} if "Reason" in own.members else {}
            status = int(own.metadata.get("error", {}).get("httpStatusCode", 400))
            return AwsError(str(own.error_code), text, status, **more)
    return invalid(service, text, [(member, "is not valid")], operation=operation)


def cut(gate: Gate, call: Call) -> None:
    """No more than were asked for, and the token of the rest; and whatever token is given is known from now on."""
    how = paged(call.service, call.name) if call.error is None else None
    if how is None or call.answer is None or call.repeated:
        return
    size, token = call.params.get(how.limit), call.params.get(how.token)
    ours = token is not None and pages.is_token(token)
    if call.own is None and how.keys and (size or ours):
        result = call.read()
        rows = [(key, row) for key in how.keys for row in result.get(key) or []]
        if not result.get(how.given) and (ours or len(rows) > (size or 0)):
            refused = refusal(call.service, call.name, how.token, token or "")
            kept, more = pages.page(rows, token, size or len(rows) or 1, refused)
            result = {**result, **{key: [row for name, row in kept if name == key] for key in how.keys}}
            result |= {how.given: more} if more else {}
            call.answer = wire.serialise(call.service, call.name, result, call.protocol, call.request_id)
            call.read = lambda: result
    spelled = _spelled(call.service, call.name, how.given)
    if spelled in call.answer.body and (given := call.read().get(how.given)):
        gate.tokens.add(_mark(call, str(given)))


@functools.cache
def _spelled(service: str, operation: str, member: str) -> bytes:
    shape: Any = models.operation_model(service, operation).output_shape
    return str(shape.members[member].serialization.get("name", member)).encode()


def _mark(call: Call, token: str) -> tuple[str, ...]:
    return (call.home or call.caller.account, call.region, call.service, call.name, token)
