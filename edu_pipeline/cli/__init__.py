"""`edu-pipeline`: a thin door to flow, for people without the UI. It imports no Dagster: a job is a process of its own.

command -> flow, or a job of the instance -> text, or --json

What does not belong here: a decision, a query, a rule.
"""

from typing import Any

import click

from edu_pipeline.cli import (
    audit,
    baseline,
    calendar,
    catalogue,
    connections,
    data,
    decide,
    events,
    explain,
    hold,
    identity,
    kit,
    practice,
    quality,
    reply,
    rollover,
    today,
    year,
)
from edu_pipeline.flow.anchor import AnchorFailed
from edu_pipeline.flow.approve import ApprovalRefused
from edu_pipeline.flow.baseline import BaselineRefused
from edu_pipeline.flow.configure import OtherCity
from edu_pipeline.flow.decide import DecisionRefused
from edu_pipeline.flow.exempt import ExemptionRefused
from edu_pipeline.flow.explain import NotAudited
from edu_pipeline.flow.figures import NoFigure
from edu_pipeline.flow.handover import HandoverRefused
from edu_pipeline.flow.hold import HoldRefused
from edu_pipeline.flow.identity import IdentityRefused
from edu_pipeline.flow.letter import LetterFailed
from edu_pipeline.flow.lock import Busy
from edu_pipeline.flow.paper import ConfirmationRefused
from edu_pipeline.flow.verdicts import NoVerdict
from edu_pipeline.flow.year import YearRefused
from edu_pipeline.sources.lines import ConfigurationError
from edu_pipeline.storage.embedded import ServerFailed
from edu_pipeline.storage.engine import DatabaseUnavailable
from edu_pipeline.storage.migrate import SchemaMismatch

_SAID = (
    ConfigurationError,
    DatabaseUnavailable,
    SchemaMismatch,
    ServerFailed,
    OtherCity,
    YearRefused,
    Busy,
    BaselineRefused,
    ConfirmationRefused,
    DecisionRefused,
    ExemptionRefused,
    NoFigure,
    NoVerdict,
    HoldRefused,
    IdentityRefused,
    ApprovalRefused,
    HandoverRefused,
    LetterFailed,
    AnchorFailed,
    NotAudited,
)


class _Door(click.Group):
    """Errors that a person can mend are told in a line, without a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _SAID as error:
            raise click.ClickException(str(error)) from error
        except KeyError as error:
            raise click.ClickException(str(error.args[0])) from error


@click.group(cls=_Door)
def main() -> None:
    """One true register of a city's schools, classes, pupils and staff."""


for _command in (
    practice.demo,
    practice.demo_failure,
    practice.dev,
    practice.sandbox,
    practice.stop,
    data.migrate,
    connections.connections,
    data.pull,
    data.backfill,
    data.reprocess,
    data.publish,
    data.warehouse,
    data.ledger,
    explain.explain,
    data.standing,
    data.accounts,
    reply.reply,
    today.today,
    audit.audit,
    baseline.baseline,
    hold.hold,
    identity.identity,
    events.events,
    calendar.calendar,
    catalogue.catalogue,
    catalogue.findings,
    catalogue.systems,
    kit.vendor_check,
    kit.kit,
    quality.quality,
    year.year,
    rollover.rollover,
):
    main.add_command(_command)
for _command in (decide.override, decide.renaming):
    rollover.rollover.add_command(_command)
