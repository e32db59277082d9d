"""docs/deploy.md, typed line by line, in a rehearsal on the local cloud."""

from __future__ import annotations

from pathlib import Path

import deployed
import pytest
import typed
from newcomer import BEFORE, END, REHEARSE, Page, Rehearsal, journey, variations
from typed import Clone

from cli.local import NoneThere, ask


def test_the_page_is_rehearsed_on_the_local_cloud(page: Page, clone: Clone, tmp_path: Path) -> None:
    port = deployed.free_port()
    with typed.terminal(tmp_path, clone.folder, {"ONRAMP_LOCAL_PORT": str(port)}) as shell:
        for block in [*page[BEFORE], *page[REHEARSE]]:
            shell.type(block)
        at = Rehearsal(port)
        journey(page, shell, clone, at)
        shell.type("aws vpc-lattice create-service-network --name orders")
        variations(page, shell, at)
        for block in page[END]:
            shell.type(block)
        with pytest.raises(NoneThere):
            ask(port, "status")
