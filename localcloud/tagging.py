"""Tags across services: the events that their changes raise, and the Resource Groups Tagging API.

The tags themselves stay with their services (moto's ELBv2 and EC2, our Lattice); what is kept here is what
only these two views know: how often a resource's tags changed, and who was tagged once.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from moto.core.exceptions import ServiceException
from moto.core.resource_tagging import iter_taggable_backends, make_tag_matcher, match_resource_type
from moto.ec2.models import ec2_backends
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE
from moto.elbv2.models import elbv2_backends
from werkzeug.exceptions import HTTPException

from localcloud.caller import Caller
from localcloud.errors import AwsError, NotEmulated

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud
    from localcloud.gate import Done

type Tags = dict[str, str]

DETAIL_TYPE = "Tag Change on Resource"

# The services whose tag changes are known to ring (facts 2.1), by botocore's name.
_RINGING = {"elbv2", "ec2", "vpc-lattice", "resourcegroupstaggingapi"}
_VANISHING_LIMIT = 600.0
"""Seconds after which a deletion that did not come to pass is no longer looked after."""


@dataclass
class _Page:
    """What is left of a listing, for the token that was given out for it."""

    rest: list[Any]
    asked: dict[str, Any]


@dataclass
class _Known:
    """What is known of one resource besides its tags: epoch seconds, and the version of its tag set."""

    version: int = 0
    created_at: float | None = None
    ever_tagged: bool = False


@dataclass
class Tagging:
    """The tagging API of one local cloud, and the observer that raises tag events."""

    cloud: LocalCloud
    name: ClassVar[str] = "resourcegroupstaggingapi"
    _known: dict[str, _Known] = field(default_factory=dict)
    _ghosts: dict[str, dict[str, tuple[Tags, float]]] = field(default_factory=dict)
    """By account: what was deleted and is still listed, with the time until which."""
    _pages: dict[str, _Page] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cloud.gate.observe(self._after, self._before, also_quiet=True)

    # --- events ---

    def _before(self, service: str, _: str, params: dict[str, Any], caller: Caller) -> dict[str, Tags]:
        """The tags, as they are, of what the call names."""
        if service not in _RINGING:
            return {}
        return {arn: self.tags_of(arn) for arn in _named(service, params, caller)}

    def _after(self, done: Done, before: dict[str, Tags] | None) -> None:
        if done.service not in _RINGING or done.error:
            return
        before = before or {}
        now = self.cloud.clock.now
        if done.operation.startswith("Delete") and not done.operation.endswith(("Tags", "Policy")):
            for arn, tags in before.items():
                self._vanish(arn, tags)
            return
        touched = dict.fromkeys(before)
        if done.operation.startswith(("Create", "Run", "Allocate")) and done.operation != "CreateTags":
            for arn in _made(done):
                if arn in self._known:
                    continue  # the same request once more: it made nothing
                touched[arn] = None
                if not done.quiet:
                    self._know(arn).created_at = now
        for arn in touched:
            self._compare(arn, before.get(arn, {}), announced=not done.quiet)

    def _compare(self, arn: str, before: Tags, *, announced: bool) -> None:
        after = self.tags_of(arn)
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        known = self._know(arn)
        known.ever_tagged = known.ever_tagged or bool(before or after)
        if not changed:
            return
        known.version += 1
        if not announced:
            return
        _, _, service, region, account, _ = arn.split(":", 5)
        self.cloud.events.emit(
            account=account,
            source="aws.tag",
            detail_type=DETAIL_TYPE,
            resources=[arn],
            region=region,
            detail={
                "changed-tag-keys": changed,
                "tags": after,
                "service": service,
                "resource-type": resource_type(arn),
                "version": known.version,
            },
        )

    def _know(self, arn: str) -> _Known:
        return self._known.setdefault(arn, _Known())

    def _vanish(self, arn: str, tags: Tags) -> None:
        """A deleted resource is still listed for the lag; Lattice's deletions are over only when it is gone."""
        until = self.cloud.clock.now + _VANISHING_LIMIT

        def look() -> None:
            if not self._exists(arn):
                self._known.pop(arn, None)
                if tags:
                    lasting = (tags, self.cloud.clock.now + self.cloud.tagging_lag)
                    self._ghosts.setdefault(arn.split(":")[4], {})[arn] = lasting
            elif ":vpc-lattice:" in arn and self.cloud.clock.now < until:
                self.cloud.clock.after(1.0, look, f"deletion of {arn}", background=True)

        look()

    # --- tags, wherever they are ---

    def tags_of(self, arn: str) -> Tags:
        """The tags of a load balancer, EC2 or Lattice resource; {} for what does not exist."""
        _, _, service, region, account, tail = arn.split(":", 5)
        if service == "ec2":
            return dict(ec2_backends[account][region].tags.get(tail.rsplit("/", 1)[-1], {}))
        if service == "elasticloadbalancing":
            found: Tags = elbv2_backends[account][region].tagging_service.get_tag_dict_for_resource(arn)
            return dict(found)
        if service == "vpc-lattice":
            try:
                return dict(self.cloud.lattice.tags_of(arn))
            except AwsError:
                return {}
        return {}

    def _exists(self, arn: str) -> bool:
        _, _, service, region, account, _ = arn.split(":", 5)
        if service == "vpc-lattice":
            return bool(self.cloud.lattice.exists(arn))
        return any(one.arn == arn for one in self._moto_resources(account, region))

    def _moto_resources(self, account: str, region: str) -> Iterator[Any]:
        for backend in iter_taggable_backends(account, region):
            if backend.SERVICE_NAMESPACE != "vpc-lattice":
                yield from backend.iter_tagged_resources()

    def _tagged(self, account: str, region: str) -> Iterator[tuple[str, str, Tags]]:
        """Everything that is or ever was tagged and is visible by now: ARN, `service:type`, tags."""
        now = self.cloud.clock.now
        for resource in self._moto_resources(account, region):
            if self._is_listed(resource.arn, resource.tags):
                yield resource.arn, resource.resource_type, dict(resource.tags)
        for arn, tags in self.cloud.lattice.owned_tags(account, region).items():
            if self._is_listed(arn, tags):
                yield arn, f"vpc-lattice:{resource_type(arn)}", dict(tags)
        ghosts = self._ghosts.get(account, {})
        for arn, (tags, until) in list(ghosts.items()):
            if until <= now or self._exists(arn):
                del ghosts[arn]
            elif arn.split(":")[3] in (region, ""):
                yield arn, f"{arn.split(':')[2]}:{resource_type(arn)}", tags

    def _is_listed(self, arn: str, tags: Tags) -> bool:
        known = self._known.get(arn)
        if known and known.created_at is not None and self.cloud.clock.now < known.created_at + self.cloud.tagging_lag:
            return False
        return bool(tags) or bool(known and known.ever_tagged)

    # --- the API (facts 18) ---

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one call of the tagging API; the operations on tag policies and reports are not emulated."""
        operations: dict[str, Callable[[dict[str, Any], Caller], dict[str, Any]]] = {
            "GetResources": self._get_resources,
            "GetTagKeys": self._get_tag_keys,
            "GetTagValues": self._get_tag_values,
            "TagResources": self._tag_resources,
            "UntagResources": self._untag_resources,
        }
        if operation not in operations:
            raise NotEmulated(self.name, operation)
        return operations[operation](params, caller)

    def _get_resources(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
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
        _check_filters(filters)
        asked = {name: params.get(name) for name in ("TagFilters", "ResourceTypeFilters")}
        matches = make_tag_matcher(filters)

        def listed() -> list[Any]:
            return [
                {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
                for arn, kind, tags in self._tagged(caller.account, caller.region)
                if (not arns or arn in arns)
                and match_resource_type(kind, params.get("ResourceTypeFilters"))
                and matches(tags)
            ]

        page, token = self._page(params, asked, per_page if not arns else 100, listed)
        return {"ResourceTagMappingList": page, "PaginationToken": token}

    def _get_tag_keys(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        def keys() -> list[Any]:
            return sorted({key for _, _, tags in self._tagged(caller.account, caller.region) for key in tags})

        page, token = self._page(params, {}, 1000, keys)
        return {"TagKeys": page, "PaginationToken": token}

    def _get_tag_values(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        key = params["Key"]

        def values() -> list[Any]:
            everything = self._tagged(caller.account, caller.region)
            return sorted({tags[key] for _, _, tags in everything if key in tags})

        page, token = self._page(params, {"Key": key}, 1000, values)
        return {"TagValues": page, "PaginationToken": token}

    def _page(
        self, params: dict[str, Any], asked: dict[str, Any], size: int, listed: Callable[[], list[Any]]
    ) -> tuple[list[Any], str]:
        """One page and the token for the next, '' at the end, as this API has it."""
        token = params.get("PaginationToken")
        if token:
            page = self._pages.pop(token, None)
            if page is None or page.asked != asked:
                raise AwsError("PaginationTokenExpiredException", "The pagination token has expired.")
            everything = page.rest
        else:
            everything = listed()
        rest = everything[size:]
        if not rest:
            return everything, ""
        next_token = str(uuid.UUID(int=self.cloud.random_ids.getrandbits(128), version=4))
        self._pages[next_token] = _Page(rest, asked)
        return everything[:size], next_token

    def _tag_resources(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        tags: Tags = params["Tags"]
        return self._each(params, caller, lambda arn: self._write(arn, tags, [], caller))

    def _untag_resources(self, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        keys: list[str] = params["TagKeys"]
        return self._each(params, caller, lambda arn: self._write(arn, {}, keys, caller))

    def _each(self, params: dict[str, Any], caller: Caller, write: Callable[[str], None]) -> dict[str, Any]:
        failed: dict[str, Any] = {}
        for arn in params["ResourceARNList"]:
            try:
                if arn.count(":") < 5 or arn.split(":")[4] not in ("", caller.account):
                    raise _invalid(f"{arn} is not a resource of account {caller.account}")
                write(arn)
            except AwsError as refused:
                failed[arn] = _failure(refused.status, refused.code, refused.message)
            except ServiceException as refused:
                failed[arn] = _failure(400, refused.code, refused.message)
            except HTTPException as refused:
                failed[arn] = _failure(refused.code or 400, type(refused).__name__, str(refused.description))
        return {"FailedResourcesMap": failed}

    def _write(self, arn: str, tags: Tags, keys: list[str], caller: Caller) -> None:
        if arn.split(":")[2] == "vpc-lattice":
            if tags:
                self.cloud.lattice.handle("TagResource", {"resourceArn": arn, "tags": tags}, caller)
            else:
                self.cloud.lattice.handle("UntagResource", {"resourceArn": arn, "tagKeys": keys}, caller)
            return
        if not self._exists(arn):
            raise _invalid(f"{arn} does not exist")
        backend = next(
            (one for one in iter_taggable_backends(caller.account, caller.region) if one.owns_arn(arn)), None
        )
        with contextlib.suppress(NotImplementedError):
            if backend is not None and tags:
                backend.tag_resource(arn, tags)
                return
            if backend is not None:
                backend.untag_resource(arn, keys)
                return
        raise AwsError("InternalServiceException", f"tagging {arn} is not emulated by the local cloud", 501)


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


def resource_type(arn: str) -> str:
    """What kind of thing an ARN names, in the ARN's own word: `loadbalancer`, `vpc`, `servicenetwork`, `rule`."""
    tail = arn.split(":", 5)[5]
    parts = tail.split("/")
    if arn.split(":")[2] == "vpc-lattice":
        # service/ID/listener/ID/rule/ID: the last pair names the thing.
        return parts[-2] if len(parts) > 1 else parts[0]
    return parts[0].split(":")[0]


