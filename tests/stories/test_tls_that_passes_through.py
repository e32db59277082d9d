"""TLS that passes through, by tag: its clients meet the load balancer's own certificate under a domain of their own."""

import pytest

from tests.stories.certified import certified
from tests.stories.said import BALANCER, TEAM, Said, connected
from tests.stories.test_a_domain_of_ones_own import API, WEB, alias, later, services


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


def shows(said: Said, *arns: str) -> None:
    """The listener's default certificate, and those for further host names; the account is looked at then."""
    elb = said.cloud.client("elbv2", TEAM)
    found = elb.describe_listeners(LoadBalancerArn=BALANCER)["Listeners"]
    [secure] = [one["ListenerArn"] for one in found if one["Protocol"] == "HTTPS"]
    elb.modify_listener(ListenerArn=secure, Certificates=[{"CertificateArn": arns[0]}])
    if arns[1:]:
        elb.add_listener_certificates(ListenerArn=secure, Certificates=[{"CertificateArn": one} for one in arns[1:]])
    later(said)


def test_who_shows_clients_no_certificate_for_the_domain_is_unreachable_until_he_does() -> None:
    with connected() as said:
        secured(said)
        said.tag(domain=API, listen="TLS_PASSTHROUGH:443")
        domain = said.told()["domain"]
        alias(said, API, domain)
        good = certified(said.cloud, TEAM, "*.shop.example.jp")
        other = certified(said.cloud, TEAM, WEB, "shop.example.jp")
        soon = certified(said.cloud, TEAM, API, days=1)
        remedy = f"certificate-refused: give listener HTTPS:443 a certificate for {API}: "

        def stands(status: str, message: str) -> None:
            told = said.told()
            assert (told["status"], told["message"].startswith(message)) == (status, True), told
            assert "domain" in told if status == "connected" else "domain" not in told
            asked = said.asks(domain=API, scheme="https")
            assert asked == (200 if status == "connected" else "load balancer")

        shows(said, other)
        stands("unreachable", f"{remedy}none that it shows is for that name")
        shows(said, other, good)
        stands("connected", f"clients use {API}")
        shows(said, soon)
        stands("connected", f"clients use {API}")
        [listener] = [
            one["ListenerArn"]
            for one in said.cloud.client("elbv2", TEAM).describe_listeners(LoadBalancerArn=BALANCER)["Listeners"]
            if one["Protocol"] == "HTTPS"
        ]
        said.cloud.client("elbv2", TEAM).remove_listener_certificates(
            ListenerArn=listener, Certificates=[{"CertificateArn": good}]
        )
        said.cloud.clock.advance(2 * 86400)
        said.cloud.settle()
        stands("unreachable", f"{remedy}the one that it shows has ended on ")
        certified(said.cloud, TEAM, API, arn=soon)
        later(said)
        stands("connected", f"clients use {API}")


def test_a_domain_that_the_load_balancer_has_no_certificate_for_leaves_the_one_before_as_it_is() -> None:
    with connected() as said:
        secured(said)
        said.tag(domain=API, listen="TLS_PASSTHROUGH:443")
        domain = said.told()["domain"]
        alias(said, API, domain)
        said.tag(domain=WEB)
        told = said.told()
        assert (told["status"], told["domain"], said.asks(domain=API, scheme="https")) == ("refused", domain, 200)
        assert told["message"].startswith(f"certificate-refused: give listener HTTPS:443 a certificate for {WEB}: none")
        later(said)
        assert (said.told(), said.asks(domain=API, scheme="https")) == (told, 200)
        shows(said, certified(said.cloud, TEAM, API), certified(said.cloud, TEAM, WEB))
        told = said.told()
        assert (told["status"], told["domain"]) == ("connected", services(said)[WEB]["dnsEntry"]["domainName"])


def beside(said: Said, *names: str) -> str:
    """The ARN of another load balancer of the team's, whose HTTPS listener shows a certificate for these names."""
    elb = said.cloud.client("elbv2", TEAM)
    [first] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"]
    made: str = elb.create_load_balancer(
        Name="beside",
        Scheme="internal",
        Subnets=[zone["SubnetId"] for zone in first["AvailabilityZones"]],
        SecurityGroups=first["SecurityGroups"],
    )["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(
        LoadBalancerArn=made,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": certified(said.cloud, TEAM, *names)}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    said.cloud.clock.advance(said.cloud.balancer_seconds)
    return made


def test_who_stays_without_a_certificate_is_told_no_domain_when_the_other_one_moves_to_where_he_has_one() -> None:
    with connected() as said:
        secured(said)
        shows(said, certified(said.cloud, TEAM, WEB))
        [found] = said.cloud.client("elbv2", TEAM).describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
        [network] = [tag["Value"] for tag in found["Tags"] if tag["Key"] == "lattice:network"]
        said.untag(BALANCER, "network")
        later(said)
        asks = {"network": network, "domain": API, "listen": "TLS_PASSTHROUGH:443"}
        stays = beside(said, "shop.example.jp")
        for balancer in (BALANCER, stays):
            said.tag(balancer, **asks)
        unable = {
            "status": "unreachable",
            "message": f"certificate-refused: give listener HTTPS:443 a certificate for {API}: none that it shows is"
            " for that name",
        }
        assert [said.told(balancer) for balancer in (BALANCER, stays)] == [unable, unable]
        said.tag(domain=WEB)
        told = said.told()
        assert (told["status"], told["domain"]) == ("connected", services(said)[WEB]["dnsEntry"]["domainName"])
        assert said.told(stays) == unable
        later(said)
        assert (said.told(), said.told(stays)) == (told, unable)
        certified(said.cloud, TEAM, API, "shop.example.jp", arn=shown_by(said, stays))
        later(said)
        assert (said.told(), said.told(stays)["status"]) == (told, "connected")


def shown_by(said: Said, balancer: str) -> str:
    elb = said.cloud.client("elbv2", TEAM)
    [secure] = [
        one for one in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"] if one["Protocol"] == "HTTPS"
    ]
    return str(secure["Certificates"][0]["CertificateArn"])


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


def test_a_domain_that_is_taken_off_stays_told_as_long_as_only_its_certificate_reaches_the_load_balancer() -> None:
    with connected(KeepSeconds="7200") as said:
        secured(said)
        said.tag(domain=API, listen="HTTP:80 HTTPS:443", target="HTTPS:443")
        before = said.told()["domain"]
        assert (said.told()["status"], said.asks()) == ("connected", 200)
        said.untag(BALANCER, "domain")
        for _ in range(3):
            told = said.told()
            assert (told["status"], told["message"].partition(":")[0]) == ("refused", "certificate-mismatch")
            assert (told["domain"], said.asks()) == (before, 200)
            later(said)
        said.tag(target="HTTP:80")
        assert (said.told()["status"], said.told()["domain"] != before, said.asks()) == ("connected", True, 200)
