"""The catalogue page: every entity, field and code in words, for vendors, schools and whoever asks what a column is.

ENTITIES -> render() -> docs/CATALOGUE.md (a test holds the committed page to it)

What does not belong here: any fact about a field (schema says it), and texts of rules (rules.yaml).
"""

from collections.abc import Iterable, Sequence

from edu_pipeline.schema import ENTITIES, CodeSet, Entity, Field

_INTRODUCTION = """\
# Catalogue of the master schema

Rendered from the declarations in `edu_pipeline/schema` by `edu_pipeline/contracts/catalogue.py`. Do not edit this page:
change the declaration and render it again; a test compares the two.

* **Need**: `key` rejects a row without the value, `expected` costs the unit points, `optional` costs nothing.
* **Sensitivity**: `public` and `internal` values are open to readers, `personal` and `sensitive` ones are not.
* **Carry**: what the rollover does with the value in the new school year: `keep`, `clear`, `reconfirm` or `derive`.
"""

_FIELD_HEADS = ("Field", "Type", "Need", "Codes", "Sensitivity", "Carry", "Standard", "Vietnamese", "Description")


def render() -> str:
    """Return the whole page as Markdown. The same declarations give the same text."""
    entities = [_entity(entity) for entity in ENTITIES]
    code_sets = [_code_set(code_set) for code_set in _code_sets()]
    return "\n".join([_INTRODUCTION, "## Entities\n", *entities, "## Code sets\n", *code_sets])


def _code_sets() -> Iterable[CodeSet]:
    """Code sets in the order in which fields first use them."""
    return {field.codes.name: field.codes for entity in ENTITIES for field in entity.fields if field.codes}.values()


def _entity(entity: Entity) -> str:
    facts = {
        "Vietnamese": entity.label_vi,
        "Standard": entity.standard,
        "Key": ", ".join(f"`{name}`" for name in entity.key),
        "Scope": str(entity.scope),
        "Refers to": ", ".join(dict.fromkeys(f"`{reference.entity}`" for reference in entity.references)) or "-",
        "Source": "read from connected systems" if entity.is_pulled else "the site's calendar",
    }
    head = f"### {_words(entity.name)} (`{entity.name}`)\n\n{entity.description}\n"
    listed = "\n".join(f"* {label}: {value}" for label, value in facts.items())
    return f"{head}\n{listed}\n\n{_table(_FIELD_HEADS, [_field(field) for field in entity.fields])}"


def _field(field: Field) -> Sequence[str]:
    codes = f"[{field.codes.name}](#{_anchor(field.codes)})" if field.codes else "-"
    return (f"`{field.name}`", _type(field), field.need, codes, field.sensitivity, field.carry, field.standard,
            field.label_vi, field.description)  # fmt: skip


def _type(field: Field) -> str:
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
    rows = [(f"`{code}`", english, vietnamese) for code, (english, vietnamese) in code_set.codes.items()]
    return f"### {_title(code_set)}\n\n{code_set.label_vi}\n\n{_table(('Code', 'English', 'Vietnamese'), rows)}"


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
