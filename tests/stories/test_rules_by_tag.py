"""Rules of a service by tag: which load balancer gets which requests, and that none fails while rules change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from onramp.core import tags as keys

from localcloud.door.call import Done
from localcloud.ground.journal import CallRecord, Record
from tests.stories.said import BALANCER, SERVICE, TEAM, Said, connected

DEFAULT, API, OTHER = 200, 202, 203
"""What the load balancers answer, so that it is seen which of them a request came to."""


def another(said: Said, name: str, status: int, **tags: str) -> str:
    """The ARN of one more load balancer of the department, which answers everything by this status."""
    elb = said.cloud.client("elbv2", TEAM)
    [first] = elb.describe_load_balancers(LoadBalancerArns=[BALANCER])["LoadBalancers"]
    made: str = elb.create_load_balancer(
        Name=name,
        Scheme="internal",
        Subnets=[zone["SubnetId"] for zone in first["AvailabilityZones"]],
        SecurityGroups=first["SecurityGroups"],
    )["LoadBalancers"][0]["LoadBalancerArn"]
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": str(status)}}
    elb.create_listener(LoadBalancerArn=made, Protocol="HTTP", Port=80, DefaultActions=[answer])
    said.cloud.clock.advance(said.cloud.balancer_seconds)
    network = next(
        tag["Value"]
        for found in elb.describe_tags(ResourceArns=[BALANCER])["TagDescriptions"]
        for tag in found["Tags"]
        if tag["Key"] == f"{keys.DEFAULT_PREFIX}{keys.NETWORK}"
    )
    said.tag(made, network=network, service=SERVICE, listen="HTTP:80", **tags)
    return made


def rules(said: Said) -> list[dict[str, Any]]:
    """Of the service's listener, in the order in which they are tried."""
    lattice = said.cloud.client("vpc-lattice", TEAM)
    [service] = [one for one in lattice.list_services()["items"] if one["name"] == SERVICE]
    [listener] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
    where = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
    found = [one for one in lattice.list_rules(**where)["items"] if not one["isDefault"]]
    read = [dict(lattice.get_rule(**where, ruleIdentifier=one["id"])) for one in found]
    return sorted(read, key=lambda one: int(one["priority"]))


@contextmanager
def watched(said: Said, **expected: int) -> Iterator[list[str]]:
    """Asks for these paths after every change that the product makes; what is answered otherwise is listed."""
    wrong: list[str] = []
    asking: list[bool] = []

    def hear(record: Record) -> None:
        if asking or not (isinstance(record, CallRecord) and record.function):
            return
        if record.service != "vpc-lattice" or record.operation.startswith(("Get", "List")):
            return
        asking.append(True)
        for path, status in expected.items():
            got = said.asks(f"/{path}")
            if got != status:
                wrong.append(f"/{path} is answered {got} after {record.operation}")
        asking.clear()

    said.cloud.journal.hear(hear)
    yield wrong


def test_whole_segments_of_a_path_go_to_the_load_balancer_that_asks_for_them() -> None:
    with connected() as said, watched(said, other=DEFAULT) as wrong:
        another(said, "api", API, path_prefix="/api")
        asked = {"/api": API, "/api/": API, "/api/v1/x": API, "/apis": DEFAULT, "/API": DEFAULT, "/": DEFAULT}
        assert {path: said.asks(path) for path in asked} == asked
        assert all(rule["match"]["httpMatch"]["pathMatch"]["caseSensitive"] for rule in rules(said))
        assert wrong == []


def test_methods_headers_and_whole_paths_and_their_order() -> None:
    with connected() as said:
        api = another(said, "api", API, path="/health /ready", method="GET")
        another(said, "beta", OTHER, header="x-version=beta")
        assert said.asks("/health") == API
        assert said.asks("/health", method="POST") == DEFAULT
        assert said.asks("/health/x") == DEFAULT
        assert said.asks("/", headers={"X-Version": "beta"}) == OTHER
        assert said.asks("/", headers={"X-Version": "Beta"}) == DEFAULT
        assert said.asks("/ready", headers={"x-version": "beta"}) == API
        said.tag(api, priority="99")
        assert said.asks("/ready", headers={"x-version": "beta"}) == OTHER
        assert [rule["priority"] for rule in rules(said)][1:] == [99, 100]


def test_rules_come_and_go_and_change_without_a_request_that_fails() -> None:
    with connected() as said, watched(said, api=API, web=DEFAULT) as wrong:
        api = another(said, "api", API, path_prefix="/api")
        wrong.clear()  # until then it was the default's
        said.tag(api, priority="10")
        said.tag(api, path="/health")
        said.tag(api, path_prefix="/api /v2", priority="20")
        said.untag(api, "path", "priority")
        said.tag(api, method="GET")
        assert wrong == []
        assert said.called("DeleteRule") > 0
        assert said.told(api)["status"] == "connected"
        said.untag(api, *sorted(keys.LOAD_BALANCER_KEYS))
        assert (rules(said), said.asks("/api")) == ([], DEFAULT)
        assert said.told(api) == {}


