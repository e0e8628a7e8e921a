"""A register of invented people, and records that wait in it, each spoiled in a known way: the truth to measure by.

random -> identities, who holds them, waiting records with the identity that each is really of (or none)

What does not belong here: judging (measure.py, test_suspect.py). Names have the practice city's frequencies.
"""

import datetime as dt
import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from edu_pipeline.contracts.tables import MASTER, VALIDATED, WAITING
from edu_pipeline.sandbox import names
from edu_pipeline.storage.copy import copy_rows

A_UNIT = 740


@dataclass(frozen=True)
class Person:
    """Somebody of the registry, or nobody of it (`root` empty). `number`: the personal number."""

    root: str
    name: str
    birth: str
    sex: str
    unit: str
    number: str = ""


@dataclass(frozen=True)
class Record:
    """A waiting record: how it was spoiled, who it is really of, what it says."""

    kind: str
    truth: str
    said: Person


def folded(name: str) -> str:
    """The name without marks, as a typist without a Vietnamese keyboard writes it."""
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _swapped(one: Person, rng: random.Random) -> Person:
    year, month, day = one.birth.split("-")
    return replace(one, birth=f"{year}-{day}-{month}")


def _typo(one: Person, rng: random.Random) -> Person:
    """Two neighboring letters change places, or one is lost, in a word after the family name."""
    words = one.name.split()
    place = rng.randrange(1, len(words))
    word = words[place]
    at = rng.randrange(max(1, len(word) - 1))
    words[place] = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :] if rng.random() < 0.5 else (
        word[:at] + word[at + 1 :])  # fmt: skip
    return replace(one, name=" ".join(word for word in words if word))


def _mark(one: Person, rng: random.Random) -> Person:
    """One word loses its marks."""
    words = one.name.split()
    marked = [n for n, word in enumerate(words) if folded(word) != word] or [0]
    place = rng.choice(marked)
    words[place] = folded(words[place])
    return replace(one, name=" ".join(words))


def _digit(one: Person, rng: random.Random) -> Person:
    """Another digit in the day, so that it is a day still."""
    days = [day for day in range(1, 29) if sum(a != b for a, b in zip(f"{day:02d}", one.birth[8:], strict=True)) == 1]
    return replace(one, birth=f"{one.birth[:8]}{rng.choice(days):02d}")


def _short(one: Person, rng: random.Random) -> Person:
    words = one.name.split()
    return replace(one, name=" ".join([words[0], *words[2:]]) if len(words) > 2 else one.name)


def _other_id(one: Person, rng: random.Random) -> Person:
    return replace(one, root=f"{9_900_000_000 + rng.randrange(90_000_000)}")


Spoil = Callable[[Person, random.Random], Person]
# What the record says instead; without `keeps` it tells no root id.
SPOILED: dict[str, tuple[Spoil, bool]] = {
    "no root id": (lambda one, rng: one, False),
    "unknown root id": (_other_id, True),
    "no marks": (lambda one, rng: replace(one, name=folded(one.name)), False),
    "one word without marks": (_mark, False),
    "decomposed (NFD)": (lambda one, rng: replace(one, name=unicodedata.normalize("NFD", one.name)), False),
    "day and month swapped": (_swapped, False),
    "one digit of the day": (_digit, False),
    "a typing error in the name": (_typo, False),
    "middle name left out": (_short, False),
    "year of birth alone": (lambda one, rng: replace(one, birth=one.birth[:4]), False),
    "year and month of birth": (lambda one, rng: replace(one, birth=one.birth[:7]), False),
    "root id, and no marks": (lambda one, rng: replace(one, name=folded(one.name)), True),
    "root id, and a digit of the day": (_digit, True),
    "root id, and a typing error": (_typo, True),
    "eaten zero, and a typing error": (lambda one, rng: replace(_typo(one, rng), number=one.number[1:]), False),
}
# Who is nobody of the registry, although it has somebody like them.
NOBODY = ("a stranger", "twin of the unit", "twin by a mark or letter", "namesake of the unit", "namesake elsewhere",
          "another's root id")  # fmt: skip


