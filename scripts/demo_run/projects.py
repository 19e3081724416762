"""The sample projects: one for each language of the demo model, filled through `boli submit`."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from pipeline.dialects import get_dialect

ROOT = Path(__file__).resolve().parents[2]
RECORDINGS = ROOT / "demo" / "recordings"
ORGANISATION = "Boli samples"
_KEPT_BACK = ("transcript", "duration_s")
"""What is spoken is not told: it would come in as the client's own draft."""


@dataclass(frozen=True, slots=True)
class SampleProject:
    """A project of the demo: one dialect, and how many recordings it has."""

    id: str
    tag: str
    name: str
    n_recordings: int


def manifest_rows() -> list[dict[str, str]]:
    """Rows of the samples' manifest."""
    with (RECORDINGS / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def make_projects(client: httpx.Client) -> list[SampleProject]:
    """A project for each dialect of the samples; those that exist already are found."""
    organisation = _found_or_made(client, "/organisations", {"name": ORGANISATION})
    rows = manifest_rows()
    projects = []
    for tag in sorted({row["dialect"] for row in rows}):
        name = f"Samples: {get_dialect(tag).english_name}"
        body = {"organisation_id": organisation, "name": name, "model": "demo", "dialects": [{"dialect": tag}]}
        n_recordings = sum(row["dialect"] == tag for row in rows)
        projects.append(SampleProject(_found_or_made(client, "/projects", body), tag, name, n_recordings))
    return projects


def submit(project: SampleProject, *, address: str, folder: Path) -> None:
    """Hand the project's recordings in as a client would. Doing it twice does no harm.

    Raises:
        CalledProcessError: `boli submit` failed; it has said why.
    """
    manifest = folder / f"{project.tag}.tsv"
    _write_manifest(manifest, [row for row in manifest_rows() if row["dialect"] == project.tag])
    command = [sys.executable, "-m", "app", "submit", str(RECORDINGS), "--project", project.id]
    subprocess.run([*command, "--manifest", str(manifest), "--server", address], check=True)


def _found_or_made(client: httpx.Client, path: str, body: Mapping[str, object]) -> str:
    cursor: str | None = None
    while True:
        page = client.get(path, params={"cursor": cursor} if cursor else {}).raise_for_status().json()
        for item in page["items"]:
            if item["name"] == body["name"]:
                return str(item["id"])
        cursor = page["next_cursor"]
        if cursor is None:
            return str(client.post(path, json=body).raise_for_status().json()["id"])


def _write_manifest(file: Path, rows: Sequence[dict[str, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = [name for name in rows[0] if name not in _KEPT_BACK]
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, delimiter="\t", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
