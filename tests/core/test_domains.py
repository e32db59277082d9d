"""A domain of a service's own: understood or refused, and never taken from those who have it."""

from typing import Any

import pytest
from model_world import CERTIFICATES, HOLDERS, TEAM, Fate, World, balancer, kinds, network, run, steps, tagged, vpc
from msgspec.structs import replace
from onramp.core import names, tags
from onramp.core.approval import of_backend
from onramp.core.desired import desired
from onramp.core.errors import Refused
from onramp.core.looks import narrows
from onramp.core.model import DOMAINS, AlbListener, Certificate, LoadBalancer, Settings
from onramp.core.plan import plan
from onramp.core.reach import Finding
from onramp.core.run import Run
from onramp.core.settings import Said, join, said
from onramp.core.steps import AnyStep, AssociateService, CreateService, SetCertificate

API, WEB, TAKEN = "api.shop.example.jp", "web.shop.example.jp", "taken.shop.example.jp"


def connected(**tags: str) -> World:
    world = World(network()).tag(tagged("orders", **tags), vpc())
    run(world)
    return world


def changes(world: World, **tags: str) -> list[str]:
    before = len(world.done)
    world.tag(tagged("orders", **tags))
    run(world)
    return [step.kind for step in world.done[before:] if step.kind != "WriteStatus"]


def answer(world: World) -> dict[str, str]:
    [balancer] = world.load_balancers
    return world.answers(balancer)


# --- what tags say


@pytest.mark.parametrize("text", [API, "API.shop.example.JP", f"{API}.", "xn--bcher-kva.example", "a.jp"])
def test_a_host_name_is_understood_as_dns_compares_it(text: str) -> None:
    assert names.domain(text) == text.lower().removesuffix(".")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write one whole host name of your own as api.shop.example.jp.*has an empty value"),
        ("shop", "it has other letters: the tag has shop"),
        ("*.example.jp", "U.002A ASTERISK"),
        ("a b.example.jp", "the tag has a b.example.jp"),
        ("-a.example.jp", "write one whole"),
        ("\u212a.example.jp", "write one whole"),  # the sign of Kelvin, which is a k in small letters
        ("10.1.2.3", "write one whole"),
        ("https://example.jp", "write one whole"),
        (f"{'a' * 64}.jp", "write one whole"),
        (f"{'a.' * 126}jp", "write one whole"),
        ("shop-0123.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws", "is Amazon's"),
        ("shop.ap-northeast-1.elb.amazonaws.com", "is Amazon's"),
    ],
)
def test_what_can_be_no_host_name_of_theirs_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        names.domain(text)
    assert refused.value.code == "domain-invalid"


