"""Configuration: environment variables `SANGKIEN_*`, or one TOML file (docs/configuration.md)."""

import os
import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from upath import UPath

from sangkien.storage import open_folder

PROJECT_ROOT = Path(__file__).resolve().parents[2]


class Limits(BaseModel):
    """What a file may cost (contract §1, "Limits"); sizes in bytes."""

    file_bytes: int = 512 * 2**20
    unpacked_bytes: int = 2 * 2**30
    compression_ratio: int = 200
    rows: int = 5_000_000
    columns: int = 200
    cell_bytes: int = Field(default=2**20, le=2**22)


class Keep(BaseModel):
    """What `sangkien prune` and `sangkien housekeeping` keep.

    Publications: beside those named here, the official ones and all from the current one on.
    """

    newest: int = Field(default=30, ge=0)
    weeks: int = Field(default=104, ge=0)
    """The last publication of each of so many ISO weeks, by the logical date of its run."""
    raw_days: int | None = Field(default=None, ge=0)
    """How many days the bytes of a loaded delivery stay in the raw store; none: for good."""
    log_days: int = Field(default=90, ge=1)
    """How many days log files stay, and what Airflow remembers of its runs."""


class Alerts(BaseModel):
    """Whom the morning's report goes to, by which of Airflow's connections."""

    email_to: list[str] = []
    """Addresses; none: no e-mail."""
    email_connection: str = "smtp_default"
    webhook_connection: str = ""
    """Connection id of an HTTP address that takes the report as JSON; empty: none."""


class Settings(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="SANGKIEN_", env_nested_delimiter="__", extra="ignore")

    dsn: str = ""
    """PostgreSQL URL of the warehouse; empty: the embedded server under `home`."""
    home: Path = PROJECT_ROOT / ".sangkien"
    """Embedded server, raw store, logs, local secrets."""
    inbox: str = ""
    outbox: str = ""
    reports: str = ""
    """The folder that the pages about the gate go to: a path or a URL; empty: under `home`."""
    rules: Path = PROJECT_ROOT / "expectations" / "rules.yml"
    """The rule catalogue; `sangkien rejudge` judges under it."""
    bulletin: Path | None = None
    """Where the bulletin is built; none: under `home`."""
    storage_options: dict[str, Any] = Field(default={}, repr=False)
    """What fsspec opens an inbox or an outbox that is a URL with."""
    pg_bin: Path | None = None
    """Folder of the binaries of a system PostgreSQL >= 15, to run the embedded server with those."""
    pseudonym_key: SecretStr | None = None
    """Key of the pseudonyms of authors; none: one is made and kept under `home`."""
    shards: int = max(2, os.cpu_count() or 2)
    """Into how many shards a night's deliveries are dealt, and how many processes `refresh` loads with."""
    limits: Limits = Limits()
    keep: Keep = Keep()
    alerts: Alerts = Alerts()

    @property
    def inbox_folder(self) -> UPath:
        """The folder that the units deliver into."""
        return open_folder(self.inbox or str(self.home / "inbox"), self.storage_options)

    @property
    def outbox_folder(self) -> UPath:
        """The folder that the receipts go to."""
        return open_folder(self.outbox or str(self.home / "outbox"), self.storage_options)

    @property
    def reports_folder(self) -> UPath:
        """The folder that the pages about the gate go to."""
        return open_folder(self.reports or str(self.home / "reports"), self.storage_options)

    @property
    def bulletin_folder(self) -> Path:
        """The folder that the bulletin is built into; its `latest` is the one to open."""
        return self.bulletin or self.home / "bulletin"

    @property
    def raw_store(self) -> Path:
        """The folder that keeps each delivery's bytes, by their sha256."""
        return self.home / "raw"

    def pseudonym_secret(self) -> bytes:
        """The key of the pseudonyms; where none is configured, the one kept under `home`, made at its first use."""
        if self.pseudonym_key:
            return self.pseudonym_key.get_secret_value().encode()
        file = self.home / "pseudonym.key"
        self.home.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with tempfile.NamedTemporaryFile(dir=self.home, delete=False) as made:  # readable by its owner only
                made.write(secrets.token_hex(32).encode())
            try:
                os.link(made.name, file)  # whoever comes second keeps the first one's key
            except FileExistsError:
                pass
            finally:
                Path(made.name).unlink()
        return file.read_bytes()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file named by SANGKIEN_CONFIG."""
        file = Path(os.environ.get("SANGKIEN_CONFIG", PROJECT_ROOT / "sangkien.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
