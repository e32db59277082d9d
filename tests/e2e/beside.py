"""The local cloud beside MiniStack: it answers for Lattice, RAM and the tagging API of MiniStack's accounts.

All that joins the two engines is in here. Before each request the local cloud sees what MiniStack holds of the
sessions, roles, VPCs, security groups, load balancers, log groups and certificates (`view`), and what it has to say
itself (RAM's events, tag changes of Lattice objects) is handed in to MiniStack's buses.
"""

from __future__ import annotations

import contextlib
import json
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.acm.models import CertBundle, acm_backends
from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroup
from moto.ec2.models.vpcs import VPC
from moto.elbv2.models import FakeListener, FakeLoadBalancer, elbv2_backends
from moto.iam.models import Role, iam_backends
from moto.logs.models import LogGroup, LogResourcePolicy, logs_backends

from localcloud.cloud import LocalCloud
from localcloud.door.http import Server
from localcloud.ground.caller import Caller
from tests.patience import PATIENCE


@dataclass
class MiniStack:
    """MiniStack's two doors for the test (ministack_launcher.py)."""

    url: str = ""

    def view(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("view")
        return found

    def hand_in(self, event: dict[str, Any]) -> list[dict[str, str]]:
        """Put the event on its account's default bus; answers what the rules did: rule, target, how."""
        told: list[dict[str, str]] = self._ask("events", event)
        return told

    def _ask(self, what: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}/_e2e/{what}", data, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
            return json.load(answer)


class Relay:
    """In the place of the local cloud's own events: they go to MiniStack, whose rules are the deployed ones."""

    def __init__(self, cloud: LocalCloud, ministack: MiniStack) -> None:
        self.cloud = cloud
        self.ministack = ministack

    def emit(
        self,
        account: str,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Any = (),
        region: str | None = None,
    ) -> None:
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": account,
            "time": datetime.fromtimestamp(self.cloud.clock.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region or self.cloud.region,
            "resources": list(resources),
            "detail": detail,
        }
        if self.ministack.url:  # what is said before its start, or after its end, concerns nobody
            self.ministack.hand_in(event)


class Beside(Server):
    """The server, which looks at MiniStack before it answers."""

    ministack: MiniStack

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if self.ministack.url:
            view = self.ministack.view()
            with self.lock:
                mirror(self.cloud, view)
        return super().__call__(environ, start_response)


@contextlib.contextmanager
def beside(speed: float) -> Iterator[tuple[LocalCloud, Beside, MiniStack]]:
    """A local cloud that is served, its clock `speed` times as fast as ours; MiniStack's URL is to be filled in."""
    ministack = MiniStack()
    with LocalCloud() as cloud:
        cloud.events = Relay(cloud, ministack)
        server = Beside(cloud)
        server.ministack = ministack
        problems: list[BaseException] = []
        server.on_error = problems.append
        server.start()
        server.pump(speed)
        try:
            yield cloud, server, ministack
        finally:
            server.stop()
        if problems:
            raise ExceptionGroup("the local cloud failed", problems)


def mirror(cloud: LocalCloud, view: dict[str, Any]) -> None:
    """Make the local cloud's sessions, roles, networks, balancers, log groups and certificates those of MiniStack."""
    for key, arn in view["sessions"].items():
        if key not in cloud.gate.sessions and ":assumed-role/" in arn:
            _, _, _, _, account, tail = arn.split(":", 5)
            _, role, session = tail.split("/", 2)
            cloud.gate.sessions[key] = Caller(account, cloud.region, arn, role=role, session=session)
    _roles(view["roles"])
    _networks(cloud.region, view)
    _balancers(cloud.region, view)
    _log_groups(cloud.region, view["log_groups"])
    for told in view["log_policies"]:
        policy = LogResourcePolicy(told["policyName"], told["policyDocument"])
        logs_backends[told["account"]][cloud.region].resource_policies[policy.policy_name] = policy
    _certificates(cloud.region, view["certificates"])
    cloud.gate.changes["ec2"] += 1  # no call of anybody's changed it


def _log_groups(region: str, there: list[dict[str, str]]) -> None:
    named = {(told["account"], told["name"]) for told in there}
    for account in {account for account, _ in named} | set(logs_backends):
        groups = logs_backends[account][region].groups
        for gone in groups.keys() - {name for owner, name in named if owner == account}:
            del groups[gone]
        for name in {name for owner, name in named if owner == account} - groups.keys():
            groups[name] = LogGroup(account, region, name)


def _certificates(region: str, there: list[dict[str, Any]]) -> None:
    """Those that are issued, which all have an RSA key of 2048 bits there."""
    for account in {told["account"] for told in there} | set(acm_backends):
        held = acm_backends[account][region]._certificates
        own = {told["arn"]: told["names"] for told in there if told["account"] == account}
        for gone in held.keys() - own.keys():
            del held[gone]
        for arn in own.keys() - held.keys():
            made = CertBundle.generate_cert(own[arn][0], account, region, own[arn])
            made.arn, made.status = arn, "ISSUED"
            held[arn] = made


def _roles(roles: list[dict[str, Any]]) -> None:
    for backends in list(iam_backends.values()):
        for backend in backends.values():
            backend.roles.clear()
    for told in roles:
        backend = iam_backends[told["account"]]["aws"]
        role = Role(
            told["account"],
            "aws",
            told["RoleId"],
            told["RoleName"],
            told["AssumeRolePolicyDocument"],
            told.get("Path", "/"),
            None,
            "",
            [],
            "3600",
        )
        role.policies = {name: _text(document) for name, document in told.get("InlinePolicies", {}).items()}
        backend.roles[role.id] = role


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _networks(region: str, view: dict[str, Any]) -> None:
    for account in {one["account"] for one in view["vpcs"]}:
        backend = ec2_backends[account][region]
        vpcs = [one for one in view["vpcs"] if one["account"] == account]
        for gone in backend.vpcs.keys() - {one["VpcId"] for one in vpcs}:
            del backend.vpcs[gone]
        for told in vpcs:
            if told["VpcId"] not in backend.vpcs:
                backend.vpcs[told["VpcId"]] = VPC(backend, told["VpcId"], told["CidrBlock"], is_default=False)
            _tag(backend, told["VpcId"], view["tags"])
        backend.groups.clear()
        for told in view["groups"]:
            if told["account"] == account:
                group = SecurityGroup(
                    backend, told["GroupId"], told["GroupName"], told["Description"], told.get("VpcId")
                )
                backend.groups[group.vpc_id][group.id] = group
                _tag(backend, group.id, view["tags"])


def _tag(backend: Any, resource: str, tags: dict[str, Any]) -> None:
    backend.tags[resource] = {tag["Key"]: tag["Value"] for tag in tags.get(resource, [])}


def _balancers(region: str, view: dict[str, Any]) -> None:
    for account in {one["account"] for one in view["vpcs"]}:
        backend = elbv2_backends[account][region]
        backend.load_balancers.clear()
        for told in view["balancers"]:
            if told["account"] == account:
                arn = told["LoadBalancerArn"]
                made = FakeLoadBalancer(
                    told["LoadBalancerName"],
                    told["SecurityGroups"],
                    [],
                    told["VpcId"],
                    arn,
                    told["DNSName"],
                    "active",
                    told["Scheme"],
                    told["Type"],
                )
                backend.load_balancers[arn] = made
                backend.tagging_service.delete_all_tags_for_resource(arn)
                backend.tagging_service.tag_resource(arn, view["tags"].get(arn, []))
        for told in view["listeners"]:
            if told["account"] == account and told["LoadBalancerArn"] in backend.load_balancers:
                listener = FakeListener(
                    told["LoadBalancerArn"],
                    told["ListenerArn"],
                    told["Protocol"],
                    str(told["Port"]),
                    "",
                    None,
                    [],
                    None,
                )
                backend.load_balancers[told["LoadBalancerArn"]].listeners[told["ListenerArn"]] = listener
