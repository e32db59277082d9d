"""Records of a service's own domain: made by a tag where nobody has any, and gone with what they lead to."""

from typing import Any

import pytest
from model_world import (
    FOREIGN,
    LATTICES,
    NETWORK_ARN,
    OTHER_NETWORK_ARN,
    TEAM,
    Fate,
    World,
    kinds,
    network,
    run,
    steps,
    tagged,
    vpc,
)
from msgspec.structs import replace
from onramp.core.errors import Refused
from onramp.core.model import NETWORKS_ZONE, Record, Zone
from onramp.core.plan import plan
from onramp.core.plan.ground import Before
from onramp.core.plan.records import holding
from onramp.core.rounds import blind
from onramp.core.run import Memory, Plan, Run
from onramp.core.settings import ANY, Said, join, said
from onramp.core.state import decode, encode, from_state, to_state
from onramp.core.steps import CreateRecords, DeleteRecords

API, WEB = "api.shop.example.jp", "web.shop.example.jp"
MARK = f"_lattice-onramp.{API}"


def asking(*, zone: str = "ZSHOP", domain: str = API, **given: Any) -> World:
    asked = {"zone": zone} if zone else {}
    world = World(network(**given)).tag(tagged("orders", listen="HTTP:80", domain=domain, **asked), vpc())
    run(world)
    return world


def asks(world: World, **tags: str) -> list[str]:
    """What is done for it when its tags are these."""
    [balancer] = world.load_balancers
    before = len(world.done)
    answers = {key: value for key, value in world.load_balancers[balancer].tags.items() if "onramp:" in key}
    now = tagged("orders", listen="HTTP:80", **tags) if tags else tagged("orders")
    world.load_balancers[balancer] = replace(now, tags={**answers, **(now.tags if tags else {})})
    run(world)
    return [step.kind for step in world.done[before:] if step.kind != "WriteStatus"]


def answer(world: World) -> dict[str, str]:
    [balancer] = world.load_balancers
    return world.answers(balancer)


def records(world: World, zone: str = "ZSHOP") -> set[tuple[str, str]]:
    return {(one.name, one.type) for one in world.zones[zone] if one != FOREIGN}


HOME = f"{NETWORKS_ZONE}ZHOME"
OURS = {(API, "A"), (API, "AAAA"), (MARK, "TXT")}


# --- what the tag says


@pytest.mark.parametrize("text", ["Z0123456789ABC", "/hostedzone/Z0123456789ABC"])
def test_a_hosted_zone_is_named_by_its_id(text: str) -> None:
    assert said(network(), {"domain": API, "zone": text}).zone == "Z0123456789ABC"


