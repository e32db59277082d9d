"""Facts 14: ports, the default rule, TLS passthrough, domain names."""

import re

import pytest
from lattice_world import MEMBER, NETWORK, World, refused

from localcloud.services.acm.moto import issue

fact = pytest.mark.fact


@fact("14 default ports: HTTP 80, HTTPS 443")
def test_a_listener_without_a_port_gets_its_protocols(world: World) -> None:
    service = world.service()
    assert world.listener(service)["port"] == 80
    assert world.listener(service, protocol="HTTPS")["port"] == 443


@fact("14 the default rule always exists and has no condition")
def test_a_listener_is_born_with_its_default_rule(world: World) -> None:
    lattice, service = world.lattice(), world.service()
    listener = world.listener(service)
    at = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
    [rule] = lattice.list_rules(**at)["items"]
    assert rule["isDefault"]
    read = lattice.get_rule(**at, ruleIdentifier=rule["id"])
    assert "match" not in read
    assert read["action"] == listener["defaultAction"]


@fact("14 TLS_PASSTHROUGH needs a custom domain")
def test_passthrough_needs_a_custom_domain(world: World) -> None:
    group = world.group(protocol="TCP", port=443)
    with refused("ValidationException", "custom domain"):
        world.listener(world.service(), group, protocol="TLS_PASSTHROUGH")
    named = world.service(customDomainName="orders.example.com")
    assert world.listener(named, group, protocol="TLS_PASSTHROUGH")["port"] == 443


@fact("14 TLS_PASSTHROUGH allows only the default rule, which must forward to a TCP TG")
def test_passthrough_has_one_rule_that_forwards_to_tcp(world: World) -> None:
    vpc, service = world.vpc(), world.service(customDomainName="orders.example.com")
    with refused("ValidationException"):
        world.listener(service, protocol="TLS_PASSTHROUGH")
    with refused("ValidationException"):
        world.listener(service, world.group(vpc=vpc), protocol="TLS_PASSTHROUGH")
    tcp = world.group(vpc=vpc, protocol="TCP", port=443)
    listener = world.listener(service, tcp, protocol="TLS_PASSTHROUGH")
    with refused("ValidationException", "only its default rule"):
        world.rule(service, listener, 1, tcp)


@fact("14 DNS name: <name>-<id without svc->.<partition id>.vpc-lattice-svcs.<region>.on.aws")
def test_a_service_has_a_domain_name_of_its_own(world: World) -> None:
    one, two = world.service(name="orders"), world.service(name="payments")
    tail = one["id"].removeprefix("svc-")
    pattern = rf"orders-{tail}\.([0-9a-f]{{7}})\.vpc-lattice-svcs\.ap-northeast-1\.on\.aws"
    matched = re.fullmatch(pattern, one["dnsEntry"]["domainName"])
    assert matched
    assert f".{matched[1]}." in two["dnsEntry"]["domainName"]
    assert one["dnsEntry"]["hostedZoneId"] == two["dnsEntry"]["hostedZoneId"]


@fact("7 a recreated service has a new id and DNS name")
def test_a_recreated_service_has_another_domain_name(world: World) -> None:
    before = world.service(name="orders")
    world.lattice().delete_service(serviceIdentifier=before["id"])
    world.settle()
    assert world.service(name="orders")["dnsEntry"] != before["dnsEntry"]


@fact("14 a custom domain is fixed at creation and unique within an SN")
def test_a_custom_domain_is_used_once_in_a_network(world: World) -> None:
    network = world.network(MEMBER)
    one, two = (world.service(customDomainName="orders.example.com") for _ in range(2))
    world.join(one, network)
    with refused("ConflictException", "already exist", 409):
        world.join(two, network)
    world.join(two, world.network(MEMBER))


@fact("14 a certificate is kept and may be changed")
def test_a_certificate_may_be_changed(world: World) -> None:
    acm = world.cloud.client("acm", MEMBER)
    arn, other, waiting = (
        acm.request_certificate(DomainName="orders.example.com", IdempotencyToken=token)["CertificateArn"]
        for token in ("one", "other", "waiting")
    )
    for issued in (arn, other):
        issue(MEMBER, world.cloud.region, issued)
    with refused("ValidationException", "is not issued", 400):
        world.service(certificateArn=waiting)
    for elsewhere in (arn.replace("ap-northeast-1", "us-east-1"), arn.replace(MEMBER, NETWORK), arn[:-1] + "x"):
        with refused("ValidationException", "not in this account and Region", 400):
            world.service(certificateArn=elsewhere)
    service = world.service(customDomainName="orders.example.com", certificateArn=arn)
    assert service["certificateArn"] == arn
    updated = world.lattice().update_service(serviceIdentifier=service["id"], certificateArn=other)
    assert updated["certificateArn"] == other


@fact("6 a rule belongs to the listener that its ARN names")
def test_a_rule_is_not_found_under_another_listener(world: World) -> None:
    service = world.service()
    one, two = world.listener(service), world.listener(service, port=8080)
    rule = world.rule(service, one, 1)
    with refused("ResourceNotFoundException", status=404):
        world.lattice().get_rule(
            serviceIdentifier=service["id"], listenerIdentifier=two["id"], ruleIdentifier=rule["arn"]
        )
