"""Worlds that no story tells of: other names, accounts, addresses, ports, prefixes, and several of everything."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from replay.play import play_story
from replay.story import load_story
from replay.telling import Options, Result

INFRA, SHOP, TILLS = "444444444444", "555555555555", "666666666666"
VPCS = {INFRA: "vpc-0aaaaaaaaaaaaaaa1", SHOP: "vpc-0bbbbbbbbbbbbbbb2", TILLS: "vpc-0ccccccccccccccc3"}
NETS = {INFRA: "172.20", SHOP: "192.168", TILLS: "10.200"}

type Script = list[dict[str, Any]]

SETTLED = {"wait": "settled"}


def an_account(account: str, *balancers: str, ports: tuple[int, ...] = (8080,), trail: bool = False) -> dict[str, Any]:
    """An account with one VPC, a server at .1.10, and load balancers that each send to a server of their own."""
    net = NETS[account]
    servers: list[dict[str, Any]] = [
        {
            "name": f"server-{number}",
            "vpc": "main",
            "ip": f"{net}.2.{number}",
            "serves": [{"port": 9000, "server": f"caddy-{number}"}],
        }
        for number, _ in enumerate(balancers, 10)
    ]
    return {
        "id": account,
        "name": f"account {account[0]}",
        "trail": trail,
        "vpcs": [
            {
                "name": "main",
                "id": VPCS[account],
                "cidr": f"{net}.0.0/16",
                "subnets": [f"{net}.1.0/24", f"{net}.2.0/24"],
            }
        ],
        "instances": [{"name": "caller", "vpc": "main", "ip": f"{net}.1.10"}, *servers],
        "load_balancers": [
            {
                "name": name,
                "id": f"{number:016x}",
                "vpc": "main",
                "listeners": [{"port": port, "protocol": "HTTP", "targets": [f"server-{number}"]} for port in ports],
            }
            for number, name in enumerate(balancers, 10)
        ],
    }


def arn(account: str, name: str, number: int = 10) -> str:
    return f"arn:aws:elasticloadbalancing:ap-northeast-1:{account}:loadbalancer/app/{name}/{number:016x}"


def tag(account: str, resource: str, prefix: str = "lattice:", **tags: str) -> dict[str, Any]:
    """A team tags its load balancer (by ARN) or VPC."""
    given = [{"Key": prefix + key.replace("_", "-"), "Value": value} for key, value in tags.items()]
    if resource.startswith("arn:"):
        return _do(account, "elbv2.add_tags", ResourceArns=[resource], Tags=given)
    return _do(account, "ec2.create_tags", Resources=[resource], Tags=given)


def untag(account: str, resource: str, *keys: str, prefix: str = "lattice:") -> dict[str, Any]:
    if resource.startswith("arn:"):
        return _do(account, "elbv2.remove_tags", ResourceArns=[resource], TagKeys=[prefix + key for key in keys])
    return _do(account, "ec2.delete_tags", Resources=[resource], Tags=[{"Key": prefix + key} for key in keys])


def _do(account: str, call: str, **given: Any) -> dict[str, Any]:
    return {"do": {"account": account, "call": call, "with": given}}


def asks(account: str, to: str, **expect: Any) -> dict[str, Any]:
    return {"request": {"from": f"{NETS[account]}.1.10", "to": to, "expect": expect}}


def play(
    folder: Path,
    accounts: list[dict[str, Any]],
    script: Script,
    *,
    network: str = "blue-mesh",
    organization: str = "",
    expect: dict[str, Any] | None = None,
    options: Options = Options(),  # noqa: B008 - it is frozen
    **parameters: str,
) -> Result:
    """Play it as `onramp replay` would; nothing may come out otherwise than expected."""
    ids = [account["id"] for account in accounts]
    joined = {"OrganizationId": organization} if organization else {"MemberAccounts": ",".join(ids)}
    parameters = {"QuietSeconds": "0", "KeepSeconds": "0", **parameters}
    world: dict[str, Any] = {
        "accounts": accounts,
        "network": {
            "account": INFRA,
            "name": network,
            "parameters": {"NetworkName": network, **joined, **parameters},
        },
        "members": ids,
    }
    if organization:
        world["organization"] = {"id": organization}
    file = folder / "story.yaml"
    file.write_text(yaml.safe_dump({"title": "A world", "world": world, "script": script, "expect": expect or {}}))
    result = play_story(load_story(file), options, lambda _: None)
    assert [f"{it.where}: {it.reason}" for it in result.unmet] == []
    return result


def told(result: Result, account: str, resource: str) -> dict[str, str]:
    """The answers on a resource at the end, by the last part of their keys."""
    short = resource.partition(":loadbalancer/")[2] or resource
    found = {}
    for name, value in result.end.things.items():
        who, _, rest = name.partition(" tag lattice-onramp:")
        key, _, on = rest.partition(" of ")
        if (who, on) == (account, short):
            found[key] = value
    return found


def codes(result: Result) -> set[str]:
    return {refusal.code for run in result.runs for round_ in run.rounds for refusal in round_.plan.refusals}


GONE: dict[str, Any] = {"services": [], "clients": [], "leftovers": [], "world": "as remembered"}


def test_a_client_in_a_member_account_and_services_of_two_departments(tmp_path: Path) -> None:
    till, orders, bills = VPCS[TILLS], arn(SHOP, "Orders-Front"), arn(TILLS, "svc-bills")
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "Orders-Front"), an_account(TILLS, "svc-bills")],
        [
            tag(SHOP, orders, network="green-mesh", listen="HTTP:8443", service="orders"),
            tag(TILLS, bills, network="green-mesh", listen="HTTP:81", service="bills"),
            tag(TILLS, till, network="green-mesh", ports="8443 81", allow_from="10.200.1.0/24"),
            SETTLED,
            asks(TILLS, "orders", status=200, server="caddy-10"),
            asks(TILLS, "bills", status=200, server="caddy-10"),
            {"request": {"from": "10.200.2.10", "to": "orders", "expect": {"stopped_at": "security group"}}},
            asks(INFRA, "orders", stopped_at="vpc association"),
            untag(SHOP, orders, "network", "listen", "service"),
            SETTLED,
            asks(TILLS, "bills", status=200),
            untag(TILLS, till, "network", "ports", "allow-from"),
            untag(TILLS, bills, "network", "listen", "service"),
            SETTLED,
        ],
        network="green-mesh",
        expect=GONE,
    )
    assert [asked.url.partition("://")[2].count(":8443/") for asked in result.requests[:2]] == [1, 0]


def test_several_load_balancers_behind_one_service_by_weight_on_both_listeners(tmp_path: Path) -> None:
    first, second = arn(SHOP, "front-1"), arn(SHOP, "front-2", 11)
    wish = {"network": "blue-mesh", "service": "shop", "listen": "HTTP:81 HTTP:8000"}
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "front-1", "front-2", ports=(8080, 8081))],
        [
            tag(SHOP, first, target="HTTP:8081", weight="0", **wish),
            tag(SHOP, second, target="HTTP:8080", weight="7", **wish),
            tag(SHOP, VPCS[SHOP], network="blue-mesh", ports="81 8000"),
            SETTLED,
            asks(SHOP, "http://${service shop}:81/", status=200, server="caddy-11"),
            asks(SHOP, "http://${service shop}:8000/a", status=200, server="caddy-11"),
            # The one that serves leaves; the other takes over when its weight allows it.
            untag(SHOP, second, "network"),
            tag(SHOP, first, weight="1"),
            SETTLED,
            asks(SHOP, "shop", status=200, server="caddy-10"),
        ],
        organization="o-a1b2c3d4e5",
    )
    assert told(result, SHOP, first)["status"] == "connected"
    # Its other tags are still there: without the network's they ask for nothing, and the answer went with it.
    assert told(result, SHOP, second) == {}
    assert result.end.services[0].listens == ("HTTP:8000", "HTTP:81")


def test_a_name_that_lattice_would_not_take_is_made_valid(tmp_path: Path) -> None:
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "svc-9")],
        [tag(SHOP, arn(SHOP, "svc-9"), network="blue-mesh", listen="HTTP"), SETTLED],
    )
    [service] = result.services
    assert service.status == "connected"
    assert not service.name.startswith("svc-")


@pytest.mark.parametrize("options", [Options(), Options(twice=True, shuffle=3)], ids=["as told", "disturbed"])
def test_under_another_prefix_the_same_tags_work_and_their_events_are_told_as_heard(
    tmp_path: Path, options: Options
) -> None:
    prefix, orders = "team/mesh:", arn(SHOP, "orders")
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        [
            tag(SHOP, orders, network="nowhere"),  # the default prefix means nothing here
            SETTLED,
            tag(SHOP, orders, prefix, network="blue-mesh", listen="HTTP:81"),
            SETTLED,
            untag(SHOP, orders, "network", "listen", prefix=prefix),
            untag(SHOP, orders, "network"),
            SETTLED,
        ],
        expect=GONE,
        options=options,
        TagPrefix=prefix,
    )
    heard = [event.document["detail"] for event in result.events if event.source == "aws.tag" and not event.why]
    assert {key for detail in heard for key in detail["changed-tag-keys"]} == {f"{prefix}network", f"{prefix}listen"}


def test_with_status_tags_off_nothing_is_written_on_what_a_team_owns(tmp_path: Path) -> None:
    orders = arn(SHOP, "orders")
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        [
            tag(SHOP, orders, network="blue-mesh", listen="HTTP:81"),
            tag(SHOP, VPCS[SHOP], network="blue-mesh", ports="81"),
            SETTLED,
            asks(SHOP, "orders", status=200),
        ],
        StatusTags="off",
    )
    assert (told(result, SHOP, orders), told(result, SHOP, VPCS[SHOP])) == ({}, {})
    assert "WriteStatus" not in {step.kind for run in result.runs for round_ in run.rounds for step in round_.steps}


def test_what_moves_to_a_siblings_network_that_does_not_look_goes_on(tmp_path: Path) -> None:
    """Its stack is not there yet, or not any more: nobody would have it instead."""
    orders = arn(SHOP, "orders")
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        [
            tag(SHOP, orders, network="blue-mesh", listen="HTTP:81"),
            tag(SHOP, VPCS[SHOP], network="blue-mesh", ports="81"),
            SETTLED,
            tag(SHOP, orders, network="green-mesh"),
            tag(SHOP, VPCS[SHOP], network="green-mesh"),
            SETTLED,
            asks(SHOP, "orders", status=200),
        ],
        SiblingNetworks="green-mesh",
        expect={"refusals": []},
    )
    assert [told(result, SHOP, thing)["status"] for thing in (orders, VPCS[SHOP])] == ["connected", "connected"]


def test_a_load_balancer_that_is_deleted_while_tagged_is_unwound(tmp_path: Path) -> None:
    orders = arn(SHOP, "orders")
    play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders", trail=True)],
        [
            tag(SHOP, orders, network="blue-mesh", listen="HTTP:81"),
            SETTLED,
            _do(SHOP, "elbv2.delete_load_balancer", LoadBalancerArn=orders),
            SETTLED,
        ],
        expect={"services": [], "leftovers": []},
    )


def test_both_tags_removed_at_once_undo_both(tmp_path: Path) -> None:
    orders, vpc = arn(SHOP, "orders"), VPCS[SHOP]
    play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        [
            tag(SHOP, vpc, network="blue-mesh", ports="81"),
            tag(SHOP, orders, network="blue-mesh", listen="HTTP:81"),
            SETTLED,
            asks(SHOP, "orders", status=200),
            untag(SHOP, orders, "network", "listen"),
            untag(SHOP, vpc, "network", "ports"),
            SETTLED,
        ],
        expect=GONE,
    )


def test_over_the_deletion_limit_nothing_goes_and_all_goes_on_serving(tmp_path: Path) -> None:
    orders = arn(SHOP, "orders")
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        [
            tag(SHOP, VPCS[SHOP], network="blue-mesh", ports="81"),
            tag(SHOP, orders, network="blue-mesh", listen="HTTP:81"),
            SETTLED,
            untag(SHOP, orders, "network"),
            untag(SHOP, VPCS[SHOP], "network"),
            SETTLED,
            asks(SHOP, "orders", status=200),
        ],
        DeletionLimit="1",
    )
    assert codes(result) == {"deletion-limit"}


# --- a person's no


def rejecting(*after: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tag(SHOP, arn(SHOP, "orders"), network="blue-mesh", listen="HTTP:81")
    yield {"wait": {"until": {"invitation": SHOP}}}
    yield _do(SHOP, "ram.reject_resource_share_invitation", resourceShareInvitationArn="${invitation}")
    yield from after


def test_a_rejected_invitation_is_not_sent_again_for_a_day(tmp_path: Path) -> None:
    """Where people accept: else the run accepts within seconds (what then is rejected all the same: core/test_plan)."""
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        list(rejecting(SETTLED, {"sweep": SHOP}, {"wait": "3h"}, SETTLED)),
        Acceptance="manual",
    )
    kinds = [step.kind for run in result.runs for round_ in run.rounds for step in round_.steps]
    assert kinds.count("ShareNetwork") == 1
    assert "AcceptShare" not in kinds
    said = told(result, SHOP, arn(SHOP, "orders"))
    assert said["status"] == "waiting"
    assert said["message"].startswith("accept the next invitation in RAM a day after the last or remove the tag")
    assert codes(result) == set()


def test_a_day_after_a_no_the_account_is_invited_again_and_a_yes_connects_it(tmp_path: Path) -> None:
    accept = _do(SHOP, "ram.accept_resource_share_invitation", resourceShareInvitationArn="${invitation}")
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        list(rejecting(SETTLED, {"wait": "25h"}, {"wait": {"until": {"invitation": SHOP}}}, accept, SETTLED)),
        Acceptance="manual",
    )
    assert [service.status for service in result.services] == ["connected"]
    assert told(result, SHOP, arn(SHOP, "orders"))["status"] == "connected"


def test_an_invitation_that_nobody_answers_is_sent_again_when_it_has_expired(tmp_path: Path) -> None:
    result = play(
        tmp_path,
        [an_account(INFRA), an_account(SHOP, "orders")],
        [
            tag(SHOP, arn(SHOP, "orders"), network="blue-mesh", listen="HTTP:81"),
            SETTLED,
            {"wait": "14h"},
            SETTLED,
            _do(SHOP, "ram.accept_resource_share_invitation", resourceShareInvitationArn="${invitation}"),
            SETTLED,
        ],
        Acceptance="manual",
    )
    assert [service.status for service in result.services] == ["connected"]