def test_any_hosted_zone_that_fits_may_be_asked_for() -> None:
    assert said(network(), {"domain": API, "zone": "Auto"}).zone == ANY


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"zone": "ZSHOP"}, "add lattice:domain or remove lattice:zone"),
        ({"zone": "shop", "domain": API}, "write the id of a hosted zone in tag lattice:zone, .* it has shop"),
        ({"zone": "", "domain": API}, "it has an empty value"),
        ({"zone": "ZSHOP", "domain": f"{'a.' * 118}jp"}, "choose a domain of 237 letters at most"),
    ],
)
def test_what_is_no_hosted_zone_of_a_domain_is_refused(given: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        said(network(), given)
    assert refused.value.code == "tag-invalid"


def test_a_domain_of_237_letters_leaves_room_for_the_mark() -> None:
    assert said(network(), {"zone": "ZSHOP", "domain": f"{'a.' * 117}jpn"}).zone == "ZSHOP"


def test_of_several_one_may_name_the_zone_and_two_may_not_name_two() -> None:
    assert join(Said(domain=API, zone="Z1"), Said(domain=API)) == Said(domain=API, zone="Z1")
    assert join(Said(domain=API, zone="Z1"), Said(domain=API, zone="Z2")) is None


def test_a_zone_holds_a_domain_by_whole_labels_and_the_longest_counts() -> None:
    zones = [Zone(id="1", name="example.jp"), Zone(id="2", name="op.example.jp"), Zone(id="3", name="shop.example.jp")]
    assert [one.id for one in holding(zones, "api.shop.example.jp")] == ["3"]
    assert [one.id for one in holding(zones, "shop.example.jp")] == ["3"]
    assert [one.id for one in holding(zones, "workshop.example.jp")] == ["1"]
    assert holding(zones, "example.com") == ()


# --- what is made


@pytest.mark.parametrize("zone", ["ZSHOP", "auto"])
def test_a_service_that_answers_gets_its_records_and_a_mark_in_one_change(zone: str) -> None:
    world = asking(zone=zone)
    [made] = [step for step in world.done if isinstance(step, CreateRecords)]
    [service] = world.services.values()
    mark = f'"heritage=lattice-onramp network=net account={TEAM} target={service.domain}"'
    assert (made.zone, made.gone) == ("ZSHOP", ())
    assert made.make == (
        Record(name=API, type="A", to=service.domain, zone=LATTICES),
        Record(name=API, type="AAAA", to=service.domain, zone=LATTICES),
        Record(name=MARK, type="TXT", values=(mark,), ttl=60),
    )
    assert world.done.index(made) > [step.kind for step in world.done].index("AssociateService")
    assert answer(world) == {
        "status": "connected",
        "domain": service.domain,
        "message": f"clients may use {API} too",
    }
    assert world.memory.records == {API: ("ZSHOP",)}
    assert asks(world, domain=API, zone=zone) == []


@pytest.mark.parametrize("given", [{}, {"records": "domains"}])
def test_before_the_service_answers_people_are_told_in_which_zone_records_will_be(given: dict[str, Any]) -> None:
    asked = {} if given else {"zone": "ZHOME"}
    domain = "api.home.shop.example.jp"
    world = World(network(**given)).tag(tagged("orders", listen="HTTP:80", domain=domain, **asked), vpc())
    told = at_a_look(world)
    assert [(one.status, one.message) for one in told.services] == [
        ("connecting", f"the records of {domain} are made in hosted zone ZHOME when the service answers")
    ]


def test_while_they_are_on_their_way_clients_are_told_lattice_s_name() -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    fates: dict[str, list[Fate]] = {"CreateRecords": ["not_yet"]}
    world.fate = lambda step: fates[step.kind].pop() if fates.get(step.kind) else "done"
    told: list[str] = []
    run(world, every_look=lambda it: told.append(answer(it).get("message", "")))
    [service] = world.services.values()
    assert f"the records of {API} are on their way: until then clients use {service.domain}" in told
    assert (records(world), answer(world)["message"]) == (OURS, f"clients may use {API} too")


def test_what_passes_through_goes_by_its_own_name_alone() -> None:
    world = World(network()).tag(
        tagged("orders", "HTTPS:443", listen="TLS_PASSTHROUGH:443", domain=API, zone="ZSHOP"), vpc()
    )
    run(world)
    assert answer(world)["message"] == f"clients use {API} and no other name: a connection lives 10 minutes at most"


def test_records_whose_answer_was_lost_are_seen_and_not_made_again() -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    world.fate = lambda step: "lost" if step.kind == "CreateRecords" else "done"
    run(world)
    assert sum(step.kind == "CreateRecords" for step in world.done) == 1
    assert (records(world), world.memory.records) == (OURS, {API: ("ZSHOP",)})


def test_records_that_are_refused_are_told_beside_what_answers() -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    world.refusing = lambda step: "AccessDenied" if step.kind == "CreateRecords" else ""
    run(world)
    assert (answer(world)["status"], answer(world)["message"]) == ("connected", "step-failed: AccessDenied")
    world.refusing = lambda _: ""
    run(world)
    assert (records(world), answer(world)["message"]) == (OURS, f"clients may use {API} too")


def test_what_a_hand_took_away_is_made_again() -> None:
    world = asking()
    world.zones["ZSHOP"] = [one for one in world.zones["ZSHOP"] if one.type != "AAAA"]
    run(world)
    assert records(world) == OURS


def test_what_a_hand_asked_besides_stays_and_is_repeated_when_it_goes() -> None:
    world = asking()
    world.zones["ZSHOP"] = [replace(one, healthy=bool(one.to)) for one in world.zones["ZSHOP"]]
    assert asks(world, domain=API, zone="ZSHOP") == []
    assert asks(world, domain=API) == ["DeleteRecords"]
    assert records(world) == set()


def test_a_service_that_had_to_be_made_again_takes_its_records_along() -> None:
    world = asking()
    [first] = world.services
    world.services.clear()
    run(world)
    [service] = world.services.values()
    change = next(step for step in reversed(world.done) if isinstance(step, CreateRecords))
    assert service.arn != first
    assert {(one.name, one.type) for one in change.gone} == OURS
    assert {one.to for one in world.zones["ZSHOP"] if one.to} == {service.domain}


# --- what is others'


def others(world: World, *there: Record) -> World:
    world.zones["ZSHOP"] = [*world.zones["ZSHOP"], *there]
    run(world)
    return world


@pytest.mark.parametrize(
    "there",
    [
        Record(name=API, type="A", values=("10.1.2.3",), ttl=60),
        Record(name=API, type="CNAME", values=("elsewhere.example.jp.",), ttl=60),
        Record(name=API, type="AAAA", to="orders-3.on.aws", zone=LATTICES, routed=True),
        Record(name=API, type="NS", values=("ns-1.elsewhere.example.",), ttl=60),
        Record(name=MARK, type="TXT", values=('"mine"',), ttl=60),
        Record(name=MARK, type="TXT", values=('"mine"', '"and mine"'), ttl=60),
    ],
)
def test_a_record_of_somebody_else_s_is_left_and_told_and_the_service_answers(there: Record) -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    others(world, there)
    assert (answer(world)["status"], world.zones["ZSHOP"]) == ("connected", [FOREIGN, there])
    assert answer(world)["message"] == (
        f"record-taken: remove {there.type} {there.name} from hosted zone ZSHOP or tag lattice:zone: somebody else"
        " made it"
    )
    assert world.memory.records == {}
    world.zones["ZSHOP"] = [FOREIGN]
    run(world)
    assert records(world) == OURS


def test_a_wildcard_over_the_name_is_not_in_the_way() -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    theirs = Record(name="\\052.shop.example.jp", type="CNAME", values=("elsewhere.example.jp.",), ttl=60)
    others(world, theirs)
    assert (answer(world)["message"], records(world) - {(theirs.name, "CNAME")}) == (f"clients may use {API} too", OURS)
    assert "DeleteRecords" in asks(world)
    assert world.zones["ZSHOP"] == [FOREIGN, theirs]


def test_our_own_mark_with_another_value_beside_it_is_somebody_s_work_and_nobody_else_s_domain() -> None:
    mark = f'"heritage=lattice-onramp network=net account={TEAM} target=orders-9.on.aws"'
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    others(world, Record(name=MARK, type="TXT", values=(mark, '"other"'), ttl=60))
    assert answer(world)["message"] == (
        f"record-taken: remove TXT {MARK} from hosted zone ZSHOP or tag lattice:zone: somebody else made it"
    )


def test_another_network_s_mark_is_told_with_whose_it_is() -> None:
    mark = '"heritage=lattice-onramp network=test account=333333333333 target=orders-9.on.aws"'
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    others(world, Record(name=MARK, type="TXT", values=(mark,), ttl=60))
    assert answer(world)["message"] == (
        f"record-taken: ask account 333333333333 to let {API} go on network test or remove tag lattice:zone: it has the"
        " records"
    )


@pytest.mark.parametrize("called", ["https://evil.example/login", "call-0120-now!", "\u202etest", "Test"])
def test_a_mark_that_names_no_network_is_somebody_s_and_nothing_of_it_is_told(called: str) -> None:
    mark = f'"heritage=lattice-onramp network={called} account=333333333333 target=orders-9.on.aws"'
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    others(world, Record(name=MARK, type="TXT", values=(mark,), ttl=60))
    said = answer(world)["message"]
    assert said == f"record-taken: remove TXT {MARK} from hosted zone ZSHOP or tag lattice:zone: somebody else made it"


def test_a_record_by_which_a_hand_led_it_there_already_stays_theirs() -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API), vpc())
    run(world)
    [service] = world.services.values()
    theirs = Record(name=API, type="CNAME", values=(f"{service.domain.upper()}.",), ttl=300)
    world.zones["ZSHOP"] = [theirs]
    assert asks(world, domain=API, zone="ZSHOP") == []
    assert answer(world)["message"] == f"clients may use {API} too"
    assert asks(world, domain=API) == []
    assert world.zones["ZSHOP"] == [theirs]


