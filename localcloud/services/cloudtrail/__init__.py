"""CloudTrail: the write calls of an account that has a trail, as events on its default bus."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from moto.cloudtrail.models import cloudtrail_backends

from localcloud.door.call import is_mutating
from localcloud.door.gate import Gated
from localcloud.ground import models
from localcloud.ground.questions import AsksEvents, AsksTrails, Ground
from localcloud.services.cloudtrail import ec2

if TYPE_CHECKING:
    from localcloud.door.call import Done
    from localcloud.ground.caller import Caller

DETAIL_TYPE = "AWS API Call via CloudTrail"

# The services whose calls are announced, by botocore's name: the event source's word for them.
SOURCES = {
    "elbv2": "elasticloadbalancing",
    "ec2": "ec2",
    "vpc-lattice": "vpc-lattice",
    "ram": "ram",
}

NOT_EMULATED = 501
"""HTTP status of what the local cloud leaves out: on AWS the call would have been another one."""


class Around(Ground, AsksEvents, AsksTrails, Gated, Protocol):
    """What CloudTrail asks of its surroundings."""


class Trail:
    """Hears every call; the accounts in `cloud.trails` are told of theirs (facts 2.3 to 2.5 and 3).

    An account enters that set by a trail of its own that logs, and leaves it with the last one. Such a trail tells of
    its own region, unless it is one of all regions; who was put there otherwise is told of every region.
    """

    def __init__(self, cloud: Around) -> None:
        self.cloud = cloud
        self._regions: dict[str, frozenset[str]] = {}
        cloud.gate.observe(self._hear, also_repeated=True)

    def _hear(self, done: Done) -> None:
        if done.service == "cloudtrail" and not done.error and is_mutating(done.operation):
            self._look_at_trails(done.caller.account)
        source = SOURCES.get(done.service)
        if source is None or not self.tells(done.caller.account, done.caller.region):
            return
        # Most calls only read, and hardly a rule asks for those.
        if not is_mutating(done.operation) and not self.cloud.events.asks_for_readings(
            done.caller.account, done.caller.region
        ):
            return
        if done.error and done.error.status == NOT_EMULATED:
            return
        self.cloud.events.emit(
            account=done.caller.account,
            source=f"aws.{source}",
            detail_type=DETAIL_TYPE,
            detail=self.record(done, source),
            region=done.caller.region,
        )

    def tells(self, account: str, region: str) -> bool:
        """Whether the account hears of calls in that region."""
        return account in self.cloud.trails and region in self._regions.get(account, {region})

    def _look_at_trails(self, account: str) -> None:
        trails = [trail for backend in cloudtrail_backends[account].values() for trail in backend.trails.values()]
        logging = [trail for trail in trails if trail.status.is_logging]
        if not logging:
            self.cloud.trails.discard(account)
            self._regions.pop(account, None)
            return
        self.cloud.trails.add(account)
        if any(trail.is_multi_region for trail in logging):
            self._regions.pop(account, None)
        else:
            self._regions[account] = frozenset(trail.region_name for trail in logging)

    def record(self, done: Done, source: str) -> dict[str, Any]:
        """The CloudTrail record of a call, which is the event's detail."""
        ids = self.cloud.random_ids
        request_id = str(uuid.UUID(int=ids.getrandbits(128), version=4))
        model = models.model(done.service)
        record: dict[str, Any] = {
            "eventVersion": "1.11",
            "userIdentity": identity(done.caller),
            "eventTime": datetime.fromtimestamp(self.cloud.clock.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": done.operation,
            "awsRegion": done.caller.region,
            "sourceIPAddress": done.caller.service or str(ipaddress.IPv4Address(0xC0000201)),
            "userAgent": done.caller.service or "Boto3",
            "requestParameters": None,
            "responseElements": None,
            "requestID": request_id,
            "eventID": str(uuid.UUID(int=ids.getrandbits(128), version=4)),
            "readOnly": not is_mutating(done.operation),
            "eventType": "AwsApiCall",
            "apiVersion": model.api_version,
            "managementEvent": True,
            "recipientAccountId": done.caller.account,
            "eventCategory": "Management",
        }
        operation = models.operation_model(done.service, done.operation)
        if not is_mutating(done.operation):
            # What was read is not recorded, only what was asked.
            asked = done.params
            known = (
                ec2.request(done.operation, asked) if done.service == "ec2" else _shaped(asked, operation.input_shape)
            )
            record["requestParameters"] = known or None
        elif done.service == "ec2":
            record["requestParameters"] = ec2.request(done.operation, done.params)
            record["responseElements"] = ec2.response(done.operation, done.result, request_id)
        else:
            record["requestParameters"] = _shaped(done.params, operation.input_shape) or None
            record["responseElements"] = _shaped(done.result, operation.output_shape) or None
        if done.error:
            record["responseElements"] = None
            record["errorCode"] = done.error.code
            record["errorMessage"] = done.error.message
        return record


def identity(caller: Caller) -> dict[str, Any]:
    """CloudTrail's `userIdentity`."""
    if caller.service:
        return {"type": "AWSService", "invokedBy": caller.service}
    if caller.role:
        principal = f"AROA{_letters(caller.account + caller.role)}"
        return {
            "type": "AssumedRole",
            "principalId": f"{principal}:{caller.session}",
            "arn": caller.arn,
            "accountId": caller.account,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": principal,
                    "arn": f"arn:aws:iam::{caller.account}:role/{caller.role}",
                    "accountId": caller.account,
                    "userName": caller.role,
                }
            },
        }
    if ":user/" in caller.arn:
        return {
            "type": "IAMUser",
            "arn": caller.arn,
            "accountId": caller.account,
            "userName": caller.arn.rsplit("/", 1)[-1],
        }
    return {"type": "Root", "principalId": caller.account, "arn": caller.arn, "accountId": caller.account}


def _letters(text: str) -> str:
    """Seventeen letters that stand for `text`, the same each time."""
    return uuid.uuid5(uuid.NAMESPACE_OID, text).hex[:17].upper()


def _lower(value: Any) -> Any:
    """Member names as CloudTrail writes them for most services: the first letter small."""
    if isinstance(value, Mapping):
        return {_small(name): _lower(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_lower(item) for item in value]
    return _plain(value)


def _shaped(value: Any, shape: Any) -> Any:
    """The same by the model: the keys of a map are whoever's who wrote them, and stay as they are."""
    if shape is None or not isinstance(value, Mapping | list):
        return _lower(value)
    if isinstance(value, list):
        return [_shaped(item, getattr(shape, "member", None)) for item in value]
    if shape.type_name == "map":
        return {key: _shaped(item, shape.value) for key, item in value.items()}
    members = getattr(shape, "members", {})
    return {_small(name): _shaped(item, members.get(name)) for name, item in value.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%b %d, %Y, %I:%M:%S %p")
    if isinstance(value, bytes):
        return ""
    return value


def _small(name: str) -> str:
    # `VpcId` is vpcId, but an abbreviation goes as a whole: `DNSName` is dNSName in CloudTrail.
    return name[:1].lower() + name[1:]