def test_a_service_of_rules_alone_answers_404_to_the_rest_says_so_and_takes_a_default_later() -> None:
    with connected() as said:
        said.tag(path_prefix="/api")
        assert (said.asks("/api"), said.asks("/")) == (DEFAULT, 404)
        told = said.told()
        assert (told["status"], told["message"].partition(":")[0]) == ("connected", "no-default")
        another(said, "rest", OTHER)
        assert (said.asks("/api"), said.asks("/"), "message" in said.told()) == (DEFAULT, OTHER, False)


def test_two_share_what_both_ask_for_and_one_that_cannot_answer_gets_nothing_of_it() -> None:
    with connected() as said:
        another(said, "api", API, path="/api", weight="1")
        another(said, "more", OTHER, path="/api", weight="999")
        [rule] = rules(said)
        assert sorted(to["weight"] for to in rule["action"]["forward"]["targetGroups"]) == [1, 999]


def test_shares_that_a_tool_shifts_are_its_own() -> None:
    with connected() as said:
        said.tag(weight="theirs")
        another(said, "green", OTHER, weight="theirs")
        before = said.called("UpdateListener")
        lattice = said.cloud.client("vpc-lattice", TEAM)
        [service] = [one for one in lattice.list_services()["items"] if one["name"] == SERVICE]
        [listener] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
        where = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
        action = lattice.get_listener(**where)["defaultAction"]
        sends = action["forward"]["targetGroups"]
        assert [(to["weight"], said.asks()) for to in sends if to["weight"]] == [(100, DEFAULT)]

        # Blue to green, as a deployment does it; the change rings, and a sweep looks again.
        for to in sends:
            to["weight"] = 0 if to["weight"] else 100
        lattice.update_listener(**where, defaultAction=action)
        said.cloud.settle()
        said.cloud.clock.advance(3600)
        said.cloud.settle()
        assert (said.asks(), said.told()["status"], said.called("UpdateListener")) == (OTHER, "connected", before)


def read_by_the_writer(said: Said) -> list[str]:
    """The actions that are read before they are changed, from now on."""
    asked: list[str] = []

    def ask(done: Done) -> None:
        if done.operation in {"GetListener", "GetRule"} and (done.caller.role or "").endswith("-writer"):
            asked.append(done.operation)

    said.cloud.gate.observe(ask)
    return asked


def test_a_share_that_a_tool_shifts_between_the_look_and_the_step_is_not_put_back() -> None:
    with connected() as said:
        said.tag(weight="theirs")
        another(said, "green", OTHER, weight="theirs")
        lattice = said.cloud.client("vpc-lattice", TEAM)
        [service] = [one for one in lattice.list_services()["items"] if one["name"] == SERVICE]
        [listener] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
        where = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}

        def shares() -> dict[str, int]:
            sends = lattice.get_listener(**where)["defaultAction"]["forward"]["targetGroups"]
            return {to["targetGroupIdentifier"]: to["weight"] for to in sends}

        [blue] = [group for group, weight in shares().items() if weight]
        [green] = shares().keys() - {blue}
        shifts: list[int] = []

        def shift(done: Done) -> None:
            """A canary's next step comes just after our look, four times."""
            if done.operation == "GetListener" and (done.caller.role or "").endswith("-reader") and len(shifts) < 4:
                shifts.append(10 * len(shifts) + 10)
                to = ((blue, 100 - shifts[-1]), (green, shifts[-1]))
                sends = [{"targetGroupIdentifier": group, "weight": weight} for group, weight in to]
                lattice.update_listener(**where, defaultAction={"forward": {"targetGroups": sends}})

        asked = read_by_the_writer(said)
        before = said.called("UpdateListener")
        said.cloud.gate.observe(shift)
        another(said, "third", OTHER, weight="theirs")
        assert shifts == [10, 20, 30, 40]
        assert {group: weight for group, weight in shares().items() if group in {blue, green}} == {blue: 60, green: 40}
        assert (len(shares()), sum(shares().values()), said.told()["status"]) == (3, 100, "connected")
        # The tool's own calls are counted, too, since they come within a function's; the rest is ours.
        assert (len(asked), said.called("UpdateListener") - before - len(shifts)) == (4, 1)


def test_without_a_tool_no_action_is_read_before_it_is_changed() -> None:
    with connected() as said:
        asked = read_by_the_writer(said)
        before = said.called("UpdateListener")
        another(said, "green", OTHER)
        assert (asked, said.called("UpdateListener") > before) == ([], True)