def test_what_a_hand_put_in_place_of_ours_stays_when_the_rest_goes() -> None:
    world = asking()
    theirs = Record(name=API, type="A", values=("10.1.2.3",), ttl=60)
    world.zones["ZSHOP"] = [one for one in world.zones["ZSHOP"] if (one.name, one.type) != (API, "A")]
    others(world, theirs)
    assert answer(world)["message"].startswith(f"record-taken: remove A {API} from hosted zone ZSHOP")
    assert asks(world, domain=API) == ["DeleteRecords"]
    assert world.zones["ZSHOP"] == [FOREIGN, theirs]


def test_a_cname_by_which_a_hand_leads_there_beside_our_mark_leaves_no_room() -> None:
    world = asking()
    [service] = world.services.values()
    theirs = Record(name=API, type="CNAME", values=(service.domain,), ttl=60)
    world.zones["ZSHOP"] = [one for one in world.zones["ZSHOP"] if one.type == "TXT"]
    others(world, theirs)
    assert records(world) == {(API, "CNAME"), (MARK, "TXT")}


# --- what cannot be had


@pytest.mark.parametrize("zone", ["ZHOME", "auto"])
def test_records_in_a_zone_of_the_network_account_are_made_and_deleted_by_its_own_role(zone: str) -> None:
    domain = "api.home.shop.example.jp"
    world = asking(zone=zone, domain=domain)
    assert answer(world)["message"] == f"clients may use {domain} too"
    assert {name for name, _ in records(world, HOME)} == {domain, f"_lattice-onramp.{domain}"}
    assert records(world) == set()
    assert asks(world, domain=domain, zone=zone) == []
    asks(world)
    assert records(world, HOME) == set()
    assert {account for account, kind in world.entered if kind.endswith("Records")} == {world.network.account}


def test_a_record_in_the_way_is_told_by_the_id_of_the_zone_that_its_owner_knows() -> None:
    domain = "api.home.shop.example.jp"
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=domain, zone="ZHOME"), vpc())
    world.zones[HOME].append(replace(FOREIGN, name=domain))
    run(world)
    assert answer(world)["message"].startswith(f"record-taken: remove A {domain} from hosted zone ZHOME or tag")


