"""Events are doorbells: what rings, what is only noise, and that nothing but the account is believed."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from onramp.core.japanese.plan import SENTENCES
from onramp.core.language import LANGUAGES, Language, told
from onramp.core.tagged_by import Asks
from onramp.core.tags import MESSAGE, STATUS, answer_in_any_script
from onramp.core.triggers import (
    CLOUDTRAIL,
    CLOUDTRAIL_SERVICE_EVENT,
    ELB_CALLS,
    EXECUTION_STATUS,
    PARSERS,
    SWEEP,
    TAG_CHANGE,
    Event,
    Free,
    Ignored,
    Ring,
    Said,
    parse,
)

from tests.core.saying import says

TEAM = "222222222222"
ALB = f"arn:aws:elasticloadbalancing:ap-northeast-1:{TEAM}:loadbalancer/app/orders/50dc6c495c0c9188"
VPC = f"arn:aws:ec2:ap-northeast-1:{TEAM}:vpc/vpc-0a1b2c3d4e5f60718"
SERVICE = f"arn:aws:vpc-lattice:ap-northeast-1:{TEAM}:service/svc-0a1b2c3d4e5f60718"
SUBNET = f"arn:aws:ec2:ap-northeast-1:{TEAM}:subnet/subnet-1"
RAM = "Resource Sharing State Change"


def event(source: str, detail_type: str, detail: Any, *resources: str) -> Event:
    return Event(
        id="event-1",
        source=source,
        account=TEAM,
        time="2026-11-01T12:00:00Z",
        detail_type=detail_type,
        detail=detail,
        resources=resources,
    )


def tags_changed(*keys: str) -> dict[str, Any]:
    return {"changed-tag-keys": list(keys), "tags": {}, "service": "elasticloadbalancing"}


def called(name: str, **more: Any) -> dict[str, Any]:
    return {"eventName": name, **more}


def by(role: str) -> dict[str, Any]:
    return {"userIdentity": {"sessionContext": {"sessionIssuer": {"userName": role}}}}


RINGS: list[tuple[Event, str]] = [
    (
        event("aws.tag", TAG_CHANGE, tags_changed("lattice:service", "Name", "lattice:network"), ALB),
        "lattice:network, lattice:service changed on loadbalancer/app/orders/50dc6c495c0c9188",
    ),
    (
        event("aws.tag", TAG_CHANGE, tags_changed("lattice:network"), SUBNET, VPC),
        "lattice:network changed on vpc/vpc-0a1b2c3d4e5f60718",
    ),
    (
        event("aws.tag", TAG_CHANGE, tags_changed("lattice:network"), SERVICE),
        "lattice:network changed on service/svc-0a1b2c3d4e5f60718",
    ),
    (
        event("aws.tag", TAG_CHANGE, tags_changed('lattice:all is well, says "infra"\n', "lattice:x"), VPC),
        "\"lattice:all is well, says 'infra'\", lattice:x changed on vpc/vpc-0a1b2c3d4e5f60718",
    ),
    *(
        (event("aws.elasticloadbalancing", CLOUDTRAIL, called(name)), f"{name} was called")
        for name in sorted(ELB_CALLS)
    ),
    (
        event("aws.elasticloadbalancing", CLOUDTRAIL, called("AddTags", apiVersion="2015-12-01")),
        "AddTags was called",
    ),
    (event("aws.ec2", CLOUDTRAIL, called("CreateTags")), "CreateTags was called"),
    (event("aws.ec2", CLOUDTRAIL, called("DeleteVpc")), "DeleteVpc was called"),
    (event("aws.vpc-lattice", CLOUDTRAIL, called("DeleteService")), "DeleteService was called"),
    (event("aws.vpc-lattice", CLOUDTRAIL, called("UntagResource")), "UntagResource was called"),
    (event("aws.vpc-lattice", CLOUDTRAIL, called("DeleteService", **by("Admin"))), "DeleteService was called"),
    (
        event("aws.vpc-lattice", CLOUDTRAIL_SERVICE_EVENT, called("DeleteServiceAssociationByOwner")),
        "DeleteServiceAssociationByOwner was called",
    ),
    (
        event("aws.ram", RAM, {"event": "Resource Share Association", "status": "associated"}),
        "Resource Share Association associated",
    ),
    (event("aws.ram", "a detail-type of tomorrow", {}), "sharing changed"),
    (event("aws.ram", RAM, None), "sharing changed"),
    (event("lattice.onramp", SWEEP, {}), "the hourly sweep"),
]


@pytest.mark.parametrize(("heard", "about"), RINGS)
def test_this_rings(heard: Event, about: str) -> None:
    found = parse(heard, "net")
    assert isinstance(found, Ring)
    assert replace(found, time="", asks=()) == Ring(
        account=TEAM, event_id="event-1", source=heard.source, detail_type=heard.detail_type, about=about
    )


def test_a_ring_tells_whose_tags_were_changed_and_by_whom_where_a_trail_tells_it() -> None:
    changed = parse(event("aws.tag", TAG_CHANGE, tags_changed("lattice:network"), ALB), "net")
    detail = called(
        "AddTags",
        userIdentity={"arn": "arn:aws:iam::222222222222:user/ana"},
        requestParameters={"resourceArns": [ALB], "tags": [{"key": "lattice:network", "value": "net"}]},
    )
    told = parse(event("aws.elasticloadbalancing", CLOUDTRAIL, detail), "net")
    assert isinstance(changed, Ring)
    assert isinstance(told, Ring)
    assert changed.time == told.time == "2026-11-01T12:00:00Z"
    assert changed.asks == (Asks(resource=ALB),)
    assert told.asks == (Asks(resource=ALB, by="arn:aws:iam::222222222222:user/ana"),)


NOISE: list[Event] = [
    event("aws.tag", TAG_CHANGE, tags_changed("Name", "network"), ALB),
    event("aws.tag", TAG_CHANGE, tags_changed("lattice-onramp:status"), ALB),
    event("aws.tag", TAG_CHANGE, tags_changed("lattice:network"), SUBNET),
    event("aws.tag", TAG_CHANGE, tags_changed("lattice:network")),
    event("aws.tag", TAG_CHANGE, tags_changed(), ALB),
    event("aws.tag", TAG_CHANGE, {"changed-tag-keys": None}, ALB),
    event("aws.tag", TAG_CHANGE, {"changed-tag-keys": 5}, ALB),
    event("aws.tag", TAG_CHANGE, "not an object", ALB),
    event("aws.tag", "Invalid Effective Tag Policy", tags_changed("lattice:network"), ALB),
    event("aws.elasticloadbalancing", CLOUDTRAIL, called("DescribeLoadBalancers")),
    event("aws.elasticloadbalancing", CLOUDTRAIL, called("AddTags", apiVersion="2012-06-01")),
    event("aws.elasticloadbalancing", CLOUDTRAIL, called("AddTags", errorCode="AccessDenied")),
    event("aws.ec2", CLOUDTRAIL, called("RunInstances")),
    event("aws.ec2", CLOUDTRAIL, {"eventName": ["CreateTags"]}),
    event("aws.ec2", CLOUDTRAIL, None),
    event("aws.vpc-lattice", CLOUDTRAIL, called("CreateService")),
    event("aws.vpc-lattice", CLOUDTRAIL_SERVICE_EVENT, called("CreateServiceAssociationByOwner")),
    event("aws.vpc-lattice", CLOUDTRAIL_SERVICE_EVENT, called("DeleteSomethingElse")),
    event("aws.s3", "Object Created", {}),
    event("lattice.onramp", "Service Connected", {}),
]


@pytest.mark.parametrize("heard", NOISE)
def test_this_is_noise_and_says_why(heard: Event) -> None:
    found = parse(heard, "net")
    assert isinstance(found, Ignored)
    assert found.why


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (event("aws.tag", TAG_CHANGE, tags_changed("Name"), ALB), "no tag that begins with lattice: changed"),
        (
            event("aws.tag", TAG_CHANGE, tags_changed("lattice:network"), SUBNET),
            "no load balancer, no VPC and no Lattice service",
        ),
        (
            event("aws.ec2", CLOUDTRAIL, called("CreateTags", errorCode="Client.UnauthorizedOperation")),
            "CreateTags failed (Client.UnauthorizedOperation)",
        ),
        (event("aws.elasticloadbalancing", CLOUDTRAIL, called("AddTags", apiVersion="2012-06-01")), "classic"),
        (event("aws.ec2", CLOUDTRAIL, called("RunInstances")), "RunInstances changes nothing"),
        (event("aws.ec2", CLOUDTRAIL, {}), "names no call"),
        (event("aws.vpc-lattice", CLOUDTRAIL_SERVICE_EVENT, called("GetServiceBySharee")), "an association's end"),
    ],
)
def test_noise_is_told_by_what_makes_it_noise(heard: Event, why: str) -> None:
    found = parse(heard, "net")
    assert isinstance(found, Ignored)
    assert why in found.why


def test_an_owners_word_rings_on_what_can_be_handed_over_and_on_nothing_else() -> None:
    def heard(key: str, arn: str) -> bool:
        told = event("aws.tag", TAG_CHANGE, {"changed-tag-keys": [key]}, arn)
        return isinstance(parse(told, "net"), Ring)

    group = "arn:aws:vpc-lattice:ap-northeast-1:222222222222:targetgroup/tg-1"
    assert heard("lattice-onramp:adopt", group)
    assert heard("lattice-onramp:release", group)
    assert not heard("lattice-onramp:network", group)
    assert not heard("lattice:network", group)
    assert not heard("lattice-onramp:adopt", "arn:aws:ecs:ap-northeast-1:222222222222:service/shop/orders")


STILL = [sentence for sentence in SENTENCES if sentence.startswith("network {network} still ")]
"""All that a network says of what it waits for: of a VPC, a service, a target group."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sentence", STILL)
def test_a_sibling_s_answer_rings_where_it_waits_for_what_this_network_has(sentence: str, language: Language) -> None:
    def heard(network: str, *changed: str, status: str = "waiting", arn: str = ALB) -> object:
        said = {
            STATUS: status,
            MESSAGE: answer_in_any_script(told(sentence.format(network=network, name="orders"), language)),
        }
        return parse(event("aws.tag", TAG_CHANGE, {"changed-tag-keys": list(changed), "tags": said}, arn), "net")

    assert len(STILL) == 3
    ring = heard("net", MESSAGE)
    assert isinstance(ring, Ring)
    assert (ring.about, ring.asks, ring.time) == (
        "another network waits for what this one has of loadbalancer/app/orders/50dc6c495c0c9188",
        (),
        "",
    )
    assert isinstance(heard("net", MESSAGE, arn=VPC), Ring)
    others = [
        heard("net-a", MESSAGE),
        heard("net", STATUS),
        heard("net", MESSAGE, status="refused"),
        heard("net", MESSAGE, arn=SUBNET),
    ]
    assert all(isinstance(one, Ignored) for one in others)


