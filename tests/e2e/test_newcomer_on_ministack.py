"""docs/deploy.md, typed line by line, on an engine that is not ours."""

from __future__ import annotations

from pathlib import Path

import deployed
import typed
from newcomer import BEFORE, OnMiniStack, Page, demanded, journey, variations
from typed import Clone
from walkthrough import Walkthrough


def test_the_page_is_typed_on_ministack(page: Page, built: Path, clone: Clone, tmp_path: Path) -> None:
    with deployed.ministack(tmp_path) as product:
        story = Walkthrough(product)
        story.prepare()
        # None of these may show in what is built.
        odd = {"LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "PYTHONPYCACHEPREFIX": str(tmp_path / "pyc")}
        with typed.terminal(tmp_path, clone.folder, {**product.variables(clone.folder), **odd}) as shell:
            shell.type("umask 077")
            for block in page[BEFORE]:
                shell.type(block)
            journey(page, shell, clone, OnMiniStack(product, story), built)
            # What else a deployment can begin with, on accounts that are as they were.
            shell.type("aws vpc-lattice create-service-network --name orders")
            variations(page, shell, OnMiniStack(product, story))
            # It has no service control policies that would demand it: what is asked for is there all the same.
            demanded(page, shell, OnMiniStack(product, story))
