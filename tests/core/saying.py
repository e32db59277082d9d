"""What people read, word for word, kept in said/: whoever changes a sentence sees it there as its reader will.

`KEEP_SAID=1 pytest tests/core` writes what is said now; the difference is to be read before it is kept.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from onramp.core.run import Plan
from onramp.core.state import encode

SAID = Path(__file__).with_name("said")


def says(name: str, lines: Iterable[str]) -> None:
    """Are these the lines of said/NAME.txt?"""
    kept, now = SAID / f"{name}.txt", "".join(f"{line}\n" for line in lines)
    if os.environ.get("KEEP_SAID"):
        kept.write_text(now)
    assert now.splitlines() == kept.read_text().splitlines(), "read the difference, and keep it by KEEP_SAID=1"


def told(planned: Plan) -> Iterator[str]:
    """A plan as somebody reads it who asks what happens next, and why."""
    yield f"  {planned.next}" + (f" after {planned.wait_seconds} s" if planned.wait_seconds else "")
    for step in (step for batch in planned.batches for step in batch.steps):
        fields: dict[str, object] = encode(step)
        rest = {key: fields[key] for key in sorted(fields) if key not in {"kind", "account", "name", "because"}}
        spelled = " ".join(f"{key}={json.dumps(value, sort_keys=True)}" for key, value in rest.items() if value)
        spelled = re.sub(r"arn:[^\" ]*/", "", spelled)  # an ARN by its id
        yield f"  do {step.kind} {step.name}: {step.because}" + (f" | {spelled}" if spelled else "")
    yield from (f"  waits: {text}" for text in planned.pending)
    yield from (f"  refuses {one.resource.rpartition('/')[2]}: {one.code}: {one.message}" for one in planned.refusals)
    yield from (f"  warns: {text}" for text in planned.warnings)
    for service in planned.services:
        rest = f"{service.domain} {'answers' if service.answers else ''} {service.message}".strip()
        yield f"  service {service.name} is {service.status} {rest}".rstrip()
    for one in planned.clients:
        yield f"  client {one.vpc} is {one.status} {'answers' if one.answers else ''} {one.message}".rstrip()