@pytest.mark.parametrize(
    ("zone", "domain", "says"),
    [
        ("ZELSE", API, f"name a hosted zone in lattice:zone whose name {API} ends with: ZELSE is for else.example.com"),
        ("ZNONE", API, "name a hosted zone of this account or the network account in lattice:zone: ZNONE is none"),
        (
            "auto",
            "api.example.org",
            "make a hosted zone for api.example.org in this account or the network account or remove lattice:zone",
        ),
        ("auto", "a.twin.example.jp", "name one of ZTWIN ZTWIN2 in lattice:zone: several hosted zones are called"),
    ],
)
def test_a_zone_that_is_not_to_be_had_is_refused_before_anything_is_made(zone: str, domain: str, says: str) -> None:
    world = asking(zone=zone, domain=domain)
    assert (answer(world)["status"], world.services, world.groups) == ("refused", {}, {})
    assert answer(world)["message"].startswith(f"zone-invalid: {says}")


def test_a_zone_that_may_not_be_read_is_refused_with_whom_to_ask() -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc())
    world.denied = frozenset({"ZSHOP"})
    run(world)
    assert (answer(world)["status"], world.services) == ("refused", {})
    assert answer(world)["message"] == (
        f"zone-off: ask infra to name the hosted zone of {API} in HostedZoneArns or remove"
        " lattice:zone: ListResourceRecordSets AccessDenied"
    )


AWAY = Record(name="shop.example.jp", type="NS", values=("ns-1.elsewhere.example.",), ttl=60)
SAID_AWAY = "ZROOT hands that name on by NS records and nobody finds what stands below"


def test_a_zone_that_hands_a_name_above_the_domain_on_is_refused_before_anything_is_made() -> None:
    world = World(network()).tag(tagged("orders", listen="HTTP:80", domain=API, zone="ZROOT"), vpc())
    world.zones["ZROOT"] = [AWAY]
    run(world)
    assert (answer(world)["status"], world.services, world.zones["ZROOT"]) == ("refused", {}, [AWAY])
    assert answer(world)["message"] == (
        f"zone-invalid: name the hosted zone of shop.example.jp in lattice:zone or remove it: {SAID_AWAY}"
    )
    assert "CreateRecords" in asks(world, domain=API, zone="ZSHOP")
    assert (answer(world)["status"], records(world)) == ("connected", OURS)


def test_what_stands_in_a_zone_that_hands_its_name_on_later_stays_and_is_told_and_goes_with_the_tag() -> None:
    world = asking(zone="ZROOT")
    there = records(world, "ZROOT")
    world.zones["ZROOT"].append(AWAY)
    run(world)
    assert (answer(world)["status"], records(world, "ZROOT") - there) == ("connected", {("shop.example.jp", "NS")})
    assert answer(world)["message"].startswith("zone-invalid: name the hosted zone of shop.example.jp in lattice:zone")
    asks(world, domain=API, zone="ZSHOP")
    assert (records(world), world.zones["ZROOT"]) == (OURS, [AWAY])


def test_where_infra_asked_for_records_who_is_handed_on_is_told_how_to_say_no() -> None:
    world = World(network(**BY_STACK)).tag(tagged("orders", listen="HTTP:80", domain="a.b.else.example.com"), vpc())
    world.zones["ZELSE"] = [replace(AWAY, name="b.else.example.com")]
    run(world)
    assert (answer(world)["status"], answer(world)["message"]) == (
        "connected",
        "zone-invalid: name the hosted zone of b.else.example.com in lattice:zone or write none there: ZELSE hands that"
        " name on by NS records and nobody finds what stands below",
    )


# --- below which domains infra lets records be made


def only(*below: str, **given: Any) -> dict[str, Any]:
    return {"record_domains": frozenset(below), **given}


@pytest.mark.parametrize(
    ("domain", "held"),
    [(API, True), ("shop.example.jp", False), ("api.workshop.example.jp", False), ("a.b.other.jp", True)],
)
def test_infra_lets_records_be_made_below_its_domains_by_whole_labels(domain: str, held: bool) -> None:
    assert network(**only("shop.example.jp", "other.jp")).has_records_of(domain) is held
    assert network().has_records_of(domain)


def test_a_domain_that_infra_leaves_out_is_refused_before_anything_is_made_or_asked() -> None:
    world = asking(**only("else.example.jp"))
    assert (answer(world)["status"], world.services, world.domains) == ("refused", {}, set())
    assert answer(world)["message"] == (
        f"zone-off: ask infra to name a domain above {API} in RecordDomains or remove lattice:zone: it gets no records"
    )
    assert "CreateService" in asks(world, domain=API)
    assert (answer(world)["status"], answer(world)["message"].partition(":")[0]) == (
        "connected",
        f"clients may use {API} too once its DNS record is an alias or CNAME of {answer(world)['domain']}",
    )
    assert asks(world, domain=API, zone="ZSHOP") == []
    assert (answer(world)["status"], bool(answer(world)["domain"])) == ("refused", True)


def test_where_infra_asks_for_records_a_domain_that_it_leaves_out_is_served_and_told() -> None:
    world = asking(zone="", records="domains", **only("else.example.jp"))
    assert (answer(world)["status"], records(world), world.domains) == ("connected", set(), set())
    assert answer(world)["message"] == (
        f"zone-off: ask infra to name a domain above {API} in RecordDomains or write none in lattice:zone: it gets no"
        " records"
    )
    assert asks(world, domain=API, zone="none") == []
    assert answer(world)["message"].startswith(f"clients may use {API} too once")


@pytest.mark.parametrize("given", [{}, {"records": "domains"}])
def test_records_from_before_infra_left_their_domain_out_stay_and_are_told_to_infra(given: dict[str, Any]) -> None:
    world = asking(**given)
    world.network = replace(world.network, record_domains=frozenset({"else.example.jp"}))
    run(world)
    assert (answer(world)["status"], answer(world)["message"]) == ("connected", f"clients may use {API} too")
    world.zones["ZSHOP"] = [one for one in world.zones["ZSHOP"] if one.type != "AAAA"]
    run(world)
    assert answer(world)["message"].startswith(f"zone-off: ask infra to name a domain above {API} in RecordDomains or")
    assert asks(world, domain=API, zone="none") == []
    [refusal] = [one for one in world.memory.refusals if one.code == "zone-off"]
    assert (refusal.resource, refusal.message) == (
        TEAM,
        f"name a domain above {API} in RecordDomains again, or remove its records in ZSHOP",
    )
    assert (records(world), world.memory.records) == (OURS - {(API, "AAAA")}, {API: ("ZSHOP",)})
    world.network = replace(world.network, record_domains=frozenset())
    run(world)
    assert (records(world), world.memory.records) == (set(), {})


@pytest.mark.parametrize("zone", ["ZSHOP", ""], ids=["by tag", "by infra's word"])
def test_a_domain_that_the_zone_s_account_alone_leaves_out_is_told_by_that_account(zone: str) -> None:
    asked = {"domain": API, "listen": "HTTP:80", **({"zone": zone} if zone else {})}
    world = World(network(records="tags" if zone else "domains")).tag(tagged("orders", **asked), vpc())
    world.below = ("else.example.jp",)
    run(world)
    assert answer(world)["message"] == (
        f"zone-off: ask infra to name a domain above {API} in RecordDomains of the member stack of account {TEAM} or"
        f" {'remove lattice:zone' if zone else 'write none in lattice:zone'}: it gets no records"
    )
    assert (answer(world)["status"], bool(world.services)) == (("refused", False) if zone else ("connected", True))
    assert records(world) == set()
    world.below = ("example.jp", "else.example.jp")
    run(world)
    assert answer(world)["message"] == f"clients may use {API} too"


def test_what_serves_goes_on_with_the_records_that_it_has() -> None:
    world = asking()
    assert asks(world, domain=API, zone="ZELSE") == []
    assert (answer(world)["status"], records(world)) == ("refused", OURS)
    assert world.memory.records == {API: ("ZSHOP",)}
    assert asks(world, domain=API, zone="ZSHOP") == []
    assert answer(world)["message"] == f"clients may use {API} too"


# --- what goes


def test_records_go_with_the_tag_after_the_quiet_time() -> None:
    world = asking(quiet_seconds=60)
    begun = world.now
    assert asks(world, domain=API) == ["DeleteRecords"]
    assert world.now - begun > 60
    assert (records(world), world.memory.records, world.memory.since) == (set(), {}, {})
    assert answer(world)["message"].startswith(f"clients may use {API} too once its DNS record is an alias")


def test_a_tag_that_is_put_back_within_the_quiet_time_costs_nobody_his_records() -> None:
    world = asking(quiet_seconds=60)
    [balancer] = world.load_balancers.values()
    before = len(world.done)
    bare = {key: text for key, text in balancer.tags.items() if key != "lattice:zone"}
    world.load_balancers[balancer.arn] = replace(balancer, tags=bare)

    def back(it: World) -> None:
        it.load_balancers[balancer.arn] = balancer

    run(world, every_look=back)
    assert [step.kind for step in world.done[before:] if step.kind != "WriteStatus"] == []
    assert records(world) == OURS


def test_records_go_before_their_service_and_a_minute_earlier() -> None:
    world = asking()
    at: dict[str, float] = {}
    world.every_step = lambda step: at.setdefault(step.kind, world.now) and None
    assert asks(world) == [
        *("DisassociateService", "DeleteListener", "DeleteTargetGroup", "DeleteRecords", "DeleteService"),
    ]
    assert at["DeleteService"] - at["DeleteRecords"] >= 60
    assert (records(world), world.services, world.memory.records) == (set(), {}, {})


