"""Whose account an LMS's account is: the person whose root id it names, if the register knows that name, too.

master.account, master.identity -> LINKED: (unit_id, account_code, person_id, person_kind, doubt)

What does not belong here: writing a person, or guessing one. An LMS knows no birth date: the root id alone could be
anybody's by one wrong digit, and a name alone is a namesake's, so it takes both. The words of a name may stand in any
order and without marks: typed by hand into two fields, they do.
"""

from edu_pipeline.contracts import fold

# Why an account is nobody's: it names no root id, one that the register does not know, or one of somebody else's name.
UNTOLD, UNKNOWN, ANOTHER = "untold", "unknown", "another"
# ... and that it is somebody's.
LINKED_TO = "none"

_SAME = f"lower(a.full_name) = lower(i.full_name) OR {fold.words('a.full_name')} = {fold.words('i.full_name')}"

LINKED = f"""
SELECT a.unit_id, a.account_code, CASE WHEN {_SAME} THEN i.identity_id END AS person_id,
       CASE WHEN {_SAME} THEN i.person_kind END AS person_kind,
       CASE WHEN a.person_id IS NULL THEN '{UNTOLD}' WHEN i.identity_id IS NULL THEN '{UNKNOWN}'
            WHEN coalesce({_SAME}, false) THEN '{LINKED_TO}' ELSE '{ANOTHER}' END AS doubt
FROM master.account a LEFT JOIN master.identity i ON i.identity_id = a.person_id"""
