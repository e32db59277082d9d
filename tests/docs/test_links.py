"""Every link of the documentation leads somewhere: to a file of the tree, and to a heading of it."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from vocabulary import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """What is written in Markdown in the tree, as git has it, and what is new."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return [ROOT / name for name in sorted(listed) if (ROOT / name).is_file()]


def links(page: Path) -> list[str]:
    text = FENCE.sub("", page.read_text())
    return [link for link in LINK.findall(text) if not link.startswith(("http://", "https://", "mailto:"))]


@cache
def anchors(page: Path) -> frozenset[str]:
    """As GitHub makes them of headings: small letters, no punctuation, hyphens for spaces, numbers for doubles."""
    seen: dict[str, int] = {}
    for heading in re.findall(r"^#{1,6} (.+)$", FENCE.sub("", page.read_text()), flags=re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        if count:
            seen[f"{slug}-{count}"] = 1
    return frozenset(seen)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading(page: Path) -> None:
    broken = []
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        lost = anchor and target.suffix == ".md" and target.exists() and anchor not in anchors(target)
        if not target.exists() or lost:
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## 2.1. Tag changes (`aws.tag`)", "21-tag-changes-awstag"),
        ("### It says `refused` or `failed`", "it-says-refused-or-failed"),
        ("# What it does not do (yet)", "what-it-does-not-do-yet"),
    ],
)
def test_a_heading_has_the_anchor_that_github_gives_it(tmp_path: Path, heading: str, anchor: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{heading}\n")
    assert anchors(page) == {anchor}


def test_each_page_of_docs_is_led_to_from_another() -> None:
    led = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in pages()
        for link in links(page)
        if link.partition("#")[0] and (page.parent / link.partition("#")[0]).resolve() != page
    }
    assert [
        str(page.relative_to(ROOT)) for page in pages() if page.is_relative_to(ROOT / "docs") and page not in led
    ] == []


def test_every_room_that_contributing_names_is_there() -> None:
    named = set(re.findall(r"`([\w./-]*/[\w./-]*|[\w-]+\.(?:md|toml|yaml))`", (ROOT / "CONTRIBUTING.md").read_text()))
    # Of the layer's rooms the short names are used once it is said where they are.
    core = ROOT / "layers/onramp/python/onramp"
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / name).exists() and not (core / name).exists()) == []
