"""Commands for vendors: ask a system whether it keeps the partner contract, and pack the kit that asks.

address -> kit -> findings; kit's files -> one file that needs nothing but Python

What does not belong here: what is asked (kit/rules.py).
"""

import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import click

from edu_pipeline.kit.__main__ import main as asked

_MAIN = "import sys\n\nfrom edu_pipeline.kit.__main__ import main\n\nsys.exit(main())\n"


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def vendor_check(words: tuple[str, ...]) -> None:
    """Does the system at URL keep the partner contract? It reads one unit and shows counts and hashes alone."""
    sys.exit(asked(words))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def kit(file: Path) -> None:
    """Pack the conformance kit into FILE (vendor-check.pyz), which a vendor runs with Python alone."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("__main__.py", _MAIN)
        packed.writestr("edu_pipeline/__init__.py", "")
        for part in sorted(files("edu_pipeline.kit").iterdir(), key=lambda part: part.name):
            if part.is_file():
                packed.writestr(f"edu_pipeline/kit/{part.name}", part.read_bytes())
    click.echo(f"{file}: run it as `VENDOR_TOKEN=... python {file.name} URL --unit CODE --school-year YEAR`")
