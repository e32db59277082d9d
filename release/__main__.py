"""One directory that deploys the product with the AWS CLI alone: no clone, no SAM, no build.

    python -m release FOLDER        what `make release` calls; the same tree gives the same bytes

In it: the template with its functions and layer as archives, the members' template, Terraform modules of both, the bill
of materials, what changed, and the checksums of all that.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = {"CodeUri": "functions", "ContentUri": "layers"}
NEVER = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: the oldest that there is, so that no build tells when it was."""

APPLICATION = """\
  AWS::ServerlessRepo::Application:
    Name: lattice-onramp
    Description: Join a service to an Amazon VPC Lattice network across accounts with one tag.
    Author: Lattice Onramp maintainers
    SpdxLicenseId: Apache-2.0
    LicenseUrl: LICENSE
    ReadmeUrl: README.md
    Labels: [vpc-lattice, networking, multi-account, tags]
    SemanticVersion: {version}
"""

HOW = """
## Deploy it

In the network account, with a bucket of yours in the same region:

    aws cloudformation package --template-file template.yaml --s3-bucket BUCKET --output-template-file packaged.yaml
    aws cloudformation deploy --template-file packaged.yaml --s3-bucket BUCKET --stack-name onramp-NETWORK \\
      --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND \\
      --parameter-overrides NetworkName=NETWORK MemberAccounts=ACCOUNT,ACCOUNT

Then member.yaml in each account that may join; its parameters are outputs of that stack. Before anything else:
`sha256sum --check SHA256SUMS`.
"""


def version() -> str:
    source = (ROOT / "layers/onramp/python/onramp/__init__.py").read_text()
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    if found is None:
        raise SystemExit("layers/onramp/python/onramp/__init__.py names no __version__")
    return found[1]


def notes(changelog: str, of: str) -> str:
    """What the changelog says of this version; while it is not released, what it says of the next."""
    chapters = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    told = [one for one in chapters if one.startswith((f"[{of}]", "[Unreleased]"))]
    chosen = [one for one in told if one.startswith(f"[{of}]")] or told
    if not chosen:
        raise SystemExit(f"CHANGELOG.md says nothing of {of}")
    return f"# Lattice Onramp {of}\n\n{chosen[0].partition(chr(10))[2].strip()}\n{HOW}"


def pack(folder: Path, archive: Path, *, compiled: bool = False) -> None:
    """Every file of the folder, in order, without what differs from one build to the next.

    `compiled`: its bytecode was made for this archive and belongs to it; else it is what somebody's tests left.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        found = (
            file for file in folder.rglob("*") if file.is_file() and (compiled or file.parent.name != "__pycache__")
        )
        for file in sorted(found):
            entry = zipfile.ZipInfo(str(file.relative_to(folder)), NEVER)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, file.read_bytes())


def packed_template(text: str, member: str, of: str) -> str:
    """The template with archives for folders, the members' template in it, and what the repository asks to know."""
    for key, folder in SOURCES.items():
        text = re.sub(rf"^( +{key}: {folder}/\w+)$", r"\1.zip", text, flags=re.MULTILINE)
    inside = "".join(f"        {line}".rstrip() + "\n" for line in member.splitlines())
    # `aws cloudformation package` uploads no template of a stack set.
    text, found = re.subn(
        r"^      TemplateURL: member.yaml.*\n", lambda _: f"      TemplateBody: |\n{inside}", text, flags=re.M
    )
    begun = "Metadata:\n"
    if found != 1 or text.count(f"\n{begun}") != 1:
        raise SystemExit("template.yaml is not as this script knows it: one TemplateURL, one Metadata")
    return text.replace(f"\n{begun}", f"\n{begun}{APPLICATION.format(version=of)}", 1)


def build_layer(folder: Path) -> None:
    """As `sam build` does it: by its Makefile, of files that are known by their hashes."""
    source = folder / "source"
    shutil.copytree(ROOT / "layers/onramp", source, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        ("make", "--silent", "build-OnrampLayer", f"ARTIFACTS_DIR={folder / 'layer'}"), cwd=source, check=True
    )


def release(into: Path) -> None:
    """Write the directory; what was in it goes."""
    of = version()
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as made:
        build_layer(Path(made))
        pack(Path(made) / "layer", into / "layers/onramp.zip", compiled=True)
        shutil.copyfile(Path(made) / "layer/sbom.cdx.json", into / "sbom.cdx.json")
    for function in sorted(path.parent for path in (ROOT / "functions").glob("*/app.py")):
        pack(function, into / f"functions/{function.name}.zip")
    shutil.copyfile(ROOT / "functions/reconcile.asl.json", into / "functions/reconcile.asl.json")
    for name in ("member.yaml", "LICENSE", "NOTICE", "README.md"):
        shutil.copyfile(ROOT / name, into / name)
    for module in sorted((ROOT / "release/terraform").iterdir()):
        (into / "terraform" / module.name).mkdir(parents=True)
        shutil.copyfile(module / "main.tf", into / "terraform" / module.name / "main.tf")
    member = (ROOT / "member.yaml").read_text()
    (into / "template.yaml").write_text(packed_template((ROOT / "template.yaml").read_text(), member, of))
    (into / "NOTES.md").write_text(notes((ROOT / "CHANGELOG.md").read_text(), of))
    sums = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(into)}\n"
        for file in sorted(into.rglob("*"))
        if file.is_file()
    ]
    (into / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    release(Path(sys.argv[1] if len(sys.argv) > 1 else f"dist/onramp-{version()}").resolve())