def _named(service: str, params: dict[str, Any], caller: Caller) -> Iterable[str]:
    """ARNs of the resources that a call on existing ones names."""
    if service == "ec2":
        ids = params.get("Resources") or [value for value in params.values() if isinstance(value, str)]
        return [arn for one in ids if (arn := _ec2_arn(str(one), caller))]
    if service == "elbv2":
        arns = params.get("ResourceArns") or [
            params[name] for name in ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn") if name in params
        ]
    elif service == "resourcegroupstaggingapi":
        arns = params.get("ResourceARNList", [])
    else:
        arns = _lattice_arns(params, caller)
    return [arn for arn in arns if arn.count(":") >= 5 and arn.split(":")[4] in ("", caller.account)]


# Under which words of its ARN Lattice keeps what a parameter names, and how its id begins.
_LATTICE_KINDS = {
    "svc-": "service",
    "sn-": "servicenetwork",
    "tg-": "targetgroup",
    "snsa-": "servicenetworkserviceassociation",
    "snva-": "servicenetworkvpcassociation",
    "als-": "accesslogsubscription",
}


def _lattice_arns(params: dict[str, Any], caller: Caller) -> list[str]:
    if "resourceArn" in params:
        return [params["resourceArn"]]
    path: list[str] = []
    whole = ""
    for name in ("serviceIdentifier", "listenerIdentifier", "ruleIdentifier"):
        if name in params:
            whole = params[name] if params[name].startswith("arn:") else ""
            path += [name.removesuffix("Identifier"), params[name].rsplit("/", 1)[-1]]
    if whole:
        return [whole]
    if path:
        return [f"arn:aws:vpc-lattice:{caller.region}:{caller.account}:{'/'.join(path)}"]
    found = []
    for value in params.values():
        if isinstance(value, str) and value.startswith("arn:aws:vpc-lattice:"):
            found.append(value)
        elif isinstance(value, str):
            kind = next((kind for prefix, kind in _LATTICE_KINDS.items() if value.startswith(prefix)), "")
            if kind:
                found.append(f"arn:aws:vpc-lattice:{caller.region}:{caller.account}:{kind}/{value}")
    return found