def people(count: int, rng: random.Random) -> Iterator[Person]:
    """Children of six to eighteen in units of 740; one in sixty has a twin in the same unit."""
    made, elder = 0, None
    while made < count:
        unit = f"79{made // A_UNIT:06d}"
        sex = rng.choice(("male", "female"))
        if elder and rng.random() < 1 / 60:
            given = names.of(rng, sex[0], int(elder.birth[:4]))[1]
            one = replace(elder, name=f"{elder.name.split()[0]} {given}", sex=sex, unit=unit)
        else:
            birth = dt.date(2006, 1, 1) + dt.timedelta(days=rng.randrange(12 * 365))
            one = Person("", " ".join(names.of(rng, sex[0], birth.year)), birth.isoformat(), sex, unit)
        number = f"079{2 if one.sex == 'male' else 3}{one.birth[2:4]}{made % 1_000_000:06d}"
        yield (elder := replace(one, root=f"{7_900_000_000 + 3 * made}", number=number))
        made += 1


@dataclass
class Register:
    """Identities, by whom they are held (root ids of records that stand), and what waits."""

    people: list[Person]
    held: dict[str, str]
    waiting: list[Record]


def plant(count: int, each: int, seed: int = 1230) -> Register:
    """A register of so many, with so many records of each kind."""
    rng = random.Random(seed)
    known = list(people(count, rng))
    taken = iter(rng.sample(range(count), each * (len(SPOILED) + len(NOBODY))))
    held, waiting = {one.root: one.unit for one in known}, []
    for kind, (spoil, keeps) in SPOILED.items():
        for number in range(each):
            one = known[next(taken)]
            while kind == "day and month swapped" and (one.birth[8:] > "12" or one.birth[8:] == one.birth[5:7]):
                one = known[rng.randrange(count)]
            said = spoil(one, rng)
            # One in ten stands in another unit still: it has moved, and the new school tells it badly.
            held.pop(one.root, None)
            if number % 10 == 0:
                held[one.root] = "79999999"
            said = said if keeps else replace(said, root="")
            waiting.append(Record(kind, one.root, said if "zero" in kind else replace(said, number="")))
    for kind in NOBODY:
        for _ in range(each):
            waiting.append(Record(kind, "", _nobody(kind, known[next(taken)], rng)))
    return Register(known, held, waiting)


def _nobody(kind: str, like: Person, rng: random.Random) -> Person:
    family, given = names.of(rng, like.sex[0], int(like.birth[:4]))
    stranger = replace(like, root="", name=f"{family} {given}", birth=f"{like.birth[:8]}{rng.randint(1, 28):02d}",
                       number="")  # fmt: skip
    match kind:
        case "twin of the unit":
            return replace(like, root="", number="", name=f"{like.name.split()[0]} {given}")
        case "twin by a mark or letter":
            return replace(_typo(like, rng) if rng.random() < 0.5 else _mark(like, rng), root="", number="")
        case "namesake of the unit":
            return replace(like, root="", number="")
        case "namesake elsewhere":
            return replace(like, root="", number="", unit="79888888")
        case "another's root id":
            return replace(stranger, root=like.root)
    return stranger


def write(register: Register, app: Engine) -> None:
    """Write it where the pipeline would have: master.identity, validated.student, waiting.student, master.student."""
    now = dt.datetime(2024, 9, 5, tzinfo=dt.UTC)
    with app.begin() as database:
        copy_rows(database, MASTER["identity"],
                  ("identity_id", "person_kind", "full_name", "birth_date", "sex", "recorded_from"),
                  ((one.root, "student", one.name, one.birth, one.sex, now) for one in register.people))  # fmt: skip
        stands = ("connection_id", "source_key", "batch_id", "event", "faults", "claim_unit_id", "student_id",
                  "is_present")  # fmt: skip
        copy_rows(
            database,
            VALIDATED["student"],
            stands,
            (("saomai", f"HS-{root}", 1, "NEW", [], unit, root, True) for root, unit in register.held.items()),
        )
        told = ("connection_id", "source_key", "ref_key", "batch_id", "event", "faults", "claim_unit_id", "student_id",
                "full_name", "birth_date", "sex", "personal_number", "reason", "since")  # fmt: skip
        copy_rows(database, WAITING["student"], told, (
            ("saomai", f"W-{place}", f"TAM-{place}", 1, "NEW", [], r.said.unit, r.said.root or None, r.said.name,
             r.said.birth, r.said.sex, r.said.number or None, "identity", now)
            for place, r in enumerate(register.waiting)))  # fmt: skip
        known = {one.root: one for one in register.people}
        copy_rows(database, MASTER["student"],
                  ("student_id", "full_name", "birth_date", "sex", "personal_number", "recorded_from"),
                  ((one.root, one.name, one.birth, one.sex, one.number, now) for one in
                   (known[r.truth] for r in register.waiting if r.said.number)))  # fmt: skip
