"""TLS that passes through, by tag: its clients meet the load balancer's own certificate under a domain of their own."""

import pytest

from tests.stories.certified import certified
from tests.stories.said import BALANCER, TEAM, Said, connected
from tests.stories.test_a_domain_of_ones_own import API, alias, services


def secured(said: Said) -> None:
    """The team's load balancer listens for HTTPS, too."""
    elb = said.cloud.client("elbv2", TEAM)
    [plain] = elb.describe_listeners(LoadBalancerArn=BALANCER)["Listeners"]
    elb.create_listener(
        LoadBalancerArn=BALANCER,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certified(said.cloud, TEAM, API)}],
        DefaultActions=plain["DefaultActions"],
    )
    [found] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"]
    ec2 = said.cloud.client("ec2", TEAM)
    ec2.authorize_security_group_ingress(
        GroupId=found["SecurityGroups"][0], IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0"
    )
    said.cloud.settle()


def test_who_listens_for_it_is_reached_by_the_domain_of_his_own_alone() -> None:
    with connected(KeepSeconds="7200") as said:
        secured(said)
        said.tag(domain=API, listen="TLS_PASSTHROUGH:443")
        told, made = said.told(), services(said)[API]
        lattice = said.cloud.client("vpc-lattice", TEAM)
        [listener] = lattice.list_listeners(serviceIdentifier=made["arn"])["items"]
        assert (listener["protocol"], listener["port"]) == ("TLS_PASSTHROUGH", 443)
        assert told == {
            "status": "connected",
            "domain": made["dnsEntry"]["domainName"],
            "message": f"clients use {API} once its DNS record is an alias or CNAME of {told['domain']} and no other"
            " name: a connection lives 10 minutes at most",
        }
        alias(said, API, told["domain"])
        assert said.asks(domain=API, scheme="https") == 200
        assert "certificateArn" not in made
        # And to what Lattice ends itself, under the same service and name.
        said.tag(listen="HTTPS:443", target="HTTP:80")
        assert (said.told()["status"], said.told()["domain"]) == ("connected", told["domain"])
        assert said.asks(domain=API, scheme="https") == 200
        said.untag(BALANCER, "network", "domain", "listen", "target")
        said.cloud.clock.advance(4 * 3700)
        said.cloud.settle()
        assert services(said) == {}


@pytest.mark.parametrize(
    ("tags", "remedy"),
    [
        ({}, "add tag lattice:domain or listen otherwise"),
        ({"domain": API, "path": "/api"}, "remove tag lattice:path: "),
        ({"domain": API, "auth": "iam"}, "write none or vpcs in tag lattice:auth"),
        ({"domain": API, "target": "HTTP:80"}, "name an HTTPS listener in tag lattice:target"),
    ],
)
def test_what_cannot_go_with_it_is_refused_and_what_serves_goes_on(tags: dict[str, str], remedy: str) -> None:
    with connected() as said:
        secured(said)
        before = said.told()["domain"]
        said.tag(listen="TLS_PASSTHROUGH:443", **tags)
        told = said.told()
        assert (told["status"], told["domain"], said.asks(domain=before)) == ("refused", before, 200)
        assert told["message"].startswith(f"passthrough-invalid: {remedy}")
        assert set(services(said)) == {""}
