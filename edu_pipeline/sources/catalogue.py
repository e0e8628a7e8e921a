"""What a site says of the catalogue: what is collected, and where a field stands in the Department's appendices.

EDU_SITE_DIR/catalogue.yaml (optional) -> checked -> Catalogue

What does not belong here: the fields themselves (schema). The appendices' text is not public (domain.md 1.1): what is
assumed of them stands in the schema, and the Department replaces it here within an hour (docs/assumptions.md).
"""

from pydantic import model_validator

from edu_pipeline.schema import ENTITIES, OFF_BY_DEFAULT, Due, Entity, Field, Need, Purpose, entity
from edu_pipeline.sources.lines import Misplaced, Strict


class Catalogue(Strict):
    """A site's word on the catalogue. Names are `entity` or `entity.field`."""

    collect: dict[Purpose, bool] = {}
    appendices: dict[str, int] = {}
    start_of_year: dict[str, bool] = {}

    @model_validator(mode="after")
    def _named(self) -> "Catalogue":
        fields = {f"{e.name}.{f.name}" for e in ENTITIES for f in e.fields}
        known = {"appendices": fields | {e.name for e in ENTITIES}, "start_of_year": fields}
        for table, names in known.items():
            for name in getattr(self, table):
                if name not in names:
                    said = f"no {name!r} in the catalogue; `edu-pipeline catalogue` lists what there is"
                    raise Misplaced(said, table, name)
        return self

    @model_validator(mode="after")
    def _needed(self) -> "Catalogue":
        for purpose, is_on in self.collect.items():
            needed = [f"{e.name}.{f.name}" for e in ENTITIES for f in e.fields
                      if f.purpose is purpose and f.need is Need.KEY]  # fmt: skip
            if needed and not is_on:
                said = f"{needed[0]} is collected for it, and no row can be without; take the line out"
                raise Misplaced(said, "collect", purpose.value)
        return self

    def is_collected(self, field: Field) -> bool:
        """True if the field's purpose is on: by the site, else unless it is off by default."""
        return self.collect.get(field.purpose, field.purpose not in OFF_BY_DEFAULT)

    def uncollected(self, name: str) -> frozenset[str]:
        """Names of an entity's fields that are not collected."""
        return frozenset(field.name for field in entity(name).fields if not self.is_collected(field))

    def appendix(self, declared: Entity, field: Field) -> int | None:
        """Number of the appendix of QD 1230 that the field stands in; None: in none."""
        found = self.appendices.get(f"{declared.name}.{field.name}", self.appendices.get(declared.name))
        return declared.appendix if found is None else found

    def is_start_of_year(self, declared: Entity, field: Field) -> bool:
        """True if the field has to be there by the date for start-of-year fields (20 September in 2024)."""
        return self.start_of_year.get(f"{declared.name}.{field.name}", field.due is Due.START_OF_YEAR)

    @property
    def fingerprint(self) -> str:
        """Says when another set of fields is collected, so that every record is taken up again."""
        return "" if not self.collect else ",".join(f"{p.value}={on}" for p, on in sorted(self.collect.items()))
