"""One directory that deploys the product with the AWS CLI alone: no clone, no SAM, no build.

    python -m release [FOLDER]      what `make release` calls; the same tree gives the same bytes

In it: the template with its functions and layer as archives, the members' template, Terraform modules of both, the bill
of materials, the pages, what changed, and the checksums of all that.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from release.aliases import unrolled

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
"""What the Serverless Application Repository asks to know. It takes no address that leads nowhere: `HomePageUrl` and
`SourceCodeUrl` are optional there, and this tree knows of none, so they are whoever publishes it's to give."""

PAGES = ("README.md", "README.ja.md", "CHANGELOG.md", "SECURITY.md")
"""Beside those of `docs`; what they say of a clone needs one."""

SHOWN = frozenset({".ini", ".json", ".md", ".svg"})
"""What pages are made of, and no editor's leavings."""

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")

BANNER = """
> Release {version}, as it is deployed without a clone: [NOTES.md](NOTES.md) says how, and what changed. What the pages
> say of `make`, of `events/` and of `sam build` needs a clone of the source.
"""

HOW = """
## Deploy it

In the network account, with a bucket of yours in the same region:

    aws cloudformation package --template-file template.yaml --s3-bucket BUCKET --output-template-file packaged.yaml
    aws cloudformation deploy --template-file packaged.yaml --s3-bucket BUCKET --stack-name onramp-NETWORK \\
      --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND \\
      --parameter-overrides NetworkName=NETWORK MemberAccounts=ACCOUNT,ACCOUNT

Then member.yaml in each account that may join, with NetworkName, NetworkAccountId and ServiceNetworkArn out of that
stack's outputs, by `aws cloudformation deploy` as well: [docs/deploy.md](docs/deploy.md#2-the-members) has the command,
and the stack set for an organisation. Before anything else: `sha256sum --check SHA256SUMS`.
"""


def version() -> str:
    source = (ROOT / "layers/onramp/python/onramp/__init__.py").read_text()
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    if found is None:
        raise SystemExit("layers/onramp/python/onramp/__init__.py names no __version__")
    return found[1]


def notes(changelog: str, of: str) -> str:
    """How to deploy it, then what the changelog says of this version; while it is not released, of the next."""
    chapters = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    told = [one for one in chapters if one.startswith((f"[{of}]", "[Unreleased]"))]
    chosen = [one for one in told if one.startswith(f"[{of}]")] or told
    if not chosen:
        raise SystemExit(f"CHANGELOG.md says nothing of {of}")
    changes = chosen[0].partition("\n")[2].replace(f"The next version is {of}.\n", "")
    return f"# Lattice Onramp {of}\n{HOW}\n## What changed\n\n{changes.strip()}\n"


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


def about(of: str, addresses: dict[str, str]) -> str:
    """The metadata for the Serverless Application Repository, with the addresses of whoever publishes it."""
    return APPLICATION.format(version=of) + "".join(f"    {key}: {url}\n" for key, url in addresses.items())


def packed_template(text: str, member: str, application: str) -> str:
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
    return text.replace(f"\n{begun}", f"\n{begun}{application}", 1)


def led(page: str, at: Path, there: frozenset[Path]) -> str:
    """The page with those links alone that lead somewhere: away, within it, or to what is `there`.

    Args:
        page: Its Markdown.
        at: Where it will stand, below the release's folder.
        there: All that stands in that folder, folders too, by the same paths.
    """

    def kept(link: re.Match[str]) -> str:
        name = link[3].partition("#")[0]
        goes = Path(os.path.normpath(at.parent / name))
        return link[0] if not name or "://" in name or name.startswith("mailto:") or goes in there else link[2]

    return LINK.sub(kept, page)


def write_pages(into: Path, changed: str, of: str) -> None:
    """README, its pages and NOTES, each with links that lead to what is in the release."""
    docs = sorted(file for file in (ROOT / "docs").rglob("*") if file.suffix in SHOWN)
    texts = {file.relative_to(ROOT): file.read_bytes() for file in (*docs, *(ROOT / name for name in PAGES))}
    texts[Path("NOTES.md")] = changed.encode()
    found = {file.relative_to(into) for file in into.rglob("*")} | texts.keys()
    there = frozenset(found | {above for file in found for above in file.parents})
    for name, content in texts.items():
        written = content
        if name.suffix == ".md":
            text = content.decode()
            if name == Path("README.md"):
                title, _, rest = text.partition("\n")
                text = f"{title}\n{BANNER.format(version=of)}{rest}"
            written = led(text, name, there).encode()
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_bytes(written)


def build_layer(folder: Path) -> None:
    """As `sam build` does it: by its Makefile, of files that are known by their hashes."""
    source = folder / "source"
    shutil.copytree(ROOT / "layers/onramp", source, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        ("make", "--silent", "build-OnrampLayer", f"ARTIFACTS_DIR={folder / 'layer'}"), cwd=source, check=True
    )


def release(into: Path, addresses: dict[str, str]) -> None:
    """Write the directory; what was in it goes.

    Args:
        into: The directory.
        addresses: What to add to what the Serverless Application Repository is told, as `HomePageUrl`.
    """
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
    for name in ("member.yaml", "LICENSE", "NOTICE"):
        shutil.copyfile(ROOT / name, into / name)
    for module in sorted((ROOT / "release/terraform").iterdir()):
        (into / "terraform" / module.name).mkdir(parents=True)
        shutil.copyfile(module / "main.tf", into / "terraform" / module.name / "main.tf")
    member = (ROOT / "member.yaml").read_text()
    template = packed_template((ROOT / "template.yaml").read_text(), member, about(of, addresses))
    (into / "template.yaml").write_text(unrolled(template))
    write_pages(into, notes((ROOT / "CHANGELOG.md").read_text(), of), of)
    sums = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(into)}\n"
        for file in sorted(into.rglob("*"))
        if file.is_file()
    ]
    (into / "SHA256SUMS").write_text("".join(sums))


def address(text: str) -> str:
    if not re.fullmatch(r"https://[\w.-]+(:\d+)?(/[\w./~-]*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address as https://example.com/lattice-onramp")
    return text


def asked(words: list[str] | None = None) -> argparse.Namespace:
    """What was typed; ends the program after `--help`, and where something was mistyped."""
    parser = argparse.ArgumentParser(
        prog="python -m release",
        description="Write one directory that deploys Lattice Onramp with the AWS CLI alone: templates, archives of"
        " the functions and the layer, Terraform modules, bill of materials, pages, notes and checksums."
        " NOTES.md in it says how to deploy it.",
        epilog="Two runs of one tree write the same bytes. What was in FOLDER is removed first.",
    )
    parser.add_argument(
        "folder", nargs="?", metavar="FOLDER", help="where to; without it dist/onramp-VERSION of this clone", type=Path
    )
    for option, of in (("--home-page", "HomePageUrl"), ("--source-code", "SourceCodeUrl")):
        parser.add_argument(
            option,
            metavar="URL",
            type=address,
            help=f"{of} of the Serverless Application Repository's metadata; without it there is none",
        )
    return parser.parse_args(words)


if __name__ == "__main__":
    typed = asked()
    urls = {"HomePageUrl": typed.home_page, "SourceCodeUrl": typed.source_code}
    folder: Path = (typed.folder or ROOT / f"dist/onramp-{version()}").resolve()
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "SHA256SUMS").is_file():
        raise SystemExit(f"{folder} holds something that is no release: give an empty folder, or a new one")
    release(folder, {key: url for key, url in urls.items() if url})
    print(f"written: {folder} (NOTES.md says how to deploy it)")  # noqa: T201 - what was typed asks for it
