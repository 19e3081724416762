"""What a machine or a hub sets once: read from the environment (`BOLI_...`) and a file `.env`, at the edge only."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import AppError

_PREFIX = "BOLI_"
_ENV_FILE = ".env"


class SettingsInvalid(AppError):
    """A setting that makes no sense."""


class Settings(BaseSettings):
    """Every setting of Boli; a command's own option wins over it."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file=_ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )

    cache_folder: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("boli"),
        description="Folder for fetched model weights.",
    )
    model: str = Field(
        default="demo",
        min_length=1,
        description="Model that drafts: `demo`, a name such as `small` or `large-v3`, or a folder.",
    )
    engine: str | None = Field(
        default=None,
        description="Engine that runs the model; empty: the one that fits the model.",
    )
    threads: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="Processor threads for drafting; 0: as many as the machine has cores.",
    )
    mirror: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Address of a mirror of the model hub, where the hub itself is blocked or slow.",
    )
    asr_url: str | None = Field(
        default=None, description="Address of the service behind the engine http, such as `https://host/v1`."
    )
    asr_api_key: str | None = Field(default=None, repr=False, description="The service's key, if it wants one.")
    asr_proxy: str | None = Field(default=None, description="Proxy to the service.")
    fake_delay_ms: int = Field(default=0, ge=0, description="Engine fake: pause for each clip.")
    fake_fail_every: int | None = Field(default=None, ge=1, description="Engine fake: one clip in so many fails.")

    data_folder: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("boli"),
        description="Folder of the embedded service: its database, its files, its keys.",
    )
    database: str | None = Field(
        default=None,
        pattern=r"^(sqlite|postgresql\+psycopg):///?.+",
        description="Database address, `postgresql+psycopg://...`; empty: SQLite in the data folder.",
    )
    store: str | None = Field(
        default=None,
        pattern=r"^s3://[a-z0-9.-]{3,63}(/.*)?$",
        description="Where files are kept, `s3://bucket`; empty: a folder in the data folder.",
    )
    s3_endpoint: str | None = Field(
        default=None, pattern=r"^https?://\S+$", description="Address of an S3-compatible server; empty: Amazon's."
    )
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_virtual_host: bool = Field(
        default=False, description="Whether the bucket's name is part of the host name, as Aliyun OSS expects it."
    )
    host: str = Field(default="127.0.0.1", description="Address that the service listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port that the service listens on; 0: any free one.")
    intake: str | None = Field(
        default=None,
        pattern=r"^(s3://[a-z0-9.-]{3,63}(/.*)?|/.+)$",
        description="Where clients leave files to be registered, in a folder for each project's id: "
        "`s3://bucket/prefix`, or a folder; empty: nowhere.",
    )
    free_bytes: int = Field(
        default=1_000_000_000, ge=0, description="Disk space that stays free: uploads that would need it are refused."
    )
    upload_hours: int = Field(default=72, ge=1, description="Hours after which an unfinished upload is given up.")
    max_file_bytes: int = Field(default=20_000_000_000, ge=1, description="Largest file that is taken.")
    clip_cache_bytes: int = Field(default=5_000_000_000, ge=0, description="Disk space for clips that can be remade.")
    clips_ahead: bool = Field(
        default=True, description="Whether clips are made before anybody asks for them, where there is room."
    )

    @property
    def database_url(self) -> str:
        """Where the database is."""
        return self.database or f"sqlite:///{self.data_folder / 'boli.sqlite3'}"


def load_settings() -> Settings:
    """The settings in force.

    Raises:
        SettingsInvalid: names each wrong variable, its value and what was expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"{_PREFIX}{fault['loc'][0]!s}".upper() + f"={fault['input']}: {fault['msg']}" for fault in error.errors()
        ]
        raise SettingsInvalid("; ".join(faults)) from error
    except UnicodeDecodeError as error:
        raise SettingsInvalid(
            f"{_ENV_FILE}: byte {error.object[error.start]:#04x} at {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    except OSError as error:
        raise SettingsInvalid(f"{_ENV_FILE}: cannot be read: {error.strerror}") from error
