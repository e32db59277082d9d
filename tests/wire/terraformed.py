"""Terraform and its AWS provider, where this machine has both: nothing is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.patience import PATIENCE
from tests.wire.served import Served, clean_environment

PLUGINS = "ONRAMP_TERRAFORM_PLUGINS"
PROVIDER = "*/hashicorp/aws"
"""Where it lies in a mirror: HOST/NAMESPACE/TYPE."""
CONFIGURATIONS = Path(__file__).with_name("terraform")

HOW = (
    "install terraform 1.5 or later, run `terraform providers mirror DIRECTORY` in tests/wire/terraform/by_hand,"
    f" and set {PLUGINS}=DIRECTORY"
)


def mirror() -> Path | None:
    """A filesystem mirror with the AWS provider: the one that is named, else where Terraform looks, else below /opt."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    implied = (
        home / ".terraform.d" / "plugins",
        home / "Library" / "Application Support" / "io.terraform" / "plugins",
        data / "terraform" / "plugins",
        *(Path(where) / "terraform" / "plugins" for where in ("/usr/local/share", "/usr/share")),
        *sorted(Path("/opt").glob("*/")),
    )
    named = os.environ.get(PLUGINS)
    return next((it for it in ((Path(named),) if named else implied) if any(it.glob(PROVIDER))), None)


def lacking() -> str:
    """Why Terraform cannot be run here, and how it could; '' when it can."""
    if not shutil.which("terraform"):
        return f"no terraform: {HOW}"
    if mirror() is None:
        return f"no provider hashicorp/aws: {HOW}"
    return ""


@dataclass
class Terraform:
    """One configuration, as its user works with it, against a served cloud."""

    folder: Path
    served: Served
    variables: dict[str, str] = field(default_factory=dict)
    """More of its environment."""

    def prepare(self, configuration: str) -> None:
        """Copy the configuration of that name, and initialise it from the mirror alone."""
        shutil.copytree(CONFIGURATIONS / configuration, self.folder, dirs_exist_ok=True)
        self.initialise()

    def initialise(self) -> None:
        """`terraform init` with providers from the mirror alone."""
        found = mirror()
        assert found is not None
        (self.folder / "terraform.rc").write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{found}"\n  }}\n}}\n'
        )
        self.run("init")

    def run(self, *words: str, status: int = 0) -> str:
        """The output of `terraform WORDS`, which must end with that exit status."""
        done = subprocess.run(
            ["terraform", *words, "-no-color"],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=clean_environment(
                AWS_ENDPOINT_URL=self.served.url,
                TF_CLI_CONFIG_FILE=str(self.folder / "terraform.rc"),
                CHECKPOINT_DISABLE="1",
                TF_IN_AUTOMATION="1",
                # Each command reads all schemas of the provider, and a quarter of that was looking for garbage.
                GOGC="400",
                **self.variables,
            ),
            timeout=PATIENCE,
        )
        assert done.returncode == status, f"terraform {' '.join(words)}\n{done.stdout}"
        return done.stdout

    def apply(self, *words: str) -> str:
        return self.run("apply", "-auto-approve", "-input=false", *words)

    def plans_nothing(self, *words: str) -> bool:
        """Whether a plan now would change nothing; what there is was read anew for it."""
        return "No changes." in self.run("plan", "-detailed-exitcode", "-input=false", *words)
