"""YAML that knows where it stands: a mistake is told by file, line, place and remedy.

file -> Document (value, the line of every place) -> checked model, or ConfigurationError

What does not belong here: what a file may say (site.py, calendar.py, system.py).
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Place = tuple[str | int, ...]


class ConfigurationError(ValueError):
    """A YAML file is wrong; the message names file, line, place and remedy, a line for each mistake."""


class Misplaced(ValueError):
    """What a validator raises to point at a place below its own model: `Misplaced("...", "terms", 1, "end")`."""

    def __init__(self, said: str, *at: str | int) -> None:
        super().__init__(said)
        self.at = at


class Strict(BaseModel):
    """Refuses a key that it does not know: a typo in a YAML file must not be an option that is off."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Document:
    """What a YAML file says, and the line (from 1) of every key and item in it."""

    name: str
    value: Any
    lines: dict[tuple[str, ...], int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest one around it where the file does not say it."""
        steps = tuple(map(str, place))
        return next(self.lines[steps[:end]] for end in range(len(steps), -1, -1) if steps[:end] in self.lines)

    def wrong(self, said: str, *at: str | int) -> ConfigurationError:
        """The error to raise for a mistake at a place: `calendar.yaml:17: years.1.opening: ...`."""
        return ConfigurationError(self._told(at, said))

    def _told(self, place: Place, said: str) -> str:
        where = ".".join(map(str, place))
        return f"{self.name}:{self.line(place)}: {where and where + ': '}{said}"


def read(path: Path) -> Document:
    """A YAML file. ConfigurationError if it is missing, not UTF-8, or no YAML, or says a key twice."""
    if not path.is_file():
        raise ConfigurationError(f"{path} is missing: point EDU_SITE_DIR to a folder that has it")
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}:{line}: not UTF-8; save the file in that encoding") from None


def parse(text: str, name: str) -> Document:
    """YAML text of a file of that name. ConfigurationError as for `read`."""
    try:
        # Its own loader only: nothing but plain values can come of it, as with yaml.safe_load.
        loader = _Loader(text)
        node = loader.get_single_node()
        lines = dict(_lines(loader, node, (), ())) if node else {}
        value = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else 1
        remedy = "" if ";" in said else "; correct the YAML there"
        raise ConfigurationError(f"{name}:{line}: {_without_values(said)}{remedy}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise ConfigurationError(f"{name}:{line}: a character that YAML does not allow; take it out") from None
    return Document(name, value, {(): 1} | lines)


def checked(document: Document, model: type[Model], **known: Any) -> Model:
    """The document as a model. ConfigurationError tells every mistake by line, and what to do about it.

    `known` is what other files say that the model's validators ask for (pydantic's validation context).

    Pydantic's echo of the input is left out: it could be a secret that was written in the wrong place.
    """
    value = {} if document.value is None else document.value
    if not isinstance(value, dict):
        first = next(iter(model.model_fields))
        raise document.wrong(f"write it as `{first}:` and what belongs to it, not as a list or a word")
    try:
        return model.model_validate(value, context=known)
    except ValidationError as error:
        found = []
        for one in error.errors(include_url=False, include_input=False):
            raised = one.get("ctx", {}).get("error")
            loc = tuple(step for step in one["loc"] if step != "[key]")
            place = (*loc, *(raised.at if isinstance(raised, Misplaced) else ()))
            found.append((document.line(place), document._told(place, _said(one, model))))
    raise ConfigurationError("\n".join(told for _, told in sorted(found, key=lambda item: item[0])))


_REMEDIES = {
    "missing": "is missing; add it",
    "date": "write a day that exists, as 2024-09-13",
    "int": "write a whole number",
    "bool": "write true or false",
    "string_type": "write a text; one that looks like a number, a day or yes/no needs quotes",
    "tuple": "write a list, an item after each dash",
    "list": "write a list, an item after each dash",
    "dict": "write it as `name: value`",
    "model": "write it as `name: value`",
}


def _said(error: Any, model: type[BaseModel]) -> str:
    kind, said = error["type"], error["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = _known(model, error["loc"][:-1])
        near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        return f"does not belong there; {meant}it holds {', '.join(known)}"
    remedy = next((told for prefix, told in _REMEDIES.items() if kind.startswith(prefix)), None)
    if kind == "missing":
        return str(remedy)
    if kind == "value_error":  # our own: it says its remedy itself
        return said
    return f"{said[:1].lower()}{said[1:]}; {remedy or 'correct it there'}"


def _known(model: type[BaseModel], place: Place) -> list[str]:
    """Keys that the model at a place has."""
    models = [model]
    for step in place:
        kinds = [m.model_fields[step].annotation for m in models if isinstance(step, str) and step in m.model_fields]
        models = list(_models(kinds)) if kinds else models
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _models(kinds: list[Any]) -> Iterator[type[BaseModel]]:
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
        else:
            yield from _models(list(get_args(kind)))


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, whose every error has a line."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError) as error:
            # A day that does not exist, as 2023-02-31; the base class tells neither line nor remedy.
            said = f"{error}; write a day or a number that exists, or put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, said, node.start_mark) from None


def _lines(
    loader: _Loader, node: yaml.Node, place: tuple[str, ...], around: tuple[int, ...]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every place below a node with its line; a key that stands twice in one mapping is refused."""
    if id(node) in around:
        raise yaml.constructor.ConstructorError(None, None, "an alias that refers to itself", node.start_mark)
    around = (*around, id(node))
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield (*place, str(position)), item.start_mark.line + 1
            yield from _lines(loader, item, (*place, str(position)), around)
    elif isinstance(node, yaml.MappingNode):
        first: dict[Any, int] = {}
        for key_node, item in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == _MERGE:
                yield from _lines(loader, item, place, around)
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                continue  # the loader refuses it as a key
            key = loader.construct_object(key_node)
            if key in first:
                said = f"{key} stands there twice, first in line {first[key]}; take one out"
                raise yaml.constructor.ConstructorError(None, None, said, key_node.start_mark)
            first[key] = line
            yield (*place, str(key)), line
            yield from _lines(loader, item, (*place, str(key)), around)


def _without_values(said: str) -> str:
    # PyYAML quotes names of tags and aliases: a secret that begins with ! or * would be one.
    return re.sub(r"'[^'<][^']+'|\"[^\"]{2,}\"", "...", said)