@pytest.mark.parametrize("tags", [None, 5, {}, {STATUS: "waiting"}, {STATUS: "waiting", MESSAGE: 5}])
def test_an_answer_that_is_none_is_noise(tags: object) -> None:
    assert isinstance(
        parse(event("aws.tag", TAG_CHANGE, {"changed-tag-keys": [MESSAGE], "tags": tags}, ALB), "net"), Ignored
    )


def test_another_prefix_rings_for_its_own_tags_only() -> None:
    mine, theirs = (event("aws.tag", TAG_CHANGE, tags_changed(key), ALB) for key in ("mesh:network", "lattice:network"))
    assert isinstance(parse(mine, "net", "mesh:"), Ring)
    assert isinstance(parse(theirs, "net", "mesh:"), Ignored)


def test_our_own_calls_do_not_ring() -> None:
    ours = event("aws.vpc-lattice", CLOUDTRAIL, called("DeleteService", **by("onramp-net-writer")))
    assert parse(ours, "net") == Ignored(why="our own call")
    assert isinstance(parse(ours, "another-net"), Ring)


@pytest.mark.parametrize(
    "identity",
    [None, "root", {}, {"sessionContext": None}, {"sessionContext": {}}, {"sessionContext": {"sessionIssuer": "x"}}],
)
def test_a_caller_of_any_shape_rings(identity: object) -> None:
    assert isinstance(parse(event("aws.ec2", CLOUDTRAIL, called("CreateTags", userIdentity=identity)), "net"), Ring)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_dead_execution_frees_the_account_in_its_name(status: str) -> None:
    detail = {"status": status, "name": f"{TEAM}-abc", "stateMachineArn": "arn:machine"}
    assert parse(event("aws.states", EXECUTION_STATUS, detail), "net") == Free(
        account=TEAM, execution=f"{TEAM}-abc", machine="arn:machine", about=f"execution {status}"
    )


