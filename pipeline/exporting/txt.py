"""Plain text: one line a segment that has text."""

from __future__ import annotations

from pipeline.exporting.transcript import Transcript


def render(transcript: Transcript) -> str:
    """Drafts in order of time; with several channels each line begins with `1: `, `2: ` ..."""
    several = len(transcript.channels) > 1
    return "".join(
        f"{row.segment.channel + 1}: {row.text}\n" if several else f"{row.text}\n"
        for row in transcript.rows
        if row.text
    )