@pytest.mark.parametrize("dead", [1, 2])
def test_records_that_a_run_took_before_it_died_have_their_minute_all_the_same(dead: int) -> None:
    world = asking()
    remembered = world.untag().memory

    for _ in range(dead):
        # The first one takes them; another one may die while it waits.
        with pytest.raises(RuntimeError, match="dead"):
            run(world, every_look=dies_without_records)
        assert (records(world), world.memory) == (set(), remembered)
    began = world.now
    at: dict[str, float] = {}
    world.every_step = lambda step: at.setdefault(step.kind, world.now) and None
    waits: list[int] = []
    run(world, every_plan=lambda planned: waits.append(planned.wait_seconds))
    assert at["DeleteService"] - began >= 60
    assert waits[0] >= 60, "nobody looks before that"
    assert (world.services, world.memory.records, world.memory.since) == ({}, {}, {})


def dies_without_records(world: World) -> None:
    if not records(world):
        raise RuntimeError("dead")


def test_records_of_a_service_that_is_kept_for_its_name_go_and_come_back() -> None:
    world = asking(keep_seconds=86400)
    [service] = world.services.values()
    assert "DeleteRecords" in asks(world)
    assert ([one.domain for one in world.services.values()], records(world)) == ([service.domain], set())
    assert "CreateRecords" in asks(world, domain=API, zone="ZSHOP")
    assert {one.to for one in world.zones["ZSHOP"] if one.to} == {service.domain}


def test_another_domain_has_records_before_those_of_the_old_one_go() -> None:
    world = asking()
    done = asks(world, domain=WEB, zone="ZSHOP")
    assert done.index("CreateRecords") < done.index("DeleteRecords")
    assert {name for name, kind in records(world) if kind == "A"} == {WEB}


def test_another_zone_has_the_records_before_the_old_one_loses_them() -> None:
    world = asking()
    assert asks(world, domain=API, zone="ZROOT") == ["CreateRecords", "DeleteRecords"]
    assert (records(world, "ZROOT"), records(world)) == (OURS, set())
    assert world.memory.records == {API: ("ZROOT",)}


def test_records_of_a_service_that_somebody_deleted_go_when_nobody_asks_for_it() -> None:
    world = asking()
    world.services.clear()
    assert "DeleteRecords" in asks(world)
    assert (records(world), world.memory.records) == (set(), {})


def test_a_zone_that_is_gone_is_forgotten() -> None:
    world = asking()
    del world.zones["ZSHOP"]
    run(world)
    asks(world, domain=API)
    assert world.memory.records == {}


@pytest.mark.parametrize("tags", [{}, {"domain": API}])
def test_what_cannot_be_deleted_is_told_to_infra_and_keeps_nothing_else(tags: dict[str, str]) -> None:
    world = asking()
    world.refusing = lambda step: "AccessDenied" if step.kind == "DeleteRecords" else ""
    asks(world, **tags)
    assert ("step-failed", "AccessDenied") in {(one.code, one.message) for one in world.memory.refusals}
    assert (bool(world.services), records(world), world.memory.records) == (bool(tags), OURS, {API: ("ZSHOP",)})
    world.refusing = lambda _: ""
    run(world)
    assert (records(world), world.memory.records) == (set(), {})


def test_records_that_may_not_be_read_any_more_are_told_and_remembered() -> None:
    world = asking()
    world.denied = frozenset({"ZSHOP"})
    assert asks(world, domain=API) == []
    [refusal] = [one for one in world.memory.refusals if one.code == "zone-off"]
    assert refusal.resource == TEAM
    assert refusal.message == (
        f"name ZSHOP in HostedZoneArns again, or remove the records of {API} in it: ListResourceRecordSets AccessDenied"
    )
    assert world.memory.records == {API: ("ZSHOP",)}


def test_where_infra_lets_nothing_go_records_stay() -> None:
    world = asking(vanish="nothing")
    assert asks(world, domain=API) == []
    assert records(world) == OURS


def test_records_stay_while_infra_s_no_or_a_typing_error_keeps_the_service() -> None:
    world = asking()
    assert asks(world, domain=API, zone="ZSHOP", weight="much") == []
    assert records(world) == OURS
    world.network = replace(world.network, kept_out=frozenset({TEAM}))
    assert "DeleteRecords" in asks(world, domain=API, zone="ZSHOP")
    assert records(world) == set()


def test_a_typing_error_keeps_no_records_of_what_is_off_the_network() -> None:
    world = asking()
    [service] = world.services.values()
    world.services[service.arn] = replace(service, associations=())
    assert asks(world, domain=API, zone="ZSHOP", weight="much") == ["DeleteRecords"]
    assert (answer(world)["status"], records(world)) == ("refused", set())
    assert "CreateRecords" in asks(world, domain=API, zone="ZSHOP")
    assert records(world) == OURS


def test_what_is_not_ready_keeps_its_records_also_off_the_network() -> None:
    world = asking()
    [service] = world.services.values()
    world.services[service.arn] = replace(service, associations=())
    [balancer] = world.load_balancers.values()
    world.load_balancers[balancer.arn] = replace(balancer, state="provisioning")
    run(world)
    assert records(world) == OURS


