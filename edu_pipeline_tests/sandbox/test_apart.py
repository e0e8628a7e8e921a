"""Proves that the practice city stands apart: it imports nothing of the package but itself, so that no decision of the
pipeline is ever compared with itself.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import edu_pipeline.sandbox

FOLDER = Path(edu_pipeline.sandbox.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))


def _imported(source: str, package: str = "edu_pipeline.sandbox") -> Iterator[str]:
    """Every module that a source imports, in whatever way it can be read off."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            yield from (ast.literal_eval(said) if isinstance(said, ast.Constant) else "?" for said in node.args[:1])


def _foreign(source: str) -> list[str]:
    own = ("edu_pipeline.sandbox", "edu_pipeline.sandbox.")
    return [
        name
        for name in _imported(source)
        if name == "?" or (name.split(".")[0] == "edu_pipeline" and name != own[0] and not name.startswith(own[1]))
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_module_imports_nothing_of_the_pipeline(path: Path) -> None:
    assert _foreign(path.read_text(encoding="utf-8")) == []


def test_all_modules_are_looked_at() -> None:
    assert {"city.py", "story.py", "partner.py", "oneroster.py", "registry.py"} <= {path.name for path in FILES}


@pytest.mark.parametrize(
    "source",
    [
        "import edu_pipeline",
        "import edu_pipeline.schema.codes as codes",
        "from edu_pipeline import schema",
        "from edu_pipeline.schema import codes",
        "from edu_pipeline.sandboxes import city",
        "from .. import schema",
        "from ..schema import codes",
        "def f():\n    from edu_pipeline.landing.client import get",
        "import importlib\nimportlib.import_module('edu_pipeline.schema')",
        "import importlib\nimportlib.import_module(name)",
    ],
)
def test_an_import_of_the_pipeline_would_be_seen(source: str) -> None:
    assert len(_foreign(source)) == 1


@pytest.mark.parametrize(
    "source",
    ["import requests", "from edu_pipeline.sandbox import clock", "from . import clock", "from .city import City"],
)
def test_other_imports_are_free(source: str) -> None:
    assert _foreign(source) == []


def test_nothing_of_the_pipeline_is_loaded_with_it() -> None:
    modules = (path.relative_to(FOLDER).with_suffix("").parts for path in FILES)
    names = sorted({".".join(("edu_pipeline", "sandbox", *parts)).removesuffix(".__init__") for parts in modules})
    code = f"import sys, {', '.join(names)}; print(*(n for n in sys.modules if n.startswith('edu_pipeline.')))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(said.stdout.split()) == set(names)
