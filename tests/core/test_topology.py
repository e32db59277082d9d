"""What is joined to what: lists say what stands, tags and reports say why something does not."""

import pytest
from msgspec.structs import replace
from onramp.core.topology import (
    NAME_LENGTH,
    Client,
    JoinedService,
    JoinedVpc,
    Network,
    Reported,
    Tagged,
    Topology,
    Unread,
    callable_by,
    callers,
    reported,
    topology,
)

SHOP, INFRA = "222222222222", "111111111111"
NETWORK = Network(id="sn-1", arn="arn:sn-1", account=INFRA, name="shared")
ARN = f"arn:aws:vpc-lattice:ap-northeast-1:{SHOP}:service/svc-1"
JOINED = JoinedService(account=SHOP, arn=ARN, name="orders", domain="orders.on.aws", network="sn-1", status="ACTIVE")
VPC = JoinedVpc(account=SHOP, vpc="vpc-1", network="sn-1", status="ACTIVE")


def alb(name: str = "orders", **tags: str) -> Tagged:
    given = {"lattice:network": "shared"} | {key.replace("__", ":").replace("_", "-"): it for key, it in tags.items()}
    arn = f"arn:aws:elasticloadbalancing:ap-northeast-1:{SHOP}:loadbalancer/app/{name}/50dc6c495c0c9188"
    return Tagged(account=SHOP, arn=arn, tags=given)


def vpc(**tags: str) -> Tagged:
    given = {"lattice:network": "shared"} | {key.replace("__", ":").replace("_", "-"): it for key, it in tags.items()}
    return Tagged(account=SHOP, arn=f"arn:aws:ec2:ap-northeast-1:{SHOP}:vpc/vpc-1", tags=given)


def test_a_service_a_client_and_the_load_balancer_behind_are_put_together() -> None:
    told = alb(lattice_onramp__status="connected", lattice_onramp__domain="orders.on.aws")
    seen = topology([NETWORK], [JOINED], [VPC], [told])
    service, client = seen.services[0], seen.clients[0]
    assert (service.id, service.state, service.networks) == (ARN, "connected", ("sn-1",))
    assert (seen.balancers[0].service, seen.balancers[0].state) == (ARN, "connected")
    assert callers(seen, service) == (client,)
    assert callable_by(seen, client) == (service,)


@pytest.mark.parametrize(
    ("status", "said", "state"),
    [
        ("ACTIVE", "connected", "connected"),
        ("ACTIVE", "unreachable", "unreachable"),
        ("ACTIVE", "held", "held"),
        ("ACTIVE", "refused", "connected"),
        ("CREATE_IN_PROGRESS", "unreachable", "connecting"),
        ("DELETE_IN_PROGRESS", "", "disconnecting"),
        ("CREATE_FAILED", "connecting", "failed"),
    ],
)
def test_the_list_says_what_stands_and_the_answer_what_it_is_worth(status: str, said: str, state: str) -> None:
    answers = {"lattice_onramp__status": said, "lattice_onramp__message": "no-target: register one"}
    seen = topology(
        [NETWORK], [replace(JOINED, status=status)], [replace(VPC, status=status)], [alb(**answers), vpc(**answers)]
    )
    assert (seen.services[0].state, seen.clients[0].state) == (state, state)
    if state == said != "connected":
        assert (seen.services[0].code, seen.services[0].message) == ("no-target", "register one")


def test_what_is_refused_stands_beside_what_is_joined() -> None:
    refused = alb("bills", lattice_onramp__status="refused", lattice_onramp__message="not-internal: make it internal")
    seen = topology([NETWORK], [JOINED], [], [refused])
    bills = next(it for it in seen.services if it.name == "bills")
    assert (bills.id, bills.domain, bills.networks) == (f"{SHOP}/bills", "", ("sn-1",))
    assert (bills.state, bills.code, bills.message) == ("refused", "not-internal", "make it internal")
    assert callers(seen, bills) == ()


def test_what_has_no_answer_yet_is_connecting_and_an_unknown_network_is_none() -> None:
    asks = [alb(lattice__service="pay", lattice__network="nope"), vpc(lattice__network="nope", Name="office")]
    seen = topology([NETWORK], [], [], asks)
    assert [(it.name, it.state, it.networks) for it in seen.services] == [("pay", "connecting", ())]
    assert [(it.name, it.state, it.network) for it in seen.clients] == [("office", "connecting", "")]
    assert callable_by(seen, seen.clients[0]) == ()
    [known] = topology([NETWORK], [], [], [vpc(lattice__network=NETWORK.name)]).clients
    assert (known.network, known.state) == (NETWORK.id, "connecting")


def test_a_state_that_no_answer_has_is_none_and_names_are_plain() -> None:
    forged = {"lattice_onramp__status": '"><script>', "lattice_onramp__message": "x\x1b: y\u202e"}
    seen = topology([NETWORK], [], [], [vpc(Name="of\nfice\u200b", **forged), alb(lattice__service="p\x1b", **forged)])
    assert [(it.name, it.state, it.code, it.message) for it in seen.clients] == [("of fice", "connecting", "x", "y")]
    assert [(it.name, it.state, it.code, it.message) for it in seen.services] == [("p", "connecting", "x", "y")]


