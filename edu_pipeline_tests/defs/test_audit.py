"""The morning's job anchors the audit and verifies it; what is wrong fails the run by name."""

import pytest
from sqlalchemy import text

from edu_pipeline.defs.audit import audit
from edu_pipeline.flow.audit import audited, record
from edu_pipeline.flow.verify import verify
from edu_pipeline_tests.conftest import Database


def test_the_job_anchors_and_fails_by_the_name_of_what_is_wrong(database: Database) -> None:
    with audited() as connection:
        record(connection, "hold.approved", rows=3)
    assert audit.execute_in_process().success
    assert (anchored := verify().anchor) is not None
    assert anchored.seq == 1
    with database.owner.begin() as connection:
        connection.execute(text("UPDATE ops.audit SET actor = 'somebody'"))
    with pytest.raises(Exception, match=r"^changed: the entry"):
        audit.execute_in_process()
