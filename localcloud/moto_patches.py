"""Where moto is wrong for what this project needs: each correction in one place, with its reason.

A patch holds while a local cloud is open and is taken back after. MOTO is the version that they were written
against; opening a local cloud on another is refused, and each patch is to be looked at again then.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from unittest import mock

import moto
import moto.core.responses
import moto.ec2.models.security_groups
import moto.ec2.models.vpcs
import moto.ec2.utils
import moto.elbv2.models
from moto.core.base_backend import AccountSpecificBackend
from moto.core.exceptions import ServiceException
from moto.core.utils import method_names_from_class
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import AMIS, Ami, AmiBackend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.tags import TagBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE
from moto.elbv2.exceptions import (
    DuplicateListenerError,
    DuplicateLoadBalancerName,
    LoadBalancerNotFoundError,
    TooManyTagsError,
)
from moto.elbv2.models import ELBv2Backend, FakeAction, FakeLoadBalancer
from moto.elbv2.utils import make_arn_for_load_balancer, make_arn_for_target_group
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.moto_api._internal import mock_random
from onramp.core.policy import evaluate

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

MOTO = "5.2.5"

TAG_TEXT = re.compile(r"[\w +\-=.:/@]*")
"""What ELB takes in tag keys and values (facts 18): letters, digits, spaces and `+ - = . _ : / @`."""

_next_ids: defaultdict[str, deque[str]] = defaultdict(deque)


def next_id(kind: str, value: str) -> None:
    """Give the next thing of a kind that is made this id, so that a world given as data can name its things.

    `kind` is EC2's prefix (`vpc`, `subnet`, `sg`, `i`, `eni`, ...) with the whole id as `value`, or
    `load-balancer` or `target-group` with the 16 hex digits that end its ARN. Several wait in line.
    """
    _next_ids[kind].append(value)


@contextlib.contextmanager
def applied(cloud: LocalCloud) -> Iterator[None]:
    """All patches, for as long as `cloud` is open. RuntimeError when moto is not the version they fit."""
    if moto.__version__ != MOTO:
        raise RuntimeError(f"moto is {moto.__version__}; the patches of the local cloud were written for {MOTO}")
    _next_ids.clear()
    with contextlib.ExitStack() as patches:

        def patch(target: Any, name: str, new: Any) -> None:
            patches.enter_context(mock.patch.object(target, name, new))

        for target, name, new in (*_SPEED, *_ids(), *_ec2(cloud), *_Balancers(cloud).patches(), *_buckets(cloud)):
            patch(target, name, new)
        yield


# --- speed: what moto works out anew for each account or call ---

# One per architecture is enough to run an instance from; moto loads some 1,300, with a volume and a snapshot
# each, whenever an account first touches EC2 (0.2 s).
_FEW_AMIS = tuple(AMIS[:4])


def _load_few_amis(backend: AmiBackend) -> None:
    for ami in _FEW_AMIS:
        known = {**ami, "owner_alias": "amazon"}
        backend.amis[ami["ami_id"]] = Ami(backend, **known)


@functools.cache
def _regions(service: str) -> list[str]:
    session = AccountSpecificBackend.get_session()
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(service, partition_name=partition)
    ]


_SPEED: tuple[tuple[Any, str, Any], ...] = (
    (AmiBackend, "_load_amis", _load_few_amis),
    # moto keeps this by account: a hundred accounts, a hundred times the same answer.
    (AccountSpecificBackend, "_generate_regions", lambda _, service: list(_regions(service))),
    # moto looks through all attributes of the response class on every call.
    (moto.core.responses, "method_names_from_class", functools.cache(method_names_from_class)),
)


# --- ids that were asked for ---


def _ids() -> tuple[tuple[Any, str, Any], ...]:
    random_id = moto.ec2.utils.random_id
    begin = EC2Backend.__init__
    beginning: list[EC2Backend] = []

    def next_or_random(prefix: str = "", size: int = 17) -> str:
        asked = _next_ids[prefix]
        return asked.popleft() if asked and not beginning else random_id(prefix, size)

    def first_touch(backend: EC2Backend, *args: Any, **more: Any) -> None:
        # An account's default VPC is made when EC2 is first touched: it must not take the id of another.
        beginning.append(backend)
        try:
            begin(backend, *args, **more)
        finally:
            beginning.pop()

    return ((moto.ec2.utils, "random_id", next_or_random), (EC2Backend, "__init__", first_touch))


# --- EC2 ---


def _own_tags(resource: Any) -> list[dict[str, str]]:
    """The tags of one resource; moto looks through those of all, with an expression made of the id."""
    tags = resource.ec2_backend.tags.get(resource.id, {}) if resource.id else {}
    kind = EC2_PREFIX_TO_RESOURCE.get(str(resource.id).rsplit("-", 1)[0], "")
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind} for key, value in tags.items()
    ]


VPC_SECONDS = 2.0
"""Simulated seconds for which a new VPC is pending (facts 2.4 and 19)."""


def _ec2(cloud: LocalCloud) -> tuple[tuple[Any, str, Any], ...]:
    create, create_vpc = TagBackend.create_tags, EC2Backend.create_vpc
    delete: Callable[[Any, list[str], Any], bool] = TagBackend.delete_tags  # a value of None: whatever it is

    def new_vpc(backend: Any, *args: Any, **more: Any) -> Any:
        # moto's are available at once; an account's default VPC was there before.
        made = create_vpc(backend, *args, **more)
        if not more.get("is_default"):
            made.state = "pending"

            def available() -> None:
                made.state = "available"

            cloud.clock.after(VPC_SECONDS, available, "a VPC")
        return made

    def delete_tags(backend: Any, resource_ids: list[str], tags: dict[str, str]) -> bool:
        # No tag named means all of them; moto takes it for none.
        if tags:
            return delete(backend, resource_ids, tags)
        return all(delete(backend, [id], dict.fromkeys(backend.tags[id])) for id in resource_ids)

    def create_tags(backend: Any, resource_ids: list[str], tags: dict[str, str]) -> bool:
        _check_tags("InvalidParameterValue", tags, None, 127, 255)
        return create(backend, resource_ids, tags)

    return (
        (TaggedEC2Resource, "get_tags", _own_tags),
        # moto counts tags but takes any length, and keys that AWS keeps for itself.
        (TagBackend, "create_tags", create_tags),
        (TagBackend, "delete_tags", delete_tags),
        (EC2Backend, "create_vpc", new_vpc),
        (moto.ec2.utils, "is_filter_matching", _filter_matches),
        # moto says which ones it did not find as Python spells a set.
        (moto.ec2.models.vpcs, "InvalidVPCIdError", _no_vpc),
        (moto.ec2.models.security_groups, "InvalidSecurityGroupNotFoundError", _no_security_group),
    )


def _no_vpc(unknown: set[str] | str) -> EC2ClientError:
    return EC2ClientError("InvalidVpcID.NotFound", f"The vpc ID '{_one(unknown)}' does not exist")


def _no_security_group(unknown: set[str] | str) -> EC2ClientError:
    return EC2ClientError("InvalidGroup.NotFound", f"The security group '{_one(unknown)}' does not exist")


def _one(unknown: set[str] | str) -> str:
    return unknown if isinstance(unknown, str) else min(unknown)


_moto_filter_matches = moto.ec2.utils.is_filter_matching


def _filter_matches(resource: Any, name: str, wanted: Any) -> bool:
    """Several values of one filter mean any of them; moto wants a resource to have all the tags named."""
    if name != "tag-key" or not isinstance(wanted, list):
        return bool(_moto_filter_matches(resource, name, wanted))
    keys = [tag["key"] for tag in resource.get_tags()]
    return any(fnmatch.fnmatchcase(key, pattern) for key in keys for pattern in wanted)


# --- Elastic Load Balancing ---


class _ElbError(ServiceException):
    """An error of ELBv2 that moto has no class for."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _check_tags(
    code: str, tags: dict[str, str], text: re.Pattern[str] | None, longest_key: int, longest_value: int
) -> None:
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise _ElbError(code, f"Tag keys that begin with aws: are reserved: {key}")
        if not key or len(key) > longest_key or len(value or "") > longest_value:
            raise _ElbError(code, f"The tag {key} is empty, or it or its value is too long")
        for part in (key, value or ""):
            if text is not None and (not text.fullmatch(part) or part != part.strip()):
                raise _ElbError(code, f"'{part}' holds characters that a tag cannot have")