def test_a_sibling_s_network_makes_its_own_when_this_one_has_let_go() -> None:
    world = World(network(siblings=frozenset({"sibling"}))).tag(
        tagged("orders", listen="HTTP:80", domain=API, zone="ZSHOP"), vpc()
    )
    other = world.sibling(replace(world.network, name="sibling", arn=OTHER_NETWORK_ARN, siblings=frozenset({"net"})))
    assert NETWORK_ARN != OTHER_NETWORK_ARN
    run(world)
    [balancer] = world.load_balancers.values()
    moved = {**balancer.tags, "lattice:network": "sibling"}
    world.load_balancers[balancer.arn] = replace(balancer, tags=moved)
    run(other)
    run(world)
    assert records(world) == set()
    world.settle()
    run(other)
    [mark] = [one.values[0] for one in world.zones["ZSHOP"] if one.type == "TXT"]
    assert "network=sibling" in mark


# --- what is not known


def at_a_look(world: World, before: Before | None = None, **given: Any) -> Plan:
    observed = replace(world.observe(), **given)
    known = Before({}, {}, world.memory.arns, world.memory.records) if before is None else before
    return plan(world.network, observed, before=known, now=world.now)


def test_records_that_could_not_be_read_stay_and_are_told() -> None:
    world = asking()
    unread = {"dns": {}, "unread": {API: "ListResourceRecordSets Throttling"}}
    planned = at_a_look(world, **unread)
    assert planned.records == {API: ("ZSHOP",)}
    [told] = [step for step in steps(planned) if step.kind == "WriteStatus"]
    assert told.put["lattice-onramp:message"].startswith(f"unread: the records of {API} cannot be read")  # type: ignore[union-attr]
    asks_no_more = World(world.network).tag(tagged("orders", listen="HTTP:80", domain=API), vpc())
    asks_no_more.services, asks_no_more.groups = world.services, world.groups
    asks_no_more.memory = world.memory
    planned = at_a_look(asks_no_more, **unread)
    assert (planned.records, "DeleteRecords" in kinds(planned)) == ({API: ("ZSHOP",)}, False)


def test_what_was_not_looked_for_yet_is_waited_for() -> None:
    world = asking()
    planned = at_a_look(world, dns={})
    assert (planned.records, planned.pending, kinds(planned)) == ({API: ("ZSHOP",)}, (), ["WriteStatus"])
    bare = World(world.network)
    planned = at_a_look(bare, before=Before({}, {}, {}, {API: ("ZSHOP",)}), dns={})
    assert (planned.records, kinds(planned)) == ({API: ("ZSHOP",)}, [])


def test_nothing_leads_to_a_service_whose_own_name_is_not_known() -> None:
    world = asking()
    world.zones["ZSHOP"] = []
    hidden = tuple(replace(one, zone="") for one in world.observe().services)
    assert "CreateRecords" not in kinds(at_a_look(world, services=hidden))


def test_records_are_kept_while_their_service_cannot_be_read_or_nobody_s_wish_can() -> None:
    world = asking()
    unread = tuple(replace(one, status="UNREAD") for one in world.observe().services)
    world.load_balancers.clear()
    for given in ({"services": unread}, {"unread": {"load balancers": "DescribeLoadBalancers AccessDenied"}}):
        planned = at_a_look(world, **given)
        assert ("DeleteRecords" in kinds(planned), planned.records) == (False, {API: ("ZSHOP",)})


def test_an_account_that_cannot_be_looked_at_loses_no_memory_of_its_records() -> None:
    memory = Memory(records={API: ("ZSHOP",)})
    begun = blind(Run(account=TEAM, trigger={}, memory=memory), Refused("x", "y"), 1.0)
    assert begun.plan is not None
    assert begun.plan.records == memory.records


def test_a_run_carries_them_in_its_state_whatever_its_size() -> None:
    planned = Plan(account=TEAM, round=1, next="done", records={API: ("ZSHOP",)})
    begun = Run(account=TEAM, trigger={}, plan=planned)
    kept: list[bytes] = []

    def shelve(content: bytes) -> str:
        kept.append(content)
        return "key"

    large = replace(begun, failures={f"step {n}": "why" * 10 for n in range(2000)})
    assert from_state(to_state(begun)) == begun
    assert from_state(to_state(large, shelve), lambda _: kept[0]) == large
    step = DeleteRecords(account=TEAM, name="n", because="b", zone="ZSHOP", gone=(FOREIGN,))
    assert decode(encode(step), DeleteRecords) == step


# --- what its owner takes back


@pytest.mark.parametrize("zone", ["ZSHOP", "auto"])
def test_records_of_a_service_that_its_owner_takes_back_stay_as_they_are_wish_or_no_wish(zone: str) -> None:
    world = asking(zone=zone)
    [service] = world.services.values()
    there = list(world.zones["ZSHOP"])
    world.let_go.add(service.arn)
    run(world)
    assert world.zones["ZSHOP"] == there
    assert world.memory.records == {}
    asks(world)
    run(world)
    assert world.zones["ZSHOP"] == there
    assert "DeleteRecords" not in {step.kind for step in world.done}


