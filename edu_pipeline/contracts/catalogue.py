"""The catalogue page: every entity, field and code in words, for vendors, schools and whoever asks what a column is.

ENTITIES, who supplies them -> render() -> docs/CATALOGUE.md (a test holds the committed page to it)

What does not belong here: any fact about a field (schema says it), and texts of rules (rules.yaml).
"""

from collections.abc import Iterable, Sequence

from edu_pipeline.contracts.supply import suppliers, unsupplied
from edu_pipeline.schema import ENTITIES, CodeSet, Entity, Field

# Longer lists are not printed: the command line shows them.
_SHOWN = 120

_INTRODUCTION = """\
# Catalogue of the master schema

Rendered from the declarations in `edu_pipeline/schema` by `edu_pipeline/contracts/catalogue.py`. Do not edit this page:
change the declaration and render it again; a test compares the two.

* **Need**: `key` rejects a row without the value, `expected` costs the unit points once its time of year has come (said
  behind it), `optional` costs nothing. A value that cannot be is no reason to stop a child: where it is not `key`, the
  row is admitted without it, with a finding.
* **Sensitivity**: `public` and `internal` values are open to readers, `personal` and `sensitive` ones are not.
* **Purpose**: what it is collected for. Values for health, religion and affiliation are not collected, and lie nowhere,
  unless the site turns them on (`collect:` in `catalogue.yaml`).
* **Carry**: what the rollover does with the value in the new school year: `keep`, `clear`, `reconfirm` or `derive`.
* **Told by**: kinds of system that supply the value; **nobody** where no shipped kind does.
* **Appendix**: of QD 1230, as assumed; its text is not public. A site says otherwise in `catalogue.yaml`
  ([assumptions](assumptions.md)).
"""

_FIELD_HEADS = ("Field", "Type", "Need", "Codes", "Sensitivity", "Purpose", "Carry", "Told by", "Standard",
                "Vietnamese", "Description")  # fmt: skip


def render() -> str:
    """Return the whole page as Markdown. The same declarations give the same text."""
    entities = [_entity(entity) for entity in ENTITIES]
    code_sets = [_code_set(code_set) for code_set in _code_sets()]
    return "\n".join([_INTRODUCTION, _coverage(), "## Entities\n", *entities, "## Code sets\n", *code_sets])


def _coverage() -> str:
    total, missing = sum(len(entity.fields) for entity in ENTITIES), unsupplied()
    said = f"{total} fields in {len(ENTITIES)} entities; {total - len(missing)} are told by a shipped kind of system"
    names = ", ".join(f"`{entity.name}.{field.name}`" for entity, field in missing)
    return f"{said}, {len(missing)} by nobody{': ' + names if names else ''}.\n"


def _code_sets() -> Iterable[CodeSet]:
    """Code sets in the order in which fields first use them."""
    return {field.codes.name: field.codes for entity in ENTITIES for field in entity.fields if field.codes}.values()


def _entity(entity: Entity) -> str:
    facts = {
        "Vietnamese": entity.label_vi,
        "Standard": entity.standard,
        "Key": ", ".join(f"`{name}`" for name in entity.key),
        "Scope": str(entity.scope),
        "Appendix": {None: "none", 1: "I", 2: "II", 3: "III"}[entity.appendix],
        "Refers to": ", ".join(dict.fromkeys(f"`{reference.entity}`" for reference in entity.references)) or "-",
        "Source": "read from connected systems" if entity.is_pulled else "the site's calendar",
    }
    head = f"### {_words(entity.name)} (`{entity.name}`)\n\n{entity.description}\n"
    listed = "\n".join(f"* {label}: {value}" for label, value in facts.items())
    return f"{head}\n{listed}\n\n{_table(_FIELD_HEADS, [_field(entity, field) for field in entity.fields])}"


def _field(entity: Entity, field: Field) -> Sequence[str]:
    codes = f"[{field.codes.name}](#{_anchor(field.codes)})" if field.codes else "-"
    need = f"{field.need}, {field.due}" if field.due else field.need
    told = ", ".join(suppliers(entity, field)) or "**nobody**"
    return (f"`{field.name}`", form(field), need, codes, field.sensitivity, field.purpose, field.carry, told,
            field.standard, field.label_vi, field.description)  # fmt: skip


def form(field: Field) -> str:
    """Kind, bounds and default of a field in words."""
    limits = [f"form `{field.pattern}`"] if field.pattern else []
    if field.max_length is not None:
        limits.append(f"at most {field.max_length} characters")
    if field.minimum is not None:
        limits.append(f"from {field.minimum}")
    if field.maximum is not None:
        limits.append(f"to {field.maximum}")
    if field.default is not None:
        limits.append(f"default `{str(field.default).lower()}`")
    return ", ".join([field.kind, *limits])


def _code_set(code_set: CodeSet) -> str:
    if code_set.is_open and len(code_set.codes) > _SHOWN:
        said = f"{len(code_set.codes)} codes; `edu-pipeline catalogue {code_set.name} CODE` shows one with its history"
        return f"### {_title(code_set)}\n\n{code_set.label_vi}. {code_set.source}.\n\n{said}.\n"
    rows = [(f"`{code}`", english, vietnamese) for code, (english, vietnamese) in code_set.codes.items()]
    kind = "A list that the law changes" if code_set.is_open else "A closed list"
    about = f"{code_set.label_vi}. {kind}. {code_set.source}."
    return f"### {_title(code_set)}\n\n{about}\n\n{_table(('Code', 'English', 'Vietnamese'), rows)}"


def _title(code_set: CodeSet) -> str:
    return f"Codes: {code_set.name}"


def _anchor(code_set: CodeSet) -> str:
    # As Markdown viewers make it from a heading: lower case, no punctuation, a hyphen for a space.
    return _title(code_set).lower().replace(":", "").replace(" ", "-")


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
