"""A path finds the value it names, or nothing: never another value, and never an error on a record of another shape."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from edu_pipeline.sources.paths import find

RECORD = {
    "id": "r1",
    "data": {"name": "An", "none": None, "zero": 0, "no": False},
    "roles": [{"org": "o1"}, {"org": "o2"}],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)
STEPS = st.lists(st.sampled_from(["a", "b", "c", "0", "1"]), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "r1"),
        ("data.name", "An"),
        ("data.zero", 0),
        ("data.no", False),
        ("data.none", None),
        ("data.nothing", None),
        ("data.name.first", None),
        ("data.0", None),
        ("roles.1.org", "o2"),
        ("roles.2.org", None),
        ("roles.org", None),
        ("id.0", None),
    ],
)
def test_a_path_finds_what_it_names(path, value):
    assert find(RECORD, path) == value
    assert type(find(RECORD, path)) is type(value)


@given(JSON, STEPS)
def test_a_path_is_walked_step_by_step(record, steps):
    halfway = find(record, ".".join(steps[:-1])) if len(steps) > 1 else record
    assert find(record, ".".join(steps)) == find(halfway, steps[-1])