def test_a_domain_is_all_of_its_service_s_name_and_the_other_tag_says_nothing_beside_it() -> None:
    assert names.service_at(API).startswith("api-shop-example-jp-")
    assert names.service_at(API) != names.service_at("api-shop.example.jp")
    asked = World(network()).tag(tagged("a", service="shop", domain=API), tagged("b", domain=API.upper()))
    [wanted] = desired(network(), asked.observe()).services
    assert (wanted.name, wanted.said.domain, len(wanted.backends)) == (names.service_at(API), API, 2)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"certificate": "11111111"}, "add lattice:domain or remove lattice:certificate"),
        ({"certificate": "the newest", "domain": API}, "write the ARN or the id of a certificate .* it has the newest"),
    ],
)
def test_a_certificate_is_named_by_its_arn_or_id_beside_a_domain(given: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        said(network(), given)
    assert refused.value.code == "tag-invalid"
    arn = CERTIFICATES[0].arn
    named = Said(domain=API, certificate=arn.rpartition("/")[2])
    assert [said(network(), {"domain": API, "certificate": one}) for one in (arn, named.certificate)] == [named, named]
    assert Said(domain=API).names == {"certificate"}


def test_one_of_several_may_name_the_certificate_and_two_may_not_name_two() -> None:
    assert join(Said(domain=API, certificate="1"), Said(domain=API)) == Said(domain=API, certificate="1")
    assert join(Said(domain=API, certificate="1"), Said(domain=API, certificate="2")) is None


def test_infra_reads_the_domain_that_it_approves() -> None:
    asked = World(network()).tag(tagged("orders", domain=API))
    [wanted] = desired(network(), asked.observe()).services
    [backend] = wanted.backends
    assert of_backend(network(), TEAM, wanted, backend).what[0].endswith(f"listens on HTTPS:443 under {API}")


# --- what is done


def test_a_service_with_a_domain_is_made_with_its_certificate_and_tells_how_its_name_leads_there() -> None:
    world = connected(domain=API)
    [made] = [step for step in world.done if isinstance(step, CreateService)]
    assert (made.domain, made.certificate) == (API, CERTIFICATES[0].arn)
    [service] = world.services.values()
    assert answer(world) == {
        "status": "connected",
        "domain": service.domain,
        "message": f"clients may use {API} too once its DNS record is an alias or CNAME of {service.domain}",
    }
    assert [one.custom_domain for one in world.memory.services] == [API]


def test_http_needs_no_certificate_and_https_beside_it_brings_one() -> None:
    world = connected(domain=API, listen="HTTP:80")
    assert [step.certificate for step in world.done if isinstance(step, CreateService)] == [""]
    assert changes(world, domain=API, listen="HTTP:80 HTTPS:443") == ["SetCertificate", "CreateListener"]


def test_a_certificate_that_a_tag_names_is_shown_in_place() -> None:
    world = connected(domain=API)
    assert changes(world, domain=API, certificate="22222222") == ["SetCertificate"]
    assert [one.certificate for one in world.settings.values()] == [CERTIFICATES[1].arn]
    assert changes(world, domain=API) == []  # the one that is shown stays


def test_another_domain_is_another_service_beside_the_old_one() -> None:
    world = connected(domain=API)
    told: list[str] = []
    world.every_step = lambda _: told.append(answer(world).get("message", ""))
    done = changes(world, domain=WEB)
    # At no moment is the new domain said to lead to a service that has it not.
    leads = {one.domain for one in world.services.values() if one.custom_domain == WEB}
    assert {it.rpartition(" ")[2] for it in told if f"use {WEB}" in it} <= leads
    assert done.index("CreateService") < done.index("AssociateService") < done.index("DisassociateService")
    [service] = [one for one in world.services.values() if one.status == "ACTIVE"]
    assert service.custom_domain == WEB


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        (
            {"domain": "api.example.jp"},
            "domain-certificate: request a certificate for api.example.jp with an RSA 2048 key in ACM of this account"
            " or write HTTP:80 in lattice:listen: no ISSUED one covers it",
        ),
        (
            {"domain": WEB, "certificate": "11111111"},
            "certificate-invalid: name a certificate of this account and region in lattice:certificate that is ISSUED"
            f" with an RSA 2048 key and covers {WEB}: 11111111 is none",
        ),
        (
            {"domain": TAKEN},
            f"domain-taken: choose another domain or ask account 333333333333 to give it up: {TAKEN} is on the network"
            " already by its service theirs",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_made(tags: dict[str, str], says: str) -> None:
    world = connected()
    assert changes(world, **tags) == []
    told = answer(world)
    assert (told["status"], told["message"], "domain" in told) == ("refused", says, True)


@pytest.mark.parametrize(
    ("tags", "code"), [({}, "domain-certificate"), ({"certificate": "11111111"}, "certificate-invalid")]
)
def test_a_certificate_that_has_ended_is_told_as_what_it_is(tags: dict[str, str], code: str) -> None:
    world = connected(domain=API, **tags)
    found = plan(network(), replace(world.observe(), certificates=()), now=world.now)
    [refusal] = [one for one in found.refusals if one.code == code]
    assert "11111111, which the service shows, has ended or is ISSUED no more" in refusal.message
    assert "lattice:certificate" in refusal.message


def planned(world: World, **given: Any) -> Any:
    """Of a world that bears no answers, so that none are to be changed."""
    world.load_balancers |= {
        arn: replace(one, tags={key: text for key, text in one.tags.items() if key not in tags.STATUS_KEYS})
        for arn, one in world.load_balancers.items()
    }
    world.vpcs |= {
        key: replace(one, tags={tag: text for tag, text in one.tags.items() if tag not in tags.STATUS_KEYS})
        for key, one in world.vpcs.items()
    }
    return plan(network(status_tags=False), replace(world.observe(), **given), now=world.now)


def test_a_domain_on_its_way_out_of_another_s_hands_is_waited_for() -> None:
    world = World(network()).tag(tagged("orders", domain=TAKEN))
    going = {TAKEN: replace(HOLDERS[TAKEN], status="DELETE_IN_PROGRESS")}
    told = planned(world, holders=going)
    assert (kinds(told), told.next) == ([], "wait")
    assert told.pending == (f"service theirs of account 333333333333 lets domain {TAKEN} go",)


def taken_first(world: World, step: AnyStep) -> str:
    """Another account brings the domain to the network right before ours would be."""
    if not isinstance(step, AssociateService):
        return ""
    world.holders = {API: HOLDERS[TAKEN]}
    return "ConflictException: it is on the network"


def test_who_loses_a_race_for_a_domain_has_what_served_before_and_nothing_half_made() -> None:
    world = connected(domain=WEB, listen="HTTP:80")
    there = (dict(world.services), dict(world.groups))
    world.refusing = lambda step: taken_first(world, step)
    world.tag(tagged("orders", domain=API, listen="HTTP:80"))
    run(world)
    assert (answer(world)["status"], answer(world)["message"].partition(":")[0]) == ("refused", "domain-taken")
    assert (world.services, world.groups) == there
    assert "CreateService" in {step.kind for step in world.done}


def test_what_an_earlier_run_made_for_a_domain_stays_as_long_as_a_tag_names_it() -> None:
    world = World(network()).tag(tagged("orders", domain=API, listen="HTTP:80"))
    world.refusing = lambda step: "AccessDenied" if isinstance(step, AssociateService) else ""
    run(world)
    [made] = world.services
    world.holders = {API: HOLDERS[TAKEN]}
    run(world)
    assert answer(world)["message"].startswith("domain-taken: ")
    assert list(world.services) == [made]
    run(world.untag())
    assert (world.services, world.groups) == ({}, {})


def test_who_is_on_the_network_already_keeps_its_domain() -> None:
    world = connected(domain=API)
    told = planned(world, holders={API: HOLDERS[TAKEN]})
    assert (kinds(told), told.refusals) == ([], ())


def test_certificates_that_cannot_be_read_are_told_and_nothing_is_changed() -> None:
    world = connected(domain=API)
    told = planned(world, certificates=(), unread={"certificates": "ListCertificates AccessDenied"})
    assert kinds(told) == []
    [state] = told.services
    assert (state.status, state.answers) == ("failed", True)
    assert state.message == "unread: the account's certificates cannot be read: ListCertificates AccessDenied"


def test_a_certificate_is_not_changed_where_what_is_shown_is_not_known() -> None:
    world = connected(domain=API)
    told = planned(world, settings={names.service_at(API): Settings(known=False)})
    assert kinds(told) == []


def test_a_certificate_that_could_not_be_read_whole_is_not_changed_for_one_that_could() -> None:
    """The list has the first hundred names of each."""
    world = connected(domain=API)
    assert kinds(planned(world, certificates=CERTIFICATES[1:])) == ["SetCertificate"]
    hidden = {"certificates": "DescribeCertificate AccessDeniedException"}
    told = planned(world, certificates=CERTIFICATES[1:], unread=hidden)
    assert kinds(told) == []
    told = planned(world, certificates=(), unread=hidden)
    assert told.services[0].message.startswith("unread: the account's certificates cannot be read: ")


def test_an_imported_certificate_that_ends_soon_is_told_until_another_takes_its_place() -> None:
    world = connected(domain=API)
    soon = replace(CERTIFICATES[0], imported=True, not_after=world.now + 20 * 86400, ends="1970-02-01")
    told = planned(world, certificates=(soon,))
    [state] = told.services
    assert (kinds(told), state.status) == ([], "connected")
    assert state.message.startswith("certificate-expires: import certificate 11111111 anew before 1970-02-01: nobody")
    later = Certificate(arn=CERTIFICATES[1].arn, names=("*.shop.example.jp",), not_after=world.now + 90 * 86400)
    [change] = steps(planned(world, certificates=(soon, later)))
    assert isinstance(change, SetCertificate)
    assert change.certificate == later.arn


def behind_https(shown: str, **tags: str) -> LoadBalancer:
    """A load balancer that is reached by HTTPS, with this certificate at its listener."""
    listener = AlbListener(protocol="HTTPS", port=443, certificate=shown)
    asks = tagged("orders", "HTTPS:443", domain=API, target="HTTPS:443", **tags)
    return replace(asks, listeners=(listener,))


def test_a_certificate_by_which_a_load_balancer_is_reached_stays_to_its_end() -> None:
    world = World(network()).tag(behind_https(CERTIFICATES[0].arn), vpc())
    run(world)
    soon = replace(CERTIFICATES[0], imported=True, not_after=world.now + 20 * 86400, ends="1970-02-01")
    later = Certificate(arn=CERTIFICATES[1].arn, names=("*.shop.example.jp",), not_after=world.now + 90 * 86400)
    told = planned(world, certificates=(soon, later))
    [state] = told.services
    assert (kinds(told), state.status) == ([], "connected")
    assert state.message.startswith("certificate-expires: import certificate 11111111 anew")
    ended = replace(soon, not_after=world.now - 1)
    assert kinds(planned(world, certificates=(ended, later))) == ["SetCertificate"]


def test_another_certificate_that_is_named_has_to_be_at_the_load_balancer_first() -> None:
    old, new = CERTIFICATES[0].arn, CERTIFICATES[1].arn
    world = World(network()).tag(behind_https(old), vpc())
    run(world)
    before = len(world.done)
    world.tag(behind_https(old, certificate="22222222"))
    run(world)
    assert not [step for step in world.done[before:] if isinstance(step, SetCertificate)]
    said = answer(world)
    assert (said["status"], said["domain"].startswith("api-shop-example-jp-")) == ("refused", True)
    assert said["message"].startswith(
        "certificate-mismatch: make certificate 22222222 the default of the HTTPS listener"
    )
    world.tag(behind_https(new, certificate="22222222"))
    run(world)
    assert [step.certificate for step in world.done[before:] if isinstance(step, SetCertificate)] == [new]
    assert answer(world)["status"] == "connected"


def test_a_service_of_the_name_that_a_domain_makes_is_not_the_one_that_is_asked_for() -> None:
    name = names.service_at(API)
    world = World(network()).tag(tagged("first", service=name, listen="HTTP:80"))
    run(world)
    world.tag(tagged("orders", domain=API, listen="HTTP:80"))
    run(world)
    told = {one.name: world.answers(one.arn) for one in world.load_balancers.values()}
    assert told["orders"]["message"].startswith(f"name-taken: write another lattice:service where {name} is asked for")
    assert told["first"] == {"status": "connected", "domain": world.services[next(iter(world.services))].domain}
    [service] = world.services.values()
    assert [len(found.forwards) for found in service.listeners] == [1]


def passed_through(domain: str) -> LoadBalancer:
    return tagged("orders", "HTTPS:443", domain=domain, listen="TLS_PASSTHROUGH:443")


def test_what_one_domain_lacks_behind_it_says_nothing_of_the_one_before_which_goes_on() -> None:
    """The load balancer's certificate is for the old one alone: its clients are answered, nobody of the new one is."""
    world = World(network()).tag(passed_through(API), vpc())
    run(world)
    [old] = world.services.values()
    refused = Finding(code="certificate-refused", message="give it one", service=names.service_at(WEB))
    world.findings = lambda seen: (  # type: ignore[method-assign]  # what reading would find
        {balancer("orders").arn: refused}
        if any(one.custom_domain == WEB and one.associations for one in seen.services)
        else {}
    )
    world.tag(passed_through(WEB))
    run(world)
    assert answer(world) == {
        "status": "refused",
        "domain": old.domain,
        "message": "certificate-refused: give it one",
    }
    assert {state.custom_domain: state.answers for state in world.memory.services} == {API: True, WEB: False}
    assert "Service Disconnected" not in [one.detail_type for one in world.reports[-1].announcements]
    world.findings = lambda _: {}  # type: ignore[method-assign]
    run(world)
    assert (answer(world)["status"], answer(world)["domain"]) == ("connected", said_of(world, WEB))
    assert [one.custom_domain for one in world.services.values() if one.associations] == [WEB]


def said_of(world: World, domain: str) -> str:
    [found] = [one.domain for one in world.services.values() if one.custom_domain == domain]
    return found


@pytest.mark.parametrize("fate", ["refused", "not_yet"])
@pytest.mark.parametrize("listen", ["HTTPS:443", "HTTPS:80", "HTTPS:443 HTTP:81", "HTTP:80 HTTPS:443"])
def test_https_takes_nobodys_place_before_its_certificate_was_seen(fate: Fate, listen: str) -> None:
    world = connected(domain=API, listen="HTTP:80")
    [service] = world.services.values()
    world.fate = lambda step: fate if isinstance(step, SetCertificate) else "done"
    world.tag(tagged("orders", domain=API, listen=listen))

    def still_answers(there: World) -> None:
        [now] = there.services.values()
        assert "http-80" in {found.name for found in now.listeners}
        assert not [found for found in now.listeners if found.protocol == "HTTPS"]

    run(world, every_look=still_answers)
    said = answer(world)
    assert (said["status"], said["domain"]) == ("failed", service.domain)
    assert said["message"].startswith("step-failed: " if fate == "refused" else "not-settling: ")
    world.fate = lambda _: "done"
    run(world)
    [now] = world.services.values()
    assert {f"{found.protocol}:{found.port}" for found in now.listeners} == set(listen.split())
    assert answer(world)["status"] == "connected"


def test_a_certificate_that_is_over_takes_no_http_down_with_it() -> None:
    world = connected(domain=API, listen="HTTP:80 HTTPS:443")
    [before] = world.services.values()
    world.lost = frozenset(one.arn for one in CERTIFICATES)
    world.tag(tagged("more", domain=API, listen="HTTP:80 HTTPS:443"))
    run(world)
    [now] = world.services.values()
    assert [(found.name, len(found.forwards)) for found in now.listeners] == [("http-80", 2), ("https-443", 2)]
    told = {one.name: world.answers(one.arn) for one in world.load_balancers.values()}
    assert {one["status"] for one in told.values()} == {"refused"}
    assert {one["message"].partition(":")[0] for one in told.values()} == {"domain-certificate"}
    assert {one["domain"] for one in told.values()} == {before.domain}


def test_domains_of_the_network_that_cannot_be_read_keep_only_who_asks_for_one_waiting() -> None:
    world = connected(listen="HTTP:80")
    world.tag(tagged("mine", domain=API, listen="HTTP:80"), tagged("plain", service="plain", listen="HTTP:80"))
    told = planned(world, unread={DOMAINS: "ListServiceNetworkServiceAssociations AccessDeniedException"}, holders={})
    assert "CreateService" in kinds(told)
    assert [step.name for step in steps(told) if isinstance(step, CreateService)] == ["plain"]
    [unread] = [one for one in told.refusals if one.code == "unread"]
    assert unread.message.startswith("deploy the newest template.yaml, or lift what denies role onramp-net-plan")
    [state] = [one for one in told.services if one.name == names.service_at(API)]
    assert state.status == "failed"
    assert state.message.startswith("unread: domains of the network cannot be read: ListServiceNetworkService")


def test_where_it_is_not_known_yet_who_has_a_domain_only_who_asks_for_it_waits() -> None:
    world = connected(listen="HTTP:80")
    world.tag(tagged("mine", domain=API, listen="HTTP:80"), tagged("plain", service="plain", listen="HTTP:80"))
    told = planned(world, holders=None)
    assert [step.name for step in steps(told) if isinstance(step, CreateService)] == ["plain"]
    assert told.pending == (f"whether domain {API} is free on the network is not known yet",)
    waits = Run(account=TEAM, trigger={}, plan=replace(told, next="wait", batches=()), seen=world.observe())
    assert narrows(network(), waits, 0.0)
    assert not narrows(network(), replace(waits, seen=replace(world.observe(), holders=None)), 0.0)


def test_whose_tls_passes_through_is_told_that_no_other_name_works() -> None:
    wish = tagged("a", "HTTP:80", "HTTPS:443", domain="api.shop.example.jp", listen="TLS_PASSTHROUGH:443")
    world = World(network()).tag(wish)
    run(world)
    answer = world.answers(wish.arn)
    assert answer["status"] == "connected"
    assert answer["message"].startswith("clients use api.shop.example.jp once its DNS record is an alias or CNAME of")
    assert answer["message"].endswith("and no other name: a connection lives 10 minutes at most")
