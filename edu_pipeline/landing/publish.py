"""Landing's change set: what is gone, and how it is applied.

landing.record_change, ops.scope -> removals -> landing.record

What does not belong here: reading pages; what of the removals is held (volume.py); checking the verdict (gate).
Design principle 8: absence is not deletion.
"""

from sqlalchemy import (
    ColumnElement,
    Delete,
    Executable,
    Float,
    Insert,
    Select,
    Table,
    Update,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from edu_pipeline.contracts.limits import ENOUGH_ROWS
from edu_pipeline.contracts.memory import BATCH, LOOKUP, PAGE, RECORD, RECORD_CHANGE, SCOPE

APPLIED = ("insert", "update", "return", "again")


def gone(batch_id: int, connection_id: str) -> Insert:
    """INSERT of removals: known records of scopes that were read completely, and that did not come.

    Who was asked for changes alone has said nothing of what did not change.
    """
    complete = exists().where(
        SCOPE.c.batch_id == batch_id,
        SCOPE.c.resource == RECORD.c.resource,
        SCOPE.c.is_complete,
        SCOPE.c.since.is_(None),
        is_covered(),
    )
    came = exists().where(
        RECORD_CHANGE.c.batch_id == batch_id,
        RECORD_CHANGE.c.resource == RECORD.c.resource,
        RECORD_CHANGE.c.source_key == RECORD.c.source_key,
    )
    names = [column.name for column in RECORD_CHANGE.columns if column.name not in ("batch_id", "disposition")]
    query = select(
        *(RECORD.c[name] for name in names), literal(batch_id).label("batch_id"), literal("remove").label("disposition")
    ).where(RECORD.c.connection_id == connection_id, RECORD.c.is_present, complete, ~came)
    return insert(RECORD_CHANGE).from_select([*names, "batch_id", "disposition"], query)


def is_covered() -> ColumnElement[bool]:
    """Whether a reading of ops.scope is the one that a record stands in: without a unit it covers every unit, without a
    year every year."""
    of_all, same_year = SCOPE.c.unit_id == "", SCOPE.c.school_year == RECORD.c.school_year
    return or_(
        and_(of_all, or_(SCOPE.c.school_year == 0, same_year)), and_(SCOPE.c.unit_id == RECORD.c.unit_id, same_year)
    )


def standing(connection_id: str, resource: str, unit_id: str, school_year: int) -> Select:
    """Query of the keys that a reading (no unit: of all units) would lose if it did not bring them."""
    said = RECORD.c
    unit = () if unit_id == "" else (said.unit_id == unit_id,)
    place = unit if school_year == 0 else (*unit, said.school_year == school_year)
    return select(said.source_key).where(
        said.connection_id == connection_id, said.resource == resource, said.is_present, said.event != "CANCEL", *place
    )


def change_set(batch_id: int) -> Select:
    """The relation that landing's verdict is on."""
    return select(RECORD_CHANGE).where(RECORD_CHANGE.c.batch_id == batch_id)


def judged(batch_id: int) -> Select:
    """The relation that landing's suite reads: received lines, without their content."""
    said = RECORD_CHANGE.c
    return select(said.resource, said.source_key, said.event).where(
        said.batch_id == batch_id, said.disposition.not_in(("remove", "keep"))
    )


def superseded_share(batch_id: int) -> Select:
    """One row: the share of lines ignored as old; a vendor restored from a backup counts its versions from 1 again.

    Empty where there are too few lines for a share: one record of a night of changes stops no school.
    """
    said = RECORD_CHANGE.c
    share = cast(func.count().filter(said.disposition == "superseded"), Float) / func.nullif(func.count(), 0)
    enough = case((func.count() >= ENOUGH_ROWS, share))
    return select(enough.label("share")).where(said.batch_id == batch_id)


def publish(batch_id: int) -> list[Executable]:
    """Statements that apply the change set to landing.record, in order."""
    names = [column.name for column in RECORD_CHANGE.columns if column.name != "disposition"]
    fresh = (
        select(*(RECORD_CHANGE.c[name] for name in names), literal(True).label("is_present"))
        .where(RECORD_CHANGE.c.batch_id == batch_id, RECORD_CHANGE.c.disposition.in_(APPLIED))
        .ext(distinct_on(RECORD_CHANGE.c.connection_id, RECORD_CHANGE.c.resource, RECORD_CHANGE.c.source_key))
        .order_by(
            RECORD_CHANGE.c.connection_id,
            RECORD_CHANGE.c.resource,
            RECORD_CHANGE.c.source_key,
            RECORD_CHANGE.c.version.desc().nulls_last(),
        )
    )
    statement = upsert(RECORD).from_select([*names, "is_present"], fresh)
    kept = ("connection_id", "resource", "source_key")
    applied = statement.on_conflict_do_update(
        index_elements=list(kept),
        set_={name: statement.excluded[name] for name in (*names, "is_present") if name not in kept},
    )
    same: ColumnElement[bool] = and_(
        RECORD_CHANGE.c.batch_id == batch_id,
        RECORD.c.connection_id == RECORD_CHANGE.c.connection_id,
        RECORD.c.resource == RECORD_CHANGE.c.resource,
        RECORD.c.source_key == RECORD_CHANGE.c.source_key,
    )
    removed = update(RECORD).where(same, RECORD_CHANGE.c.disposition == "remove").values(is_present=False)
    # A record keeps its hash when only its year's reading moved on: without this it would look gone from the old one.
    moved = (
        update(RECORD)
        .where(
            same,
            RECORD_CHANGE.c.disposition.in_(("unchanged", "superseded")),
            RECORD.c.school_year != RECORD_CHANGE.c.school_year,
        )
        .values(school_year=RECORD_CHANGE.c.school_year)
    )
    return [applied, removed, moved]


def name_units(batch_id: int, resource: str, normalized: Table) -> Update:
    """UPDATE that writes the claiming unit on lines of whole readings, so that volume is judged per unit."""
    return (
        update(RECORD_CHANGE)
        .where(
            RECORD_CHANGE.c.batch_id == batch_id,
            RECORD_CHANGE.c.resource == resource,
            RECORD_CHANGE.c.unit_id == "",
            normalized.c.connection_id == RECORD_CHANGE.c.connection_id,
            normalized.c.source_key == RECORD_CHANGE.c.source_key,
        )
        .values(unit_id=func.coalesce(normalized.c.claim_unit_id, ""))
    )


def purge(connection_id: str, before: int) -> list[Delete]:
    """Transient rows of earlier batches of the connection, and pages that no record refers to any more.

    An update that was landed by a batch that broke keeps its line until the record is landed again: that it was the
    source which changed it stands nowhere else, and a mass change is counted by it.
    """
    used = exists().where(RECORD.c.page_id == PAGE.c.page_id)
    # Not those of another connection's batch that is being pulled beside this one: its records are still completed.
    ended = select(BATCH.c.batch_id).where(
        BATCH.c.batch_id < before, (BATCH.c.connection_id == connection_id) | (BATCH.c.status != "pulling")
    )
    said = RECORD_CHANGE.c
    broke = exists().where(BATCH.c.batch_id == said.batch_id, BATCH.c.status == "failed")
    landed = exists().where(
        RECORD.c.connection_id == said.connection_id,
        RECORD.c.resource == said.resource,
        RECORD.c.source_key == said.source_key,
        RECORD.c.batch_id == said.batch_id,
    )
    is_untold = and_(said.disposition == "update", broke, landed)
    return [
        delete(RECORD_CHANGE).where(said.connection_id == connection_id, said.batch_id < before, ~is_untold),
        delete(LOOKUP).where(LOOKUP.c.batch_id.in_(ended)),
        delete(PAGE).where(PAGE.c.connection_id == connection_id, PAGE.c.batch_id < before, ~used),
    ]
