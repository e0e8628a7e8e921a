"""Every mistake in a YAML file is told by file, line, place and remedy, and no value of the file is in what is told."""

import re
from pathlib import Path

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given
from pydantic import model_validator

from edu_pipeline.sources.lines import ConfigurationError, Misplaced, Strict, checked, parse, read


class Door(Strict):
    width: int
    color: str = "white"


class House(Strict):
    street: str
    doors: tuple[Door, ...] = ()
    rooms: dict[str, Door] = {}


GOOD = """\
# a house
street: Le Loi
doors:
  - width: 90
  - {width: 80,
     color: red}
rooms:
  kitchen:
    width: 70
"""
REFUSED = {
    "typo": ("color: red", "colour: red", 6, "doors.1.colour: does not belong there; did you mean color?"),
    "typo in a mapping": ("    width: 70", "    width: 70\n    with: 1", 10, "did you mean width? it holds"),
    "typo at the top": ("street: Le Loi", "street: Le Loi\nrums: {}", 3, "did you mean rooms?"),
    "nothing alike": ("color: red", "zzz: red", 6, "doors.1.zzz: does not belong there; it holds width, color"),
    "missing": ("  - width: 90", "  - color: red", 4, "doors.0.width: is missing; add it"),
    "missing at the top": ("street: Le Loi", "", 1, "street: is missing; add it"),
    "wrong kind": ("width: 70", "width: wide", 9, "rooms.kitchen.width: input should be a valid integer"),
    "its remedy": ("width: 70", "width: wide", 9, "write a whole number"),
    "number for text": ("street: Le Loi", "street: 12", 2, "needs quotes"),
    "no list": ("  - width: 90", "  width: 90", 5, "correct the YAML there"),
    "key twice": ("street: Le Loi", "street: Le Loi\nstreet: Le Lai", 3, "street stands there twice, first in line 2;"),
    "key twice in one line": ("{width: 80,", "{width: 80, width: 81,", 5, "width stands there twice, first in line 5"),
    "a day that does not exist": ("street: Le Loi", "street: 2023-02-31", 2, "write a day or a number that exists"),
    "unclosed": ("color: red}", "color: red", 7, "correct the YAML there"),
    "tab": ("    width: 70", "\twidth: 70", 9, "correct the YAML there"),
    "two documents": ("rooms:", "---\nrooms:", 7, "expected a single document in the stream"),
    "control character": ("Le Loi", "Le \x07Loi", 2, "a character that YAML does not allow; take it out"),
    "unknown tag": ("Le Loi", "!!python/object:os.system Le Loi", 2, "could not determine a constructor"),
    "refers to itself": ("rooms:", "rooms: &it\n  it: *it", 7, "an alias that refers to itself"),
    "a list as a key": ("street: Le Loi", "street: Le Loi\n? [a]\n: b", 3, "unhashable key"),
}  # fmt: skip


def test_what_the_mistakes_are_made_in_is_good():
    house = checked(parse(GOOD, "house.yaml"), House)
    assert [door.width for door in house.doors] == [90, 80]
    assert house.rooms["kitchen"].width == 70


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_told_by_file_line_place_and_remedy(mistake):
    old, new, line, said = REFUSED[mistake]
    assert old in GOOD
    with pytest.raises(ConfigurationError, match=rf"(?m)^house\.yaml:{line}: .*{re.escape(said)}"):
        checked(parse(GOOD.replace(old, new, 1), "house.yaml"), House)


def test_every_mistake_is_told_in_the_order_of_the_file():
    content = GOOD.replace("street", "streat").replace("width: 90", "width: big").replace("width: 70", "wid: 70")
    with pytest.raises(ConfigurationError) as raised:
        checked(parse(content, "house.yaml"), House)
    lines = [int(told.split(":")[1]) for told in str(raised.value).splitlines()]
    assert lines == [1, 2, 4, 8, 9]


def test_a_validator_points_at_the_line_that_it_means():
    class Narrow(House):
        @model_validator(mode="after")
        def _narrow(self):
            raise Misplaced("too wide; make it narrow", "doors", 1, "color")

    class Town(Strict):
        house: Narrow

    content = "house:\n" + "".join(f"  {line}\n" for line in GOOD.splitlines())
    with pytest.raises(ConfigurationError, match=r"^town\.yaml:7: house\.doors\.1\.color: too wide; make it narrow$"):
        checked(parse(content, "town.yaml"), Town)


@pytest.mark.parametrize("content", ["", "# nothing\n", "- a\n", "5\n", "a word\n"])
def test_a_file_of_another_shape_is_refused_by_name_and_line(content):
    with pytest.raises(ConfigurationError, match=r"^house\.yaml:1: "):
        checked(parse(content, "house.yaml"), House)


SECRET = "hunter2-very-secret"


@pytest.mark.parametrize(
    "content",
    [f"street: *{SECRET}", f"street: !{SECRET} x", f"street: {{{SECRET}: [}}", f"street: [{SECRET}]",
     f"street: a\ndoors: {SECRET}", f"street: a\ndoors: [{SECRET}]", f"street: a\ndoors: [{{width: {SECRET}}}]",
     f"street: '{SECRET}", f"street: {SECRET}: b", f"street: %{SECRET}\n @",
     f"street: &{SECRET} a\ndoors: &{SECRET} b"],
)  # fmt: skip
def test_no_value_of_the_file_is_told(content):
    with pytest.raises(ConfigurationError) as raised:
        checked(parse(content, "house.yaml"), House)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_missing_file_and_another_encoding_are_told(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"house\.yaml is missing: point EDU_SITE_DIR to a folder that has it"):
        read(tmp_path / "house.yaml")
    (tmp_path / "house.yaml").write_bytes("street: a\ncity: Thủ Đức\n".encode("cp1258", "replace"))
    with pytest.raises(ConfigurationError, match=r"house\.yaml:2: not UTF-8; save the file in that encoding"):
        read(tmp_path / "house.yaml")


def test_an_alias_is_read_where_it_stands_and_a_merge_keeps_its_own():
    content = "a: &it {x: 1, y: 2}\nb: *it\nc:\n  <<: *it\n  x: 3\n"
    document = parse(content, "a.yaml")
    assert document.value == yaml.safe_load(content)
    assert (document.line(("b",)), document.line(("c", "x")), document.line(("c", "nothing"))) == (2, 5, 3)


KEYS = st.text("abcdefgh", min_size=1, max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.dates() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.sampled_from([True, False, None]))
def test_it_reads_what_yaml_reads_and_knows_the_line_of_every_place(value, flow):
    content = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    document = parse(content, "a.yaml")
    assert document.value == yaml.safe_load(content)
    lines = content.split("\n")
    for place, line in document.lines.items():
        assert 1 <= line <= len(lines)
        if place and not place[-1].isdigit():
            assert place[-1] in lines[line - 1]
    # In block style every key of the top stands on a line of its own, in this order.
    if flow is False and value:
        tops = [document.lines[(key,)] for key in sorted(value)]
        assert tops == sorted(set(tops))
