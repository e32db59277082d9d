"""With Language=ja answers and mails are in Japanese, whether AWS takes Japanese in tags or not."""

import re
from collections.abc import Iterator

import pytest
from onramp.core import tags

from localcloud.ground.journal import CallRecord
from tests.stories.said import BALANCER, CALLERS, SERVICE, TEAM, VPC, Said
from tests.stories.staged import STORY, deployed

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
NETWORK = "adways-vpc-lattice-network"
WRONG = "HTTP:99"
MISSING = "target-missing: タグ lattice:target にロードバランサーのリスナーを 1 つ書いてください: 今の値は HTTP:99 で"
ENGLISH = "target-missing: name one of the load balancer s listeners in tag lattice:target: it has HTTP:99 and the load"


@pytest.fixture(params=[False, True], ids=["taken", "refused"])
def said(request: pytest.FixtureRequest) -> Iterator[Said]:
    with deployed(Language="ja", NoticeMinutes="0") as cloud:
        cloud.ascii_tags = request.param
        yield Said(cloud)


def puts(said: Said) -> list[bool]:
    """Whether it was taken, of each call that puts an answer of ours on the load balancer."""
    return [
        call.outcome == "ok"
        for call in said.cloud.journal.of(CallRecord)
        if call.operation == "AddTags" and "lattice-onramp:" in str(call.params)
    ]


def hourly(said: Said) -> None:
    said.cloud.clock.advance(3700)
    said.cloud.settle()


def test_an_answer_is_in_japanese_or_where_aws_does_not_take_that_in_english(said: Said) -> None:
    said.tag(network=NETWORK, service=SERVICE, listen="HTTP:80", target=WRONG)
    told = said.told()
    assert told["status"] == "refused"
    assert told["message"].startswith(ENGLISH if said.cloud.ascii_tags else MISSING)
    assert told["message"].endswith(tags.IN_ENGLISH) == said.cloud.ascii_tags
    said.tag(VPC, network=NETWORK)
    said.tag(target="HTTP:80")
    assert (said.told()["status"], said.told(VPC)["status"]) == ("connected", "connected")
    assert "message" not in said.told()


def test_what_was_refused_once_is_not_tried_again_by_any_sweep(said: Said) -> None:
    said.tag(network=NETWORK, service=SERVICE, listen="HTTP:80", target=WRONG)
    assert puts(said) == ([False, True] if said.cloud.ascii_tags else [True])
    before = said.told()
    hourly(said)
    hourly(said)
    assert len(puts(said)) == (2 if said.cloud.ascii_tags else 1)
    assert said.told() == before
    said.tag(target="HTTP:98")  # another answer: AWS may have learned it meanwhile
    assert len(puts(said)) == (4 if said.cloud.ascii_tags else 2)


def test_whoever_deploys_another_language_reads_it_after_the_next_look(said: Said) -> None:
    elb = said.cloud.client("elbv2", TEAM)
    said.tag(network=NETWORK, service=SERVICE, listen="HTTP:80", target=WRONG)
    english = {"Key": tags.MESSAGE, "Value": f"{ENGLISH} balancer listens on HTTP:80"}
    elb.add_tags(ResourceArns=[BALANCER], Tags=[english])
    hourly(said)
    assert said.told()["message"].endswith(tags.IN_ENGLISH) == said.cloud.ascii_tags
    assert said.told()["message"] != english["Value"]


def test_a_mail_is_in_japanese_under_a_subject_in_ascii(said: Said) -> None:
    said.tag(VPC, network="elsewhere")
    said.cloud.clock.advance(900)
    said.cloud.settle()
    assert STORY.world.network is not None
    sns = [call for call in said.cloud.journal.of(CallRecord) if call.operation == "Publish"]
    assert sns
    text = str(sns[-1].params["Message"])
    assert re.search(r"^- vpc-\w+: network-unknown: このアカウントが参加できるのは", text, re.MULTILINE)
    assert text.startswith(f"ネットワーク {NETWORK}、アカウント {CALLERS}:")
    assert str(sns[-1].params["Subject"]).isascii()
