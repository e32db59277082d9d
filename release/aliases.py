"""YAML without anchors and aliases, which CloudFormation refuses: what an alias stands for is written in its place.

SAM and `aws cloudformation package` do so by themselves; who sends the template as it is, as Terraform does, cannot.
"""

import bisect

import yaml


def unrolled(text: str) -> str:
    """The same document, comments too. SystemExit for an anchor or an alias within what an anchor marks."""
    begins = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]

    def indent(at: int) -> int:
        line = text[begins[bisect.bisect_right(begins, at) - 1] :]
        return len(line) - len(line.lstrip(" "))

    marked: dict[str, str] = {}  # anchor -> what it marks, as lines that are indented from where it stands
    open_: list[tuple[str, int]] = []  # anchors of the collections that are being read, '' for none; where they begin
    changes: list[tuple[int, int, str]] = []
    for event in yaml.parse(text):
        at = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            if any(anchor for anchor, _ in open_):
                raise SystemExit(f"alias *{event.anchor} stands within what an anchor marks: write it out")
            lines = marked[event.anchor].split("\n")
            there = " " * indent(at)
            whole = "\n".join((lines[0], *(f"{there}{line}" if line else "" for line in lines[1:])))
            changes.append((at, event.end_mark.index, whole))
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            if any(anchor for anchor, _ in open_):
                raise SystemExit(f"anchor &{event.anchor} stands within what another marks: write it out")
            ends = at + 1 + len(event.anchor)
            changes.append((at, ends + (text[ends] == " "), ""))
            if isinstance(event, yaml.ScalarEvent):
                marked[event.anchor] = text[ends : event.end_mark.index].strip()
        if isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor or "", at))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, began = open_.pop()
            if anchor:
                marked[anchor] = _lines(text[began + 1 + len(anchor) : event.end_mark.index], indent(began))
    for begin, end, instead in reversed(changes):
        text = text[:begin] + instead + text[end:]
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _lines(text: str, indented: int) -> str:
    """Without the comments and empty lines behind it, which are of what comes next."""
    lines = text.split("\n")
    while not lines[-1].strip() or lines[-1].lstrip().startswith("#"):
        lines.pop()
    return "\n".join((lines[0].strip(), *(line[indented:] for line in lines[1:])))