def _made(done: Done) -> Iterator[str]:
    """ARNs of what a call made, out of its answer."""
    if done.service == "vpc-lattice":
        if "arn" in done.result:
            yield str(done.result["arn"])
    elif done.service == "elbv2":
        for kind in ("LoadBalancer", "TargetGroup", "Listener", "Rule"):
            for made in done.result.get(f"{kind}s", []):
                # A listener's answer names its balancer and target groups, too: only what was made counts.
                if done.operation == f"Create{kind}":
                    yield made[f"{kind}Arn"]
    elif done.service == "ec2":
        for one in _ec2_ids(done.result, done.operation):
            arn = _ec2_arn(one, done.caller)
            if arn:
                yield arn


def _ec2_ids(result: Any, operation: str) -> Iterator[str]:
    """The ids of what an EC2 call made: `Vpc.VpcId` of CreateVpc, `GroupId` of CreateSecurityGroup, ..."""
    if operation == "RunInstances":
        yield from (instance["InstanceId"] for instance in result.get("Instances", []))
        return
    if operation == "CreateSecurityGroup":
        yield result["GroupId"]
        return
    kind = operation.removeprefix("Create").removeprefix("Allocate")
    made = result.get(kind)
    for name, value in (made if isinstance(made, dict) else result).items():
        if name in (f"{kind}Id", f"{kind}Ids", "AllocationId") and isinstance(value, str):
            yield value


def _ec2_arn(id: str, caller: Caller) -> str:
    prefix, dash, _ = id.rpartition("-")
    kind = EC2_PREFIX_TO_RESOURCE.get(prefix, "") if dash else ""
    return f"arn:aws:ec2:{caller.region}:{caller.account}:{kind}/{id}" if kind else ""
