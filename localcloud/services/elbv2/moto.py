"""Where moto's ELBv2 is wrong for what this project needs: each correction with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import moto
import moto.elbv2.models
from moto.elbv2.exceptions import (
    DuplicateListenerError,
    DuplicateLoadBalancerName,
    LoadBalancerNotFoundError,
    TooManyTagsError,
)
from moto.elbv2.models import ELBv2Backend, FakeAction, FakeLoadBalancer, FakeTargetGroup
from moto.elbv2.responses import ELBV2Response, transform_certificates
from moto.elbv2.utils import make_arn_for_load_balancer, make_arn_for_target_group
from moto.moto_api._internal import mock_random

from localcloud.ground.clock import Clock
from localcloud.ground.moto import MotoRefusal, Patches, as_method, check_tags, next_ids
from localcloud.services.elbv2.health import health_for
from localcloud.services.elbv2.zones import zone_of

TAG_TEXT = re.compile(r"[\w +\-=.:/@]*")
"""What ELB takes in tag keys and values (facts 18): letters, digits, spaces and `+ - = . _ : / @`."""
ASCII_TAG_TEXT = re.compile(TAG_TEXT.pattern, re.ASCII)
"""The same, should it take no letter but a-z (facts 18.9)."""


def _tags(tags: list[dict[str, str]] | None, text: re.Pattern[str] = TAG_TEXT) -> dict[str, str]:
    """Tags as ELB takes them (facts 18); moto takes any text."""
    named = {tag["Key"]: tag.get("Value") or "" for tag in tags or []}
    if len(named) < len(tags or []):
        raise MotoRefusal("DuplicateTagKeys", "A tag key was specified more than once")
    check_tags("ValidationError", named, text, 127, 255)
    return named


type CertificateStatus = Callable[[str, str, str], str]
"""What Certificate Manager says of an account's, region's and ARN's certificate; '' of one that it has not."""


def patches(
    clock: Clock, seconds: Callable[[], float], ascii_tags: Callable[[], bool], certificate: CertificateStatus
) -> Patches:
    """What is put right in moto's ELBv2; a new load balancer is provisioning for `seconds()`."""
    return _Balancers(clock, seconds, ascii_tags, certificate).patches()


def _default_certificate(all_of_them: list[str]) -> list[dict[str, str]] | None:
    return transform_certificates(all_of_them[:1])


# DescribeListeners tells the default certificate alone; moto adds those for further host names.
_ANSWERS = {
    **ELBV2Response.RESPONSE_KEY_PATH_TO_TRANSFORMER,
    "DescribeListenersOutput.Listeners.Listener.Certificates": _default_certificate,
}


_BY_DEFAULT = {
    "access_logs.s3.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http2.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "waf.fail_open.enabled": "false",
}
"""Attributes of an application load balancer that nobody has set (ELB user guide, "Edit attributes")."""


def _default_groups(backend: Any, vpc: str) -> list[str]:
    groups = backend.ec2_backend.groups[vpc].values()
    return [group.id for group in groups if group.name == "default"]


