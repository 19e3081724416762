"""What a machine or a hub sets once: read from the environment (`BOLI_...`) and a file `.env`, at the edge only."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of Boli; a command's own option wins over it."""

    model_config = SettingsConfigDict(env_prefix="BOLI_", env_file=".env", extra="ignore", frozen=True)

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