def test_a_message_without_a_code_is_told_whole() -> None:
    seen = topology([NETWORK], [], [VPC], [vpc(lattice_onramp__message="please wait: soon", Name="office")])
    assert (seen.clients[0].code, seen.clients[0].message) == ("", "please wait: soon")


def test_a_sentence_may_have_colons_of_its_own() -> None:
    told = vpc(lattice_onramp__message="no-target: register one: its port is 80")
    seen = topology([NETWORK], [JOINED], [VPC], [told])
    assert (seen.clients[0].code, seen.clients[0].message) == ("no-target", "register one: its port is 80")


def test_texts_of_tags_are_as_long_as_a_tag_holds_at_most() -> None:
    long = "x" * (NAME_LENGTH + 1)
    told = {"lattice_onramp__domain": long, "lattice__service": long}
    for joined in ([VPC], []):
        seen = topology([NETWORK], [], joined, [vpc(Name=long), alb(**told)])
        cut = [seen.clients[0].name, seen.services[0].name, seen.services[0].domain]
        assert [len(one) for one in cut] == [NAME_LENGTH] * 3


def test_a_service_in_two_networks_is_one_service() -> None:
    other = replace(NETWORK, id="sn-2", name="other")
    seen = topology([NETWORK, other], [JOINED, replace(JOINED, network="sn-2")], [], [])
    assert [it.networks for it in seen.services] == [("sn-1", "sn-2")]
    assert [it.name for it in seen.networks] == ["other", "shared"]


def test_a_service_is_joined_with_what_is_behind_it_by_name_where_no_domain_tells() -> None:
    seen = topology([NETWORK], [JOINED], [], [alb("blue", lattice__service="orders")])
    assert seen.balancers[0].service == ARN


def test_a_client_that_is_leaving_still_calls_and_one_that_is_coming_does_not() -> None:
    seen = topology([NETWORK], [JOINED], [VPC, replace(VPC, vpc="vpc-2", status="CREATE_IN_PROGRESS")], [])
    assert [it.vpc for it in callers(seen, seen.services[0])] == ["vpc-1"]
    assert callable_by(seen, Client(id="x", account=SHOP, vpc="x", network="sn-1", state="refused")) == ()


def test_a_last_report_tells_as_the_tags_would() -> None:
    told = reported(
        SHOP,
        "shared",
        [
            Reported(resources=(alb().arn,), status="connected", name="orders", domain="orders.on.aws"),
            Reported(resources=("vpc-1", "sg-1"), status="connected"),
            Reported(resources=(alb().arn,), status="refused", message="tag-invalid: correct it"),
        ],
    )
    assert [it.arn for it in told] == [alb().arn, "arn:aws:ec2:::vpc/vpc-1"]
    seen = topology([NETWORK], [JOINED], [VPC], told, [Unread(account=SHOP, why="no reader")])
    assert (seen.balancers[0].state, seen.balancers[0].code) == ("refused", "tag-invalid")
    assert seen.services[0].state == "connected"
    assert seen.unread == (Unread(account=SHOP, why="no reader"),)


def test_nothing_is_nothing() -> None:
    assert topology([], [], [], []) == Topology()


def theirs(**tags: str) -> Tagged:
    given = {"lattice:network": "shared"} | {key.replace("__", ":").replace("_", "-"): it for key, it in tags.items()}
    return Tagged(account=SHOP, arn=ARN, tags=given)


def test_a_service_that_people_made_is_shown_as_its_own_answer_says() -> None:
    answer = {"lattice_onramp__status": "held", "lattice_onramp__message": "kept-by-policy: ask there"}
    [service] = topology([NETWORK], [JOINED], [], [theirs(**answer)]).services
    assert (service.id, service.state, service.code) == (ARN, "held", "kept-by-policy")
    refused = {"lattice_onramp__status": "refused", "lattice_onramp__message": "domain-taken: choose another"}
    seen = topology([NETWORK], [], [], [theirs(**refused)])
    assert (seen.balancers, seen.clients) == ((), ())
    assert [(it.id, it.name, it.state, it.networks) for it in seen.services] == [(ARN, "svc-1", "refused", ("sn-1",))]
    [service] = topology([NETWORK], [], [], [theirs(lattice__network="nope")]).services
    assert (service.state, service.networks) == ("connecting", ())


def test_what_runs_made_is_not_shown_a_second_time_for_a_tag_that_was_copied_onto_it() -> None:
    assert topology([NETWORK], [], [], [theirs(lattice_onramp__network="shared")]).services == ()


def test_a_report_tells_of_a_service_that_people_made() -> None:
    given = Reported(resources=(ARN,), status="connected", name="theirs", domain="theirs.on.aws")
    [told] = reported(SHOP, "shared", [given])
    [service] = topology([NETWORK], [], [], [told]).services
    assert (told.arn, service.name, service.domain) == (ARN, "theirs", "theirs.on.aws")
