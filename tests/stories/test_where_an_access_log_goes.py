"""A service's access log, by tag: into a log group that is there, changed in place, and taken back."""

from typing import Any

from tests.logs import open_log_group
from tests.stories.said import BALANCER, SERVICE, TEAM, Said, connected


def log_group(said: Said, name: str) -> None:
    open_log_group(said.cloud.client("logs", TEAM), name)


def subscriptions(said: Said) -> list[dict[str, Any]]:
    lattice = said.cloud.client("vpc-lattice", TEAM)
    [found] = [one for one in lattice.list_services()["items"] if one["name"] == SERVICE]
    return [dict(one) for one in lattice.list_access_log_subscriptions(resourceIdentifier=found["arn"])["items"]]


def goes_to(said: Said) -> list[str]:
    return [one["destinationArn"].partition(":log-group:")[2] for one in subscriptions(said)]


def test_an_access_log_goes_to_the_team_s_own_group_and_moves_in_place() -> None:
    with connected() as said:
        log_group(said, "/lattice/orders")
        log_group(said, "/lattice/shop")
        said.tag(log="/lattice/orders")
        [first] = subscriptions(said)
        assert (said.told()["status"], goes_to(said)) == ("connected", ["/lattice/orders:*"])
        said.tag(log="/lattice/shop")
        assert (goes_to(said), subscriptions(said)[0]["arn"]) == (["/lattice/shop:*"], first["arn"])
        said.untag(BALANCER, "log")
        assert (goes_to(said), said.asks()) == ([], 200)


def test_a_group_that_is_not_there_is_refused_before_anything_changes() -> None:
    with connected() as said:
        log_group(said, "/lattice/orders-of-others")
        said.tag(log="/lattice/orders")
        assert said.told()["message"].startswith("log-group-missing: make log group /lattice/orders in the account")
        assert (said.asks(), goes_to(said), said.called("CreateAccessLogSubscription")) == (200, [], 0)
        log_group(said, "/lattice/orders")
        said.cloud.clock.advance(3700)
        said.cloud.settle()
        assert (said.told()["status"], goes_to(said)) == ("connected", ["/lattice/orders:*"])


def test_an_access_log_that_somebody_else_made_is_left_to_him() -> None:
    with connected() as said:
        log_group(said, "/lattice/orders")
        lattice = said.cloud.client("vpc-lattice", TEAM)
        [found] = [one for one in lattice.list_services()["items"] if one["name"] == SERVICE]
        log_group(said, "theirs")
        theirs = f"arn:aws:logs:{said.cloud.region}:{TEAM}:log-group:theirs:*"
        lattice.create_access_log_subscription(resourceIdentifier=found["arn"], destinationArn=theirs)
        said.tag(log="/lattice/orders")
        assert said.told()["message"].startswith("access-log-taken: remove the access log of service")
        assert (goes_to(said), said.asks()) == (["theirs:*"], 200)
        said.untag(BALANCER, "log")
        assert (said.told()["status"], goes_to(said)) == ("connected", ["theirs:*"])