@pytest.mark.parametrize("zone", ["ZSHOP", "auto"])
def test_records_without_our_mark_are_remembered_while_they_lead_there_and_left_then(zone: str) -> None:
    """A hand took the mark off: they are nobody's to delete, and clients find the service by them as before."""
    world = asking(zone=zone)
    world.zones["ZSHOP"] = [one for one in world.zones["ZSHOP"] if one.type != "TXT"]
    there = list(world.zones["ZSHOP"])
    run(world)
    assert (world.zones["ZSHOP"], world.memory.records) == (there, {API: ("ZSHOP",)})
    assert answer(world)["message"] == f"clients may use {API} too"
    asks(world, domain=API)
    assert (world.zones["ZSHOP"], world.memory.records) == (there, {})


def test_records_that_a_hand_leads_elsewhere_without_our_mark_are_remembered_no_more() -> None:
    world = asking()
    world.zones["ZSHOP"] = [FOREIGN, Record(name=API, type="A", values=("10.9.9.9",), ttl=60)]
    run(world)
    assert world.memory.records == {}
    assert answer(world)["message"].startswith("record-taken: remove A ")


# --- without a tag, since infra has said so for every domain


BY_STACK: dict[str, Any] = {"records": "domains"}


def by_stack(domain: str = API, *there: Record, denied: str = "", **tags: str) -> World:
    world = World(network(**BY_STACK)).tag(tagged("orders", listen="HTTP:80", domain=domain, **tags), vpc())
    world.zones["ZSHOP"] = [FOREIGN, *there]
    world.denied = frozenset({denied} - {""})
    run(world)
    return world


def test_every_domain_gets_records_in_the_zone_that_fits_best_until_a_tag_or_infra_says_no() -> None:
    world = by_stack()
    assert (answer(world)["message"], records(world)) == (f"clients may use {API} too", OURS)
    assert asks(world, domain=API) == []
    assert asks(world, domain=API, zone="None") == ["DeleteRecords"]
    assert answer(world)["message"].startswith(f"clients may use {API} too once its DNS record is an alias")
    assert asks(world, domain=API) == ["CreateRecords"]
    world.network = replace(world.network, records="tags")
    assert asks(world, domain=API) == ["DeleteRecords"]
    assert asks(world, domain=API, zone="none") == []


@pytest.mark.parametrize(
    ("domain", "denied"),
    [("api.example.org", ""), (API, "ZSHOP"), (f"{'a.' * 112}shop.example.jp", "")],
    ids=["no zone fits", "infra does not allow the zone", "no room for the mark"],
)
def test_what_nobody_asked_for_keeps_no_service_back(domain: str, denied: str) -> None:
    world = by_stack(domain, denied=denied)
    assert (answer(world)["status"], records(world)) == ("connected", set())
    assert answer(world)["message"] != f"clients may use {domain} too"
    assert world.memory.records == {}


def test_of_several_zones_of_one_name_the_team_is_asked_to_name_one_and_answers_meanwhile() -> None:
    world = by_stack("a.twin.example.jp")
    assert answer(world)["status"] == "connected"
    assert answer(world)["message"] == (
        "zone-invalid: name one of ZTWIN ZTWIN2 in lattice:zone: several hosted zones are called twin.example.jp"
    )
    asks(world, domain="a.twin.example.jp", zone="ZTWIN")
    assert len(records(world, "ZTWIN")) == 3


@pytest.mark.parametrize(
    ("there", "says"),
    [
        (
            Record(name=API, type="A", values=("10.1.2.3",), ttl=60),
            f"remove A {API} from hosted zone ZSHOP or write none in tag lattice:zone: somebody else made it",
        ),
        (
            Record(
                name=MARK,
                type="TXT",
                values=('"heritage=lattice-onramp network=test account=333333333333 target=orders-9.on.aws"',),
                ttl=60,
            ),
            f"ask account 333333333333 to let {API} go on network test or write none in tag lattice:zone: it has the"
            " records",
        ),
    ],
)
def test_a_record_in_the_way_of_what_infra_wants_is_told_with_how_to_say_no(there: Record, says: str) -> None:
    world = by_stack(API, there)
    assert (answer(world)["status"], answer(world)["message"]) == ("connected", f"record-taken: {says}")


def test_who_joins_a_service_has_no_word_of_its_records() -> None:
    assert join(Said(domain=API, zone="stack"), Said(domain=API, zone="Z1")) == Said(domain=API, zone="Z1")
    world = by_stack()
    world.tag(tagged("more", listen="HTTP:80", domain=API, zone="none"))
    run(world)
    more = next(arn for arn in world.load_balancers if "/more/" in arn)
    assert world.answers(more)["message"].startswith("setting-conflict: ")
    assert records(world) == OURS
