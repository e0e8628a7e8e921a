"""What the proofs of the wire's faults have in common: by which name each is found, and how a reading is compared.

fault's name -> PROOFS -> proof, which is given a reader (wired.py)

What does not belong here: the proofs (proofs_of_answers.py, proofs_of_pages.py, proofs_of_records.py).
"""

from collections.abc import Callable
from typing import Any

from edu_pipeline_tests.sandbox.practice import Record
from edu_pipeline_tests.sandbox.wired import UNITS, Reader

Proof = Callable[[Reader], None]
PROOFS: dict[str, Proof] = {}


def proves(name: str) -> Callable[[Proof], Proof]:
    """Make a function the proof of a fault."""

    def put(proof: Proof) -> Proof:
        PROOFS[name] = proof
        return proof

    return put


def elsewhere(reader: Reader) -> Reader:
    """Who reads the same of another unit."""
    return reader.of(unit=(reader.unit[0], UNITS[reader.system][1]))


def whole(reader: Reader, name: str, **options: Any) -> tuple[list[list[Record]], list[list[Record]]]:
    """The pages of a reading before the fault, and with it."""
    before = reader.reading()
    assert len(before) > 2
    reader.switch(name, **options)
    return before, reader.reading()


def flat(pages: list[list[Record]]) -> list[Record]:
    """The records of all pages."""
    return [record for page in pages for record in page]