@pytest.mark.parametrize(
    "detail",
    [
        {"status": "RUNNING", "name": "a"},
        {"status": "SUCCEEDED", "name": "a"},
        {"status": "FAILED"},
        {"status": ["FAILED"], "name": "a"},
        {},
        None,
    ],
)
def test_other_executions_free_nothing(detail: object) -> None:
    assert isinstance(parse(event("aws.states", EXECUTION_STATUS, detail), "net"), Ignored)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text()
            | st.sampled_from(["changed-tag-keys", "eventName", "status", "name", "userIdentity", "requestParameters"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
KINDS = [*PARSERS, ("aws.states", EXECUTION_STATUS), ("aws.ram", RAM)]


@given(st.sampled_from(KINDS), JSON)
def test_no_detail_whatever_makes_us_fall_over_or_look_elsewhere(kind: tuple[str, str], detail: Any) -> None:
    found = parse(event(*kind, detail, ALB), "net")
    if isinstance(found, Ring):
        assert found.account == TEAM


def test_an_envelope_without_an_account_is_malformed() -> None:
    with pytest.raises(msgspec.ValidationError, match="account"):
        msgspec.json.decode(b'{"id": "1", "source": "aws.ram", "time": "", "detail-type": "", "detail": 1}', type=Event)


OTHER = "333333333333"
APPROVAL = "{}-0123456789abcdef0123456789abcdef01234567"


def said_by(saying: Any, about: str, by: str) -> Said:
    return Said(saying=saying, about=about, by=by, time="2026-11-01T12:00:00Z")


@pytest.mark.parametrize(
    ("kind", "detail", "about", "said"),
    [
        ("Look", {"account": OTHER, "because": "somebody\nrang"}, "somebody rang", None),
        ("Release", {"account": OTHER, "by": "ayumi"}, "infra says Release", said_by("Release", "", "ayumi")),
        (
            "Release",
            {"account": OTHER, "until": "1795970727.5"},
            "infra says Release",
            replace(said_by("Release", "", ""), until=1795970727.5),
        ),
        (
            "Hold",
            {"account": OTHER, "name": "orders", "by": "a"},
            "infra says Hold orders",
            said_by("Hold", "orders", "a"),
        ),
        ("Hold", {"account": OTHER, "by": "a\nb"}, "infra says Hold", said_by("Hold", "*", "a b")),
        ("Unhold", {"account": OTHER, "name": "orders"}, "infra says Unhold orders", said_by("Unhold", "orders", "")),
        (
            "Approve",
            {"id": APPROVAL.format(OTHER), "by": "a"},
            f"infra says Approve {APPROVAL.format(OTHER)}",
            said_by("Approve", APPROVAL.format(OTHER), "a"),
        ),
    ],
)
def test_what_infra_says_rings_for_the_account_that_it_is_about(
    kind: str, detail: dict[str, str], about: str, said: Said | None
) -> None:
    assert parse(event("lattice.onramp", kind, detail), "net", owner=TEAM) == Ring(
        account=OTHER,
        event_id="event-1",
        source="lattice.onramp",
        detail_type=kind,
        about=about,
        heard=False,
        said=said,
    )


@pytest.mark.parametrize(
    ("detail", "version"),
    [
        ({"network": "net", "version": "0.2.1"}, "0.2.1"),
        ({"network": "net"}, "0.1.0"),
        ({"network": "net", "version": "two"}, ""),
        ({"network": "net", "version": 2}, ""),
        ({"version": "0.2.1"}, ""),
    ],
)
def test_a_sweep_tells_the_version_of_its_member_stack(detail: dict[str, Any], version: str) -> None:
    heard = parse(event("lattice.onramp", SWEEP, detail), "net")
    assert isinstance(heard, Ring)
    assert heard.version == version
    other = parse(event("aws.ec2", CLOUDTRAIL, {**called("CreateTags"), **detail}), "net")
    assert isinstance(other, Ring)
    assert other.version == ""


def test_what_is_said_of_what_rings_and_of_what_does_not() -> None:
    ended = [
        event("aws.states", EXECUTION_STATUS, {"status": status, "name": name, "stateMachineArn": "arn:machine"})
        for status, name in (("FAILED", f"{TEAM}-abc"), ("RUNNING", f"{TEAM}-abc"), ("FAILED", "x"), ("FAILED", ""))
    ]
    ours = event("aws.vpc-lattice", CLOUDTRAIL, called("DeleteService", **by("onramp-net-writer")))
    words = [
        event("lattice.onramp", kind, detail)
        for kind in ("Look", "Hold", "Unhold", "Release", "Approve", "Reject", "Nothing")
        for detail in (
            {"account": TEAM, "id": APPROVAL.format(TEAM), "because": "b", "name": "orders", "by": "ayumi"},
            {},
        )
    ]
    lines: list[str] = []
    for heard in [*(heard for heard, _ in RINGS), *NOISE, ours, *ended, *words]:
        for owner in (TEAM, "111111111111"):
            try:
                found = parse(heard, "net", owner=owner)
            except msgspec.ValidationError as wrong:
                lines += [f"{heard.source} {heard.detail_type}: malformed: {wrong}"]
                continue
            why = found.why if isinstance(found, Ignored) else f"{found.account}: {found.about}"
            lines += [f"{heard.source} {heard.detail_type}: {type(found).__name__}: {why}"]
    says("triggers", dict.fromkeys(lines))
