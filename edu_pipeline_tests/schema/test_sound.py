"""A declaration that contradicts itself is refused when it is loaded, with file, line and remedy."""

import runpy
from pathlib import Path

import pytest

from edu_pipeline.schema.sound import DeclarationError

HEAD = """from edu_pipeline.schema.declare import closed, coded, day, expected, flag, number, text
from edu_pipeline.schema.field import Entity, Field, Reference
from edu_pipeline.schema.kinds import Due, Kind, Need, Scope

KEY = text("pupil_id", "Mã", "Id.", need=Need.KEY)
SEX = closed("sex", "Giới tính", "-", [("m", "Male", "Nam"), ("f", "Female", "Nữ")])
"""
ENTITY = 'Entity("pupil", Scope.CITY, "Học sinh", "A pupil.", "-", {fields}, key={key}{more})'
SOUND = ENTITY.format(fields="(KEY,)", key='("pupil_id",)', more="")

MISTAKES = {
    'number("age", "Tuổi", "Age.", 20, 3)': "age: minimum is above maximum; exchange them",
    'day("born", "Ngày", "Day.", minimum=3)': "born: date has no minimum or maximum; bounds belong to numbers",
    'flag("is_poor", "Nghèo", "Poor.", max_length=3)': "is_poor: boolean has no max_length; it belongs to text",
    'day("born", "Ngày", "Day.", pattern="[0-9]+")': "born: date has no pattern; it belongs to text",
    'coded("sex", "Giới tính", "Sex.", SEX, default="x")': "the default is no code of its list; name one of the list's",
    'text("name", "Tên", "Name.", need=Need.EXPECTED)': "name: expected, but due at no time of the year; say `due`",
    'text("name", "Tên", "Name.", due=Due.ENTRY)': "name: due, but not expected; say `expected`",
    'closed("sex", "-", "-", [("m", "Male", "Nam"), ("m", "Man", "-")])': "sex: code m is listed twice; keep one line",
    'closed("sex", "-", "-", [("m", "Male", " ")])': "sex: code m lacks a label; say it in both languages",
    'closed("sex", "-", "-", [])': "sex: no code; list them",
    ENTITY.format(fields="(KEY, KEY)", key='("pupil_id",)', more=""): "pupil: field pupil_id is declared twice",
    ENTITY.format(fields="(KEY,)", key='("code",)', more=""): "pupil: no field code is declared; declare it or name",
    ENTITY.format(fields="(KEY,)", key='("pupil_id",)', more=', identity="root"'): "pupil: no field root is declared",
    ENTITY.format(fields="(KEY,)", key='("pupil_id",)', more=', references=(Reference("unit", ("unit_id",)),)'): (
        "pupil: no field unit_id is declared"
    ),
    ENTITY.format(
        fields="(KEY,)", key='("pupil_id",)', more=', references=(Reference("unit", ("pupil_id",), key="pupil_id"),)'
    ): "pupil: the source's word pupil_id hides a field of that name; choose another",
    ENTITY.format(fields='(text("name", "Tên", "Name."),)', key='("name",)', more=""): (
        "pupil: name is part of the key and may be empty; its need is `key`"
    ),
    ENTITY.format(fields="(KEY,)", key="()", more=""): "pupil: no key; name the fields that make a row unique",
}


def _load(declaration: str, folder: Path) -> Path:
    file = folder / "declared.py"
    file.write_text(f"{HEAD}\n{declaration}\n", encoding="utf-8")
    runpy.run_path(str(file))
    return file


def test_what_the_mistakes_are_made_in_is_good(tmp_path: Path) -> None:
    _load(SOUND, tmp_path)


@pytest.mark.parametrize("declaration", MISTAKES)
def test_a_contradiction_is_refused_where_it_is_written(declaration: str, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as refused:
        _load(declaration, tmp_path)
    place = f"{tmp_path / 'declared.py'}, line {HEAD.count(chr(10)) + 2}: "
    assert str(refused.value).startswith(place)
    assert MISTAKES[declaration] in str(refused.value)


def test_every_contradiction_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as refused:
        _load('day("born", "Ngày", "Day.", minimum=3, pattern="x", due=Due.ENTRY)', tmp_path)
    assert len(str(refused.value).splitlines()) == 3
