"""What can go wrong on the wire, for the person who can mend it.

PullError
├── Unreachable        nobody answers, or the answer breaks off
├── Refused            403, 404: scope or address are wrong; never tried again
│   ├── Unauthorized   401: so are the credentials, for whatever else is asked
│   ├── Absent         404: there is no such resource, unit or year
│   └── Expired        410: the rest of a reading is no longer served
└── Malformed          an answer that is not what the contract says

What does not belong here: faults of a value (they are rows' faults, not the pull's).
"""


class PullError(RuntimeError):
    """A reading failed. Says connection, resource, unit, cause and remedy; never a record's content."""

    def __init__(self, connection: str, place: str, cause: str, remedy: str) -> None:
        self.connection, self.place, self.cause, self.remedy = connection, place, cause, remedy
        super().__init__(f"{connection}, {place}: {cause}. Remedy: {remedy}")


class Unreachable(PullError):
    """No answer, or one that broke off, after all tries."""


class Refused(PullError):
    """The system answered that it will not serve this; trying again does not help."""


class Unauthorized(Refused):
    """The system does not know us: no other question would be answered either."""


class Absent(Refused):
    """The system has no such resource, unit or year."""


class Expired(Refused):
    """The system does not serve the state that was being read any more: a cursor outlived its time."""


class Malformed(PullError):
    """The answer does not follow the contract."""
