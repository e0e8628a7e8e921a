"""Proofs of the wire's faults of pages and readings: which records come, in which pages, with which total.

Reader -> its reading before, and with the fault on -> what differs, and nothing else

What does not belong here: what stands in a record (proofs_of_records.py).
"""

from edu_pipeline_tests.sandbox.proofs import elsewhere, flat, proves, whole
from edu_pipeline_tests.sandbox.wired import MOST_PAGES, Reader


@proves("wrapped")
def _(reader: Reader) -> None:
    records = reader.records(reader.ask())
    reader.switch("wrapped", under="results")
    said = reader.ask().json()
    assert (said.get(reader.lies), said["results"]) == (None, records)


@proves("next_elsewhere")
def _(reader: Reader) -> None:
    records = reader.records(reader.ask())
    reader.switch("next_elsewhere", to="http://127.0.0.2:9")
    answer = reader.ask()
    told = answer.json()["meta"]["next"] if reader.system == "hoaphuong" else answer.links["next"]["url"]
    assert told.startswith(f"http://127.0.0.2:9{reader.path}?")
    assert reader.records(answer) == records


@proves("no_total")
def _(reader: Reader) -> None:
    before, during = whole(reader, "no_total")
    assert before == during
    answer = reader.ask()
    assert reader.total(answer) is None
    assert "last" not in answer.links


@proves("total_off")
def _(reader: Reader) -> None:
    total = reader.total(reader.ask()) or 0
    for delta in (1, -3):
        reader.switch("total_off", delta=delta)
        assert {reader.total(answer) for answer in reader.pages()} == {total + delta}


@proves("empty")
def _(reader: Reader) -> None:
    reader.switch("empty")
    (answer,) = reader.pages()
    assert (answer.status_code, reader.records(answer), reader.total(answer)) == (200, [], 0)


@proves("clamped")
def _(reader: Reader) -> None:
    before, during = whole(reader, "clamped", size=9)
    assert {len(page) for page in during[:-1]} == {9}
    assert flat(during) == flat(before)[: len(flat(during))]
    assert len(flat(during)) in (len(flat(before)), 9 * MOST_PAGES)
    assert reader.ask().json().get("size") in (reader.size[1], None)
    reader.switch("clamped")
    assert (len(reader.records(reader.ask())), reader.total(reader.ask())) == (10, len(flat(before)))
    reader.switch("clamped", total=False)
    assert reader.total(reader.ask()) is None


@proves("endless")
def _(reader: Reader) -> None:
    before, during = whole(reader, "endless")
    assert during[: len(before)] == before
    assert during[len(before) :] == [before[-1]] * (MOST_PAGES - len(before)) != []


@proves("page_repeated")
def _(reader: Reader) -> None:
    before, during = whole(reader, "page_repeated")
    assert during == [before[0], *before[:-1]]
    assert {reader.total(answer) for answer in reader.pages()} == {len(flat(before))}


@proves("page_missing")
def _(reader: Reader) -> None:
    before, during = whole(reader, "page_missing")
    assert during == [before[0], *before[2:]]
    assert {reader.total(answer) for answer in reader.pages()} == {len(flat(before))}


@proves("reordered")
def _(reader: Reader) -> None:
    before, during = whole(reader, "reordered")
    keys = reader.keys(flat(during))
    assert [len(page) for page in during] == [len(page) for page in before]
    assert set(keys) < set(reader.keys(flat(before)))
    assert {reader.total(answer) for answer in reader.pages()} == {len(keys)}
    assert reader.reading() == during


@proves("mid_pull")
def _(reader: Reader) -> None:
    before, during = whole(reader, "mid_pull", changed=2, added=3, removed=4)
    was, now, size = flat(before), flat(during), reader.size[1]
    assert during[0] == before[0]
    seen, known = set(reader.keys(now)), set(reader.keys(was))
    assert known - seen == set(reader.keys(was[size : size + 4])), "they moved up to the page that was read already"
    assert len(seen - known) == 3
    old = {record[reader.key]: record for record in was}
    assert [record[reader.key] for record in now if old.get(record[reader.key], record) != record] == reader.keys(
        was[-2:]
    )
    after = flat(reader.reading())
    assert reader.keys(after)[: len(was) - 4] == reader.keys(was[4:]), "the next reading is whole"
    assert {reader.total(answer) for answer in reader.pages()} == {len(was) - 1} == {len(after)}
    reader.switch("mid_pull", again=True)
    assert reader.reading()[0] == reader.reading()[0] == before[0]


@proves("filter_ignored")
def _(reader: Reader) -> None:
    own = flat(reader.reading())
    other = elsewhere(reader)
    others = flat(other.reading())
    reader.switch("filter_ignored")
    assert flat(reader.reading()) != own
    reader.switch("filter_ignored", served=other.unit[1])
    assert flat(reader.reading()) == others != own
    reader.switch("filter_ignored", served="all")
    answer = reader.of(size=(reader.size[0], 500)).ask()
    assert {*reader.keys(own), *reader.keys(others)} <= set(reader.keys(reader.records(answer)))
    assert (reader.total(answer) or 0) >= len(own) + len(others)
