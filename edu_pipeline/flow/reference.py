"""Bring the tables of the code lists that the law changes to what the package, or the site instead, says.

schema/lists/<list>.csv, or <site>/lists/<list>.csv -> COPY -> reference.*, one entry in ops.audit a changed list

What does not belong here: reading and checking a file (schema/lists.py), and the tables (contracts/reference.py).
A code is never deleted, because what was true stays true: a list that leaves it out ends its validity.
"""

import datetime as dt
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, select, text
from sqlalchemy import Connection as Database

from edu_pipeline.contracts.reference import CODE_LIST, CODE_SUCCESSOR, CODE_VERSION, REFERENCE
from edu_pipeline.flow.audit import record
from edu_pipeline.schema import lists
from edu_pipeline.schema.lists import CodeList
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.storage.copy import copy_rows

_TEMPORARY = MetaData()
_VERSION, _SUCCESSOR = (
    Table(f"incoming_{table.name}", _TEMPORARY, *(Column(column.name) for column in table.columns), schema="pg_temp")
    for table in (CODE_VERSION, CODE_SUCCESSOR)
)


def load_lists(database: Database, folder: Path, as_of: dt.date) -> tuple[str, ...]:
    """Bring every list to `folder`/<list>.csv where the site has one, else to the packaged file.

    Returns the names of the lists that changed: one whose file is the one that was loaded is not touched. Codes that a
    new file leaves out end on `as_of`.
    ConfigurationError names file, line and remedy; then nothing is written.
    """
    known = {row.list: row.digest for row in database.execute(select(CODE_LIST.c.list, CODE_LIST.c.digest))}
    own = _own_files(folder)
    changed = [found for name in REFERENCE if (found := _changed(name, own.get(name), known.get(name)))]
    for one in changed:
        _load(database, one, as_of)
    return tuple(one.name for one in changed)


def _own_files(folder: Path) -> dict[str, Path]:
    """The site's own lists by name; ConfigurationError if a file is no list's: it would be ignored in silence."""
    found = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    if strange := [str(path) for name, path in found.items() if name not in REFERENCE]:
        raise ConfigurationError(f"{', '.join(strange)}: no such list; there are {', '.join(REFERENCE)}")
    return found


def _changed(name: str, own: Path | None, known: str | None) -> CodeList | None:
    content = own.read_bytes() if own else lists.read(name)
    if lists.digest(content) == known:
        return None
    if own is None:
        return lists.packaged(name)
    try:
        return lists.parse(name, content, str(own))
    except lists.ListError as error:
        raise ConfigurationError(str(error)) from error


def _load(database: Database, one: CodeList, as_of: dt.date) -> None:
    versions = [(one.name, v.code, v.valid_from, v.valid_to, v.label_en, v.label_vi, v.parent) for v in one.versions]
    successors = [(one.name, v.code, v.valid_to, code, change) for v in one.versions for code, change in v.successors]
    for incoming, rows in ((_VERSION, versions), (_SUCCESSOR, successors)):
        like = f"reference.{incoming.name.removeprefix('incoming_')}"
        database.execute(text(f"CREATE TEMPORARY TABLE {incoming.name} (LIKE {like}) ON COMMIT DROP"))
        copy_rows(database, incoming, incoming.columns.keys(), rows)
    said = {"list": one.name, "as_of": as_of}
    counts = {word: database.execute(text(statement), said).rowcount for word, statement in _steps(one.name).items()}
    about = {key: one.about.get(key, "-") for key in ("version", "source", "confidence")}
    database.execute(text(_REMEMBER), said | about | {"digest": one.digest})
    database.execute(text("DROP TABLE pg_temp.incoming_code_version, pg_temp.incoming_code_successor"))
    record(database, "load list", list=one.name, version=about["version"], digest=one.digest, rows=counts)


def _steps(name: str) -> dict[str, str]:
    """Statements by what their count means, in order."""
    return {
        "new_codes": f"""
            INSERT INTO {REFERENCE[name].fullname} (code) SELECT DISTINCT code FROM pg_temp.incoming_code_version
            ON CONFLICT DO NOTHING""",
        # A version that the new file dates otherwise gives way; codes that it does not know at all keep theirs.
        "redated": """
            DELETE FROM reference.code_version v WHERE list = :list
            AND EXISTS (SELECT FROM pg_temp.incoming_code_version i WHERE i.code = v.code)
            AND NOT EXISTS (SELECT FROM pg_temp.incoming_code_version i
                            WHERE i.code = v.code AND i.valid_from = v.valid_from)""",
        "ended": """
            UPDATE reference.code_version v SET valid_to = greatest(:as_of, valid_from + 1) WHERE list = :list
            AND (valid_to IS NULL OR valid_to > :as_of)
            AND NOT EXISTS (SELECT FROM pg_temp.incoming_code_version i WHERE i.code = v.code)""",
        "written": """
            INSERT INTO reference.code_version AS v SELECT * FROM pg_temp.incoming_code_version
            ON CONFLICT (list, code, valid_from) DO UPDATE SET valid_to = excluded.valid_to,
                label_en = excluded.label_en, label_vi = excluded.label_vi, parent = excluded.parent
            WHERE (v.valid_to, v.label_en, v.label_vi, v.parent) IS DISTINCT FROM
                  (excluded.valid_to, excluded.label_en, excluded.label_vi, excluded.parent)""",
        "successors_gone": """
            DELETE FROM reference.code_successor s WHERE list = :list
            AND EXISTS (SELECT FROM pg_temp.incoming_code_version i WHERE i.code = s.code)
            AND NOT EXISTS (SELECT FROM pg_temp.incoming_code_successor i WHERE i.code = s.code
                            AND i.valid_to = s.valid_to AND i.successor = s.successor)""",
        "successors": """
            INSERT INTO reference.code_successor AS s SELECT * FROM pg_temp.incoming_code_successor
            ON CONFLICT (list, code, valid_to, successor) DO UPDATE SET change = excluded.change
            WHERE s.change <> excluded.change""",
    }


_REMEMBER = """
    INSERT INTO reference.code_list (list, version, digest, source, confidence, loaded_at)
    VALUES (:list, :version, :digest, :source, :confidence, now())
    ON CONFLICT (list) DO UPDATE SET version = excluded.version, digest = excluded.digest, source = excluded.source,
        confidence = excluded.confidence, loaded_at = excluded.loaded_at"""