def _elb_tags(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags as ELB takes them (facts 18); moto takes any text."""
    named = {tag["Key"]: tag.get("Value") or "" for tag in tags or []}
    if len(named) < len(tags or []):
        raise _ElbError("DuplicateTagKeys", "A tag key was specified more than once")
    _check_tags("ValidationError", named, TAG_TEXT, 127, 255)
    return named


class _Balancers:
    """ELBv2 as AWS has it. `backend` is moto's, of one account and region."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.arn_of = make_arn_for_load_balancer
        self.group_arn_of = make_arn_for_target_group
        self.moto_create = ELBv2Backend.create_load_balancer
        self.moto_create_listener = ELBv2Backend.create_listener
        self.kind = "application"

    def patches(self) -> tuple[tuple[Any, str, Any], ...]:
        changed: dict[str, Callable[..., Any]] = {
            "create_load_balancer": self.create,
            "create_listener": self.create_listener,
            "describe_load_balancers": self.describe,
            "delete_load_balancer": self.delete,
            "add_tags": self.add_tags,
            "describe_tags": self.describe_tags,
            # moto's ELBv2 takes no part in TagResources of the tagging API.
            "tag_resource": self.tag_resource,
            "untag_resource": self.untag_resource,
        }
        return (
            (moto.elbv2.models, "make_arn_for_load_balancer", self.balancer_arn),
            (moto.elbv2.models, "make_arn_for_target_group", self.group_arn),
            (FakeLoadBalancer, "activate", _method(self.activate)),
            *((ELBv2Backend, name, _method(new)) for name, new in changed.items()),
        )

    def balancer_arn(self, account_id: str, lb_id: str, name: str, region_name: str) -> str:
        if _next_ids["load-balancer"]:
            lb_id = _next_ids["load-balancer"].popleft()
        arn = self.arn_of(account_id, lb_id, name, region_name)
        # moto writes `app` into the ARN of every kind of balancer.
        short = {"network": "net", "gateway": "gwy"}.get(self.kind, "app")
        return arn.replace("loadbalancer/app/", f"loadbalancer/{short}/")

    def group_arn(self, account_id: str, tg_id: str, name: str, region_name: str) -> str:
        if _next_ids["target-group"]:
            tg_id = _next_ids["target-group"].popleft()
        return self.group_arn_of(account_id, tg_id, name, region_name)

    def create(self, backend: Any, name: str, security_groups: Any, subnet_ids: Any, **more: Any) -> Any:
        if len(_elb_tags(more.get("tags"))) > 50:
            raise TooManyTagsError()
        if not re.fullmatch(r"(?!internal-)(?!-)[A-Za-z0-9-]{1,32}(?<!-)", name):
            raise _ElbError("ValidationError", f"The load balancer name '{name}' is not valid")
        twin = next((one for one in backend.load_balancers.values() if one.name == name), None)
        # moto puts a random id into the ARN and then looks for the ARN, so that no name is ever taken.
        if twin is not None:
            scheme = more.get("scheme", "internet-facing")
            if twin.scheme == scheme and {subnet.id for subnet in twin.subnets} == set(subnet_ids):
                return twin
            raise DuplicateLoadBalancerName()
        self.kind = more.get("loadbalancer_type") or "application"
        made: Any = self.moto_create(backend, name, security_groups, subnet_ids, **more)
        number = mock_random.randrange(10**8, 10**9)
        inside = "internal-" if made.scheme == "internal" else ""
        made.dns_name = f"{inside}{name}-{number}.{backend.region_name}.elb.amazonaws.com"
        made.active_at = self.cloud.clock.now + self.cloud.balancer_seconds
        self.activate(made)
        return made

    def create_listener(
        self,
        backend: Any,
        load_balancer_arn: str,
        protocol: str,
        port: str,
        ssl_policy: Any,
        certificate: Any,
        actions: list[dict[str, Any]],
        **more: Any,
    ) -> Any:
        # moto looks for the port among ARNs, so that a port is never taken. The same once more is the same listener.
        balancer = backend.load_balancers.get(load_balancer_arn)
        there = list(balancer.listeners.values()) if balancer else []
        twin = next((one for one in there if str(one.port) == str(port)), None)
        if twin is None:
            return self.moto_create_listener(
                backend, load_balancer_arn, protocol, port, ssl_policy, certificate, actions, **more
            )
        wanted = [FakeAction(action).data for action in actions]
        if twin.protocol != protocol or [one.data for one in twin.default_actions] != wanted:
            raise DuplicateListenerError()
        return twin

    def activate(self, balancer: Any) -> None:
        # moto lets the first look at a balancer make it active.
        if balancer.state == "provisioning" and self.cloud.clock.now >= getattr(balancer, "active_at", 0.0):
            balancer.state = "active"

    def describe(self, backend: Any, arns: list[str] | None, names: list[str] | None) -> list[Any]:
        # moto forgets between two names that it did not find the second one.
        every = backend.load_balancers
        found = list(every.values())
        if arns:
            found = [every[arn] for arn in dict.fromkeys(arns) if arn in every]
        elif names:
            found = [one for one in every.values() if one.name in names]
        if len(found) < len(set(arns or names or [])):
            raise LoadBalancerNotFoundError()
        for one in found:
            self.activate(one)
        return found

    def delete(self, backend: Any, arn: str) -> None:
        balancer = backend.load_balancers.get(arn)
        if balancer is None:
            return
        if balancer.attrs.get("deletion_protection.enabled") == "true":
            raise _ElbError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        # moto keeps the tags, and DescribeTags goes on answering.
        for gone in (arn, *balancer.listeners):
            backend.tagging_service.delete_all_tags_for_resource(gone)
        del backend.load_balancers[arn]

    def add_tags(self, backend: Any, resource_arns: list[str], tags: list[dict[str, str]]) -> None:
        named = _elb_tags(tags)
        for arn in resource_arns:
            backend._get_resource_by_arn(arn)
            # Fifty per resource (facts 18); moto stops at ten.
            if len(named.keys() | backend.tagging_service.get_tag_dict_for_resource(arn).keys()) > 50:
                raise TooManyTagsError()
        for arn in resource_arns:
            backend.tagging_service.tag_resource(arn, [{"Key": k, "Value": v} for k, v in named.items()])

    def describe_tags(self, backend: Any, resource_arns: list[str]) -> dict[str, dict[str, str]]:
        if len(resource_arns) > 20:
            raise _ElbError("ValidationError", "At most 20 resources may be described at once")
        for arn in resource_arns:
            backend._get_resource_by_arn(arn)
        return {arn: backend.tagging_service.get_tag_dict_for_resource(arn) for arn in resource_arns}

    def tag_resource(self, backend: Any, arn: str, tags: dict[str, str]) -> None:
        self.add_tags(backend, [arn], [{"Key": key, "Value": value} for key, value in tags.items()])

    def untag_resource(self, backend: Any, arn: str, tag_keys: list[str]) -> None:
        backend.remove_tags([arn], tag_keys)


def _method(bound: Callable[..., Any]) -> Callable[..., Any]:
    """`bound` as a class takes a method: a function whose first argument is moto's object."""
    return lambda moto_object, *args, **more: bound(moto_object, *args, **more)


# --- S3 ---


def _buckets(cloud: LocalCloud) -> tuple[tuple[Any, str, Any], ...]:
    def is_permitted(policy: Any, action: str, resource: str = "*", *_: Any, **__: Any) -> PermissionResult:
        # moto passes conditions over, so that "deny what does not come by TLS" denies everything.
        caller = cloud.caller_now
        if caller is None:
            return PermissionResult.NEUTRAL
        document, context = policy._policy_json, cloud.iam.context(caller)
        decision = evaluate([document], action, resource, context, cloud.iam.principal(caller))
        if decision.allowed:
            return PermissionResult.PERMITTED
        return PermissionResult.DENIED if decision.explicit else PermissionResult.NEUTRAL

    return ((IAMPolicy, "is_action_permitted", is_permitted),)