class _Balancers:
    """ELBv2 as AWS has it. `backend` is moto's, of one account and region."""

    def __init__(
        self,
        clock: Clock,
        seconds: Callable[[], float],
        ascii_tags: Callable[[], bool],
        certificate: CertificateStatus,
    ) -> None:
        self.clock = clock
        self.certificate_status = certificate
        self.seconds = seconds
        self.ascii_tags = ascii_tags
        self.arn_of = make_arn_for_load_balancer
        self.group_arn_of = make_arn_for_target_group
        self.moto_create = ELBv2Backend.create_load_balancer
        self.moto_create_target_group = ELBv2Backend.create_target_group
        self.moto_create_listener = ELBv2Backend.create_listener
        self.moto_modify_listener = ELBv2Backend.modify_listener
        self.moto_add_certificates = ELBv2Backend.add_listener_certificates
        self.kind = "application"

    def patches(self) -> Patches:
        changed: dict[str, Callable[..., Any]] = {
            "create_load_balancer": self.create,
            "create_listener": self.create_listener,
            "create_target_group": self.create_target_group,
            # moto takes a certificate that is not validated.
            "modify_listener": self.modify_listener,
            "add_listener_certificates": self.add_certificates,
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
            (FakeLoadBalancer, "activate", as_method(self.activate)),
            (ELBV2Response, "RESPONSE_KEY_PATH_TO_TRANSFORMER", _ANSWERS),
            # moto takes every target for healthy whose instance is not stopped.
            (FakeTargetGroup, "health_for", health_for(FakeTargetGroup.health_for)),
            *((ELBv2Backend, name, as_method(new)) for name, new in changed.items()),
        )

    def balancer_arn(self, account_id: str, lb_id: str, name: str, region_name: str) -> str:
        if next_ids["load-balancer"]:
            lb_id = next_ids["load-balancer"].popleft()
        arn = self.arn_of(account_id, lb_id, name, region_name)
        # moto writes `app` into the ARN of every kind of balancer.
        short = {"network": "net", "gateway": "gwy"}.get(self.kind, "app")
        return arn.replace("loadbalancer/app/", f"loadbalancer/{short}/")

    def group_arn(self, account_id: str, tg_id: str, name: str, region_name: str) -> str:
        if next_ids["target-group"]:
            tg_id = next_ids["target-group"].popleft()
        return self.group_arn_of(account_id, tg_id, name, region_name)

    def create(self, backend: Any, name: str, security_groups: Any, subnet_ids: Any, **more: Any) -> Any:
        if len(_tags(more.get("tags"))) > 50:
            raise TooManyTagsError()
        if not re.fullmatch(r"(?!internal-)(?!-)[A-Za-z0-9-]{1,32}(?<!-)", name):
            raise MotoRefusal("ValidationError", f"The load balancer name '{name}' is not valid")
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
        made.canonical_hosted_zone_id = zone_of(backend.region_name, self.kind) or made.canonical_hosted_zone_id
        made.dns_name = f"{inside}{name}-{number}.{backend.region_name}.elb.amazonaws.com"
        if made.type == "application":
            # The VPC's own group where nobody names one (API reference, CreateLoadBalancer); what it does by default.
            made.security_groups = made.security_groups or _default_groups(backend, made.vpc_id)
            made.attrs.update(_BY_DEFAULT)
        made.active_at = self.clock.now + self.seconds()
        self.activate(made)
        return made

    def create_target_group(self, backend: Any, name: str, **given: Any) -> Any:
        # The same once more is the same group, whatever tags are given with it.
        twin = next((one for one in backend.target_groups.values() if one.name == name), None)
        settings = {key: value for key, value in given.items() if value is not None and key != "tags"}
        if twin is not None and getattr(twin, "given", None) == settings:
            return twin
        made: Any = self.moto_create_target_group(backend, name, **given)
        made.given = settings
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
        if protocol in ("HTTPS", "TLS") and not certificate:
            raise MotoRefusal("ValidationError", f"A certificate must be specified for {protocol} listeners")
        self.demand_issued(backend, [certificate])
        if twin is None:
            # moto gives a policy to a listener that speaks no TLS.
            policy: Any = ssl_policy if protocol in ("HTTPS", "TLS") else None
            return self.moto_create_listener(
                backend, load_balancer_arn, protocol, port, policy, certificate, actions, **more
            )
        wanted = [FakeAction(action).data for action in actions]
        if twin.protocol != protocol or [one.data for one in twin.default_actions] != wanted:
            raise DuplicateListenerError()
        return twin

    def modify_listener(
        self, backend: Any, arn: str, port: Any, protocol: Any, policy: Any, certificates: Any, *more: Any
    ) -> Any:
        self.demand_issued(backend, [one.get("CertificateArn") for one in certificates or ()])
        return self.moto_modify_listener(backend, arn, port, protocol, policy, certificates, *more)

    def add_certificates(self, backend: Any, arn: str, certificates: list[dict[str, Any]]) -> Any:
        self.demand_issued(backend, [one.get("CertificateArn") for one in certificates])
        return self.moto_add_certificates(backend, arn, certificates)

    def demand_issued(self, backend: Any, certificates: list[str | None]) -> None:
        """UnsupportedCertificate for one that nobody has validated yet. What is not there at all moto refuses."""
        for arn in certificates:
            if arn and self.certificate_status(backend.account_id, backend.region_name, arn) not in ("ISSUED", ""):
                raise MotoRefusal(
                    "UnsupportedCertificate",
                    f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a "
                    "supported key size.",
                )

    def activate(self, balancer: Any) -> None:
        # moto lets the first look at a balancer make it active.
        if balancer.state == "provisioning" and self.clock.now >= getattr(balancer, "active_at", 0.0):
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
            raise MotoRefusal(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        # moto keeps the tags, and DescribeTags goes on answering.
        for gone in (arn, *balancer.listeners):
            backend.tagging_service.delete_all_tags_for_resource(gone)
        del backend.load_balancers[arn]

    def add_tags(self, backend: Any, resource_arns: list[str], tags: list[dict[str, str]]) -> None:
        named = _tags(tags, ASCII_TAG_TEXT if self.ascii_tags() else TAG_TEXT)
        for arn in resource_arns:
            backend._get_resource_by_arn(arn)
            # Fifty per resource (facts 18); moto stops at ten.
            if len(named.keys() | backend.tagging_service.get_tag_dict_for_resource(arn).keys()) > 50:
                raise TooManyTagsError()
        for arn in resource_arns:
            backend.tagging_service.tag_resource(arn, [{"Key": k, "Value": v} for k, v in named.items()])

    def describe_tags(self, backend: Any, resource_arns: list[str]) -> dict[str, dict[str, str]]:
        if len(resource_arns) > 20:
            raise MotoRefusal("ValidationError", "At most 20 resources may be described at once")
        for arn in resource_arns:
            backend._get_resource_by_arn(arn)
        return {arn: backend.tagging_service.get_tag_dict_for_resource(arn) for arn in resource_arns}

    def tag_resource(self, backend: Any, arn: str, tags: dict[str, str]) -> None:
        self.add_tags(backend, [arn], [{"Key": key, "Value": value} for key, value in tags.items()])

    def untag_resource(self, backend: Any, arn: str, tag_keys: list[str]) -> None:
        backend.remove_tags([arn], tag_keys)