def test_a_newcomer_that_answers_nothing_takes_no_request_from_those_who_do() -> None:
    with connected() as said:
        broken = another(said, "broken", 500, path="/api")
        assert (said.asks("/api"), rules(said)) == (DEFAULT, [])
        assert said.told(broken)["message"].startswith("listener-answers-itself: ")


def test_what_is_taken_already_is_refused_to_a_newcomer_alone() -> None:
    with connected() as said:
        another(said, "first", API, path="/a", priority="7")
        second = another(said, "second", OTHER, path="/b", priority="7")
        told = said.told(second)
        assert (told["status"], told["message"].partition(":")[0]) == ("refused", "rule-taken")
        assert (said.asks("/a"), said.asks("/b")) == (API, DEFAULT)
        said.tag(second, priority="8")
        assert said.asks("/b") == OTHER


def test_rules_by_other_hands_stay_and_ours_come_beside_them() -> None:
    with connected() as said:
        lattice = said.cloud.client("vpc-lattice", TEAM)
        [service] = lattice.list_services()["items"]
        [listener] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
        theirs = lattice.create_rule(
            serviceIdentifier=service["id"],
            listenerIdentifier=listener["id"],
            name="theirs",
            priority=57,
            match={"httpMatch": {"pathMatch": {"match": {"exact": "/theirs"}}}},
            action={"fixedResponse": {"statusCode": 500}},
        )["arn"]
        another(said, "api", API, path="/api")
        assert (said.asks("/api"), said.asks("/theirs")) == (API, 500)
        assert theirs in {rule["arn"] for rule in rules(said)}
        [ours] = [rule for rule in rules(said) if rule["arn"] != theirs]
        lattice.delete_rule(
            serviceIdentifier=service["id"], listenerIdentifier=listener["id"], ruleIdentifier=ours["id"]
        )
        said.cloud.clock.advance(3600)  # nobody heard of it but the sweep
        said.cloud.settle()
        assert said.asks("/api") == API


def test_whom_no_request_reaches_for_a_rule_of_a_hand_is_told_until_it_is_gone() -> None:
    with connected() as said:
        lattice = said.cloud.client("vpc-lattice", TEAM)
        [service] = lattice.list_services()["items"]
        [listener] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
        where = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
        theirs = lattice.create_rule(
            **where,
            name="theirs",
            priority=1,
            match={"httpMatch": {"pathMatch": {"match": {"prefix": "/"}}}},
            action={"fixedResponse": {"statusCode": 500}},
        )["arn"]
        for hours in (7, 1, 1):
            # The first sweep that looks for hands sees it, and those after it that look for none tell the same.
            said.cloud.clock.advance(hours * 3600)
            said.cloud.settle()
            answer = said.told()
            assert (answer["status"], "domain" in answer) == ("unreachable", False)
            assert answer["message"].startswith("rule-takes-all: remove rule theirs of listener")
        lattice.delete_rule(**where, ruleIdentifier=theirs)
        said.cloud.clock.advance(3600)
        said.cloud.settle()
        assert (said.asks("/"), said.told()["status"]) == (DEFAULT, "connected")


def test_a_rule_of_a_hand_that_sends_to_who_leaves_goes_on_though_no_look_has_read_it() -> None:
    with connected() as said:
        second = another(said, "second", OTHER)
        lattice = said.cloud.client("vpc-lattice", TEAM)
        [service] = lattice.list_services()["items"]
        [listener] = lattice.list_listeners(serviceIdentifier=service["id"])["items"]
        [group] = [
            one["id"]
            for one in lattice.list_target_groups()["items"]
            for target in lattice.list_targets(targetGroupIdentifier=one["id"])["items"]
            if target["id"] == second
        ]
        where = {"serviceIdentifier": service["id"], "listenerIdentifier": listener["id"]}
        theirs = lattice.create_rule(
            **where,
            name="theirs",
            priority=57,
            match={"httpMatch": {"pathMatch": {"match": {"exact": "/theirs"}}}},
            action={"forward": {"targetGroups": [{"targetGroupIdentifier": group}]}},
        )["id"]
        with watched(said, theirs=OTHER) as wrong:
            said.untag(second, *sorted(keys.LOAD_BALANCER_KEYS))
            said.cloud.clock.advance(8 * 3600)
            said.cloud.settle()
        assert (wrong, said.asks("/theirs"), said.asks()) == ([], OTHER, DEFAULT)
        lattice.delete_rule(**where, ruleIdentifier=theirs)
        said.cloud.clock.advance(3600)
        said.cloud.settle()
        assert len(lattice.list_target_groups()["items"]) == 1


def test_the_walk_through_costs_not_one_call_more_for_rules() -> None:
    with connected() as said:
        said.cloud.clock.advance(2 * 3600)
        assert (said.called("ListRules"), said.called("GetRule"), said.called("CreateRule")) == (0, 0, 0)
