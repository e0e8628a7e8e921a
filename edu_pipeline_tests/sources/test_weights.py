"""The site's word on figures: what it may say, and how a mistake is told by file, line and remedy.

quality.yaml -> Weights, or ConfigurationError

What does not belong here: the figures (quality/test_score.py).
"""

from pathlib import Path

import pytest

from edu_pipeline.schema import entity
from edu_pipeline.sources import weights
from edu_pipeline.sources.lines import ConfigurationError


def test_without_the_file_everything_weighs_one_and_fields_weigh_by_need(tmp_path: Path) -> None:
    said = weights.load(tmp_path)
    assert {said.criterion(name) for name in weights.CRITERIA} | {said.entity("student")} == {1}
    student = entity("student")
    assert [said.field(student.field(n)) for n in ("full_name", "ethnicity", "phone")] == [3, 2, 1]
    assert said.field(None) == 2


@pytest.mark.parametrize(("score", "band"), [(90, "green"), (89.99, "amber"), (75, "amber"), (74.99, "red")])
def test_bands_begin_with_their_bound(score: float, band: str) -> None:
    assert weights.Weights().bands.of(score) == band


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("criteria: {correct: 2, prety: 1}", r"quality\.yaml:1: criteria\.prety: no 'prety'; there are correct"),
        ("entities:\n  pupil: 3", r"quality\.yaml:2: entities\.pupil"),
        ("criteria: {live: -1}", "a weight is 0 or more"),
        ("criteria: {correct: 0, complete: 0, clean: 0, live: 0}", "the weights sum to zero"),
        ("bands: {green: 70}", "amber from 75"),
        ("rules:\n  student.personal_number.shared: {weight: 2}", "reason"),
        ("rules:\n  student.personal_number.shared: {weight: -2, reason: new}", "greater than or equal to 0"),
        ("smal: 10", "smal"),
    ],
)
def test_a_mistake_is_told_by_file_line_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / weights.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        weights.load(tmp_path)
