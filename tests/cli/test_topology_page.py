"""`onramp topology` as a page in a real browser, as a picture, a diagram, data and a table."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from onramp.core.topology import Balancer, Client, Network, Service, Topology, Unread
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console

from cli import topology
from tests.patience import PATIENCE
from tests.wire.served import HERE, REGION, Served, clean_environment, up

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium is installed: apt-get install chromium (make browser) lets these tests look"
)

SHOP, PAY, INFRA = "222222222222", "333333333333", "111111111111"
SMALL = Topology(
    networks=(
        Network(id="sn-1", arn="arn:sn-1", account=INFRA, name="shared", auth="NONE"),
        Network(id="sn-2", arn="arn:sn-2", account=INFRA, name="test", auth="AWS_IAM"),
    ),
    clients=(
        Client(id="vpc-1", account=INFRA, vpc="vpc-1", network="sn-1", state="connected", name="office"),
        Client(id="vpc-2", account=SHOP, vpc="vpc-2", network="sn-2", state="connected"),
    ),
    services=(
        Service(id="svc-1", account=SHOP, name="orders", domain="orders.on.aws", networks=("sn-1",), state="connected"),
        Service(id="svc-2", account=PAY, name="pay", domain="pay.on.aws", networks=("sn-2",), state="connected"),
        Service(
            id=f"{PAY}/ledger",
            account=PAY,
            name="ledger",
            domain="",
            networks=("sn-1",),
            state="refused",
            code="not-internal",
            message="make it internal </script><script>alert(1)</script>",
        ),
    ),
    balancers=(
        Balancer(id="alb-1", account=SHOP, name="orders-blue", service="svc-1", state="connected"),
        Balancer(id="alb-2", account=PAY, name="ledger-alb", service=f"{PAY}/ledger", state="refused"),
    ),
    unread=(Unread(account=PAY, why="its reader role cannot be assumed"),),
)


def large(services: int = 500) -> Topology:
    """Fifty accounts with ten services each, one in fifty refused, and a client in each account."""
    accounts = [f"{400000000000 + number}" for number in range(max(1, services // 10))]
    return Topology(
        networks=SMALL.networks[:1],
        clients=tuple(
            Client(id=f"vpc-{account}", account=account, vpc=f"vpc-{account}", network="sn-1", state="connected")
            for account in accounts
        ),
        services=tuple(
            Service(
                id=f"svc-{number:03}",
                account=accounts[number % len(accounts)],
                name=f"service-{number:03}",
                domain=f"service-{number:03}.on.aws",
                networks=("sn-1",),
                state="refused" if number % 50 == 7 else "connected",
            )
            for number in range(services)
        ),
    )


# --- in the browser -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with sync_playwright() as playing:
        made = playing.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield made
        made.close()


class Opened:
    """A page as somebody has it before them; `asked` is what it asked others for, `wrong` what went wrong in it."""

    def __init__(self, browser: Browser, file: Path, **how: Any) -> None:
        self.page: Page = browser.new_context(viewport={"width": 1280, "height": 800}, **how).new_page()
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda line: self.wrong.append(line.text) if line.type == "error" else None)
        self.page.goto(file.as_uri())

    def names(self, chosen: str = ".node") -> list[str]:
        return [it.text_content() or "" for it in self.page.locator(f"#view {chosen} .title").all()]

    def detail(self) -> str:
        return self.page.locator("#detail").inner_text()


def opened(browser: Browser, folder: Path, what: Topology, **how: Any) -> Opened:
    file = folder / "network.html"
    file.write_text(topology.page(what), encoding="utf-8")
    return Opened(browser, file, **how)


def test_a_page_bears_the_notice_of_whose_code_is_in_it() -> None:
    """It is a copy of dagre, whose licence asks for that; NOTICE goes with the project and not with the page."""
    notice = (ROOT / "NOTICE").read_text()
    said = " ".join(notice[notice.index("Copyright (c) 2012-2014 Chris Pettitt") :].split())
    assert said.endswith("SOFTWARE.")
    assert said in " ".join(topology.page(SMALL).split())


@needs_chromium
def test_the_page_shows_everything_and_asks_nobody(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, SMALL)
    assert sorted(seen.names()) == sorted(
        ["shared", "test", "office", "vpc-2", "orders", "pay", "ledger", "orders-blue", "ledger-alb"]
    )
    assert [url.partition(":")[0] for url in seen.asked] == ["file"]
    assert seen.wrong == []
    assert seen.page.title() == "shared, test"


@needs_chromium
def test_what_is_not_well_is_at_the_top_and_the_keyboard_goes_downwards(browser: Browser, tmp_path: Path) -> None:
    some = tuple(
        Service(
            id=f"svc-{name}",
            account=SHOP,
            name=name,
            domain=f"{name}.on.aws",
            networks=("sn-1",),
            state="unreachable" if name == "c" else "connected",
        )
        for name in "abcd"
    )
    seen = opened(browser, tmp_path, replace(SMALL, services=some, balancers=(), clients=()))
    boxes = seen.page.locator("#view .node.service")
    where = {str(it.get_attribute("data-id")): (it.bounding_box() or {})["y"] for it in boxes.all()}
    assert [it.get_attribute("data-id") for it in boxes.all()] == ["svc-c", "svc-a", "svc-b", "svc-d"]
    assert sorted(where, key=lambda one: where[one]) == list(where)


@needs_chromium
@pytest.mark.parametrize("services", [50, 500])
def test_the_first_view_has_what_is_not_well_its_network_and_who_calls(
    browser: Browser, tmp_path: Path, services: int
) -> None:
    seen = opened(browser, tmp_path, large(services))
    shown = [
        seen.page.locator("#view .node.refused").first,
        seen.page.locator("#view .node.network"),
        seen.page.locator("#view .node.client").first,
    ]
    for it in shown:
        box = it.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= 800 - box["height"]
    bad = [it.text_content() or "" for it in seen.page.locator("#found button").all()]
    assert seen.page.locator("#told").inner_text() == f"{len(bad)} not connected"
    assert len(bad) == services // 50
    seen.page.locator("#found button").first.click()
    assert seen.names(".node.selected") == ["service-007"]


@needs_chromium
def test_a_click_shows_a_services_path_and_who_may_call_it(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, SMALL)
    seen.page.locator("#view .node", has_text="orders.on").or_(seen.page.locator('[data-id="svc-1"]')).click()
    assert sorted(seen.names(".node.on")) == ["office", "orders", "orders-blue", "shared"]
    assert "May be called from (1)" in seen.detail()
    assert "orders.on.aws" in seen.detail()
    assert float(seen.page.locator('[data-id="svc-2"]').evaluate("it => getComputedStyle(it).opacity")) < 0.5
    seen.page.keyboard.press("Escape")
    assert seen.names(".node.on") == []


@needs_chromium
def test_what_is_refused_says_why_and_runs_no_script_of_its_own(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, SMALL)
    dialogs: list[str] = []
    seen.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    seen.page.locator(f'#view [data-id="{PAY}/ledger"]').click()
    assert "not-internal" in seen.detail()
    assert "</script><script>alert(1)</script>" in seen.detail()
    assert "its reader role cannot be assumed" in seen.detail()
    assert (dialogs, seen.wrong) == ([], [])


@needs_chromium
def test_all_of_it_can_be_done_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, SMALL)
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("pay.on")
    assert seen.page.locator("#told").inner_text() == "1 found"
    seen.page.keyboard.press("ArrowDown")
    seen.page.keyboard.press("Enter")
    assert sorted(seen.names(".node.on")) == ["pay", "test", "vpc-2"]
    assert seen.page.evaluate("document.activeElement.dataset.id") == "svc-2"
    seen.page.keyboard.press("Enter")
    assert seen.names(".node.on") == []
    before = seen.page.locator("#view svg").bounding_box()
    seen.page.keyboard.press("+")
    after = seen.page.locator("#view svg").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]


@needs_chromium
def test_it_is_filtered_by_account_and_state(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, SMALL)
    seen.page.select_option("#account", PAY)
    assert sorted(seen.names()) == ["ledger", "ledger-alb", "pay", "shared", "test"]
    seen.page.locator('#states input[value="connected"]').uncheck()
    assert sorted(seen.names()) == ["ledger", "ledger-alb", "shared", "test"]


@needs_chromium
@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(14, 20, 27)")])
def test_it_is_light_or_dark_as_the_reader_likes(browser: Browser, tmp_path: Path, scheme: str, paper: str) -> None:
    seen = opened(browser, tmp_path, SMALL, color_scheme=scheme)
    background = "getComputedStyle(document.body).backgroundColor"
    assert seen.page.evaluate(background) == paper
    seen.page.locator("#theme").click()
    assert seen.page.evaluate(background) != paper


@needs_chromium
def test_five_hundred_services_stand_by_account_until_one_is_looked_for(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, large())
    assert len(seen.names(".node.account")) == 50
    assert (
        "10 services, 1 not connected" in seen.page.locator("#view").inner_text()
        or seen.page.locator(".node.account.refused").count()
    )
    seen.page.fill("#search", "service-123")
    seen.page.locator("#found button").click()
    assert seen.names(".node.selected") == ["service-123"]
    assert "May be called from (50)" in seen.detail()
    box = seen.page.locator(".node.selected").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 800, "it is scrolled to where it can be seen"
    assert seen.wrong == []


@needs_chromium
def test_nothing_at_all_is_a_page_as_well(browser: Browser, tmp_path: Path) -> None:
    seen = opened(browser, tmp_path, Topology())
    assert seen.page.locator("#empty").is_visible()
    assert seen.wrong == []


# --- without one --------------------------------------------------------------------------------------------


def test_the_picture_alone_is_drawn_without_a_browser() -> None:
    drawn = topology.picture(SMALL)
    assert drawn.startswith("<svg ")
    assert sorted(re.findall(r'<text class="title"[^>]*>([^<]*)<', drawn)) == sorted(
        ["shared", "test", "office", "vpc-2", "orders", "pay", "ledger", "orders-blue", "ledger-alb"]
    )
    assert drawn.count('<path class="edge"') == 7


def test_a_mermaid_diagram_has_a_line_a_thing_and_an_edge() -> None:
    lines = topology.diagram(SMALL).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  n0{{"shared<br>111111111111"}}' in lines
    assert sum(" --> " in line for line in lines) == 7
    assert "  classDef refused stroke:#c5221f" in lines
    assert not any("</script>" in line for line in lines)


def test_a_terminal_gets_a_table_a_network() -> None:
    console = Console(record=True, width=140)
    topology.show(console, SMALL)
    said = console.export_text()
    assert "not-internal: make it internal" in said
    assert "2 networks, 2 clients, 3 services (1 refused), 2 load balancers" in said
    empty = Console(record=True, width=140)
    topology.show(empty, Topology())
    assert "No network can be seen from here." in empty.export_text()


def test_a_terminal_shows_who_is_refused_behind_a_service_that_serves() -> None:
    green = Balancer(
        id="alb-3",
        account=SHOP,
        name="orders-green",
        service="svc-1",
        state="refused",
        code="listen-conflict",
        message="give them the same lattice:listen",
    )
    console = Console(record=True, width=140)
    topology.show(console, replace(SMALL, balancers=(*SMALL.balancers, green)))
    lines = console.export_text().splitlines()
    [at] = [number for number, line in enumerate(lines) if "orders-green" in line]
    assert "orders " in lines[at - 1]
    assert "refused" in lines[at]
    assert "listen-conflict: give them the same lattice:listen" in lines[at]
    assert not any("orders-blue" in line for line in lines), "of one that serves the service's own line tells"


def test_in_a_pipe_no_name_is_broken_over_lines() -> None:
    [service, *_] = [it for it in SMALL.services if it.networks]
    long = msgspec.structs.replace(service, domain=f"{'a' * 60}.7d67968.vpc-lattice-svcs.ap-northeast-1.on.aws")
    others = tuple(it for it in SMALL.services if it is not service)
    whole = msgspec.structs.replace(SMALL, services=(long, *others))
    pipe, terminal = io.StringIO(), io.StringIO()
    topology.show(Console(file=pipe, width=80), whole)
    topology.show(Console(file=terminal, width=80, force_terminal=True), whole)
    assert long.domain in pipe.getvalue()
    assert not any(len(line) > 1000 or line != line.rstrip() for line in pipe.getvalue().splitlines())
    assert long.domain not in terminal.getvalue()


def test_what_is_vendored_is_what_its_notice_says() -> None:
    notice = (ROOT / "NOTICE").read_text()
    text = (ROOT / "cli" / "page" / topology.DAGRE).read_bytes()
    assert hashlib.sha256(text).hexdigest() in notice
    assert "Chris Pettitt" in notice


def test_the_documents_shape_is_kept_in_the_docs() -> None:
    schema = ROOT / "docs" / "schemas" / "topology.json"
    assert json.loads(schema.read_text()) == json.loads(json.dumps(msgspec.json.schema(Topology)))


# --- against a served cloud ---------------------------------------------------------------------------------

STORY = "adways-vpc-lattice-network"
SERVICE = "development-aws-ec2-vpc-lattice-yabuki"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{SHOP}:loadbalancer/app/yabuki-lattice-internal-alb/50dc6c495c0c9188"
VPC = "vpc-0c2f6a1d9b3e48570"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with up("--story", "walkthrough", "--speed", "0") as served:
        wish = [{"Key": "lattice:network", "Value": STORY}, {"Key": "lattice:allow-from", "Value": "10.1.33.54/32"}]
        served.client("ec2", INFRA).create_tags(Resources=[VPC], Tags=wish)
        tags = {"lattice:network": STORY, "lattice:service": SERVICE, "lattice:listen": "HTTP:80"}
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        served.client("elbv2", SHOP).add_tags(ResourceArns=[BALANCER], Tags=pairs)
        served.ask("advance")
        yield served


def typed(served: Served, folder: Path, *words: str, profiles: tuple[str, ...] = ("infra",)) -> Any:
    config = folder / "config"
    config.write_text(
        "".join(
            f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = local\nregion = {REGION}\n"
            for name, account in (("infra", INFRA), ("team", SHOP))
        )
    )
    named = [word for profile in profiles for word in ("--profile", profile)]
    environment = clean_environment(AWS_ENDPOINT_URL=served.url, AWS_CONFIG_FILE=str(config), COLUMNS="120")
    return subprocess.run(
        [HERE / "onramp", "topology", *words, *named],
        capture_output=True,
        text=True,
        env=environment,
        timeout=PATIENCE,
        check=False,
        cwd=folder,
    )


def test_both_accounts_together_are_read_from_lists_and_tags(served: Served, tmp_path: Path) -> None:
    ran = typed(served, tmp_path, "--json", profiles=("infra", "team"))
    assert (ran.returncode, ran.stderr) == (0, "")
    told = msgspec.json.decode(ran.stdout, type=Topology)
    assert [(it.name, it.auth) for it in told.networks] == [(STORY, "AWS_IAM")]
    assert [(it.vpc, it.state) for it in told.clients] == [(VPC, "connected")]
    assert [(it.name, it.account, it.state) for it in told.services] == [(SERVICE, SHOP, "connected")]
    assert [(it.service, it.state) for it in told.balancers] == [(told.services[0].id, "connected")]
    assert told.unread == ()


def test_the_network_account_alone_falls_back_on_the_last_report(served: Served, tmp_path: Path) -> None:
    ran = typed(served, tmp_path, "--json")
    assert ran.returncode == 0
    told = msgspec.json.decode(ran.stdout, type=Topology)
    assert [(it.name, it.state) for it in told.balancers] == [("yabuki-lattice-internal-alb", "connected")]
    assert [it.account for it in told.unread] == [SHOP]
    assert "told from its last report" in ran.stderr


def test_files_are_written_and_said_so(served: Served, tmp_path: Path) -> None:
    for option, name, begins in (("--html", "network.html", "<!doctype html>"), ("--svg", "network.svg", "<svg ")):
        ran = typed(served, tmp_path, option, name)
        assert (ran.returncode, ran.stdout) == (
            0,
            f"{name}: 1 network, 1 client, 1 service, 1 load balancer\n",
        )
        assert (tmp_path / name).read_text().startswith(begins)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--html", "x.html", "--json"), "choose one of"),
        (("--network", "nope"), f"no network nope can be seen; there are: {STORY}"),
        (("--svg", "no/such/folder.svg"), "cannot be written: there is no folder"),
        (
            ("--region", "us-east-1"),
            "no network can be seen in us-east-1: use a profile of the network account, or its",
        ),
        (("--region", "us-east-1", "--html", "x.html"), "no network can be seen in us-east-1"),
    ],
)
def test_wrong_words_end_in_a_sentence(served: Served, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    ran = typed(served, tmp_path, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr
