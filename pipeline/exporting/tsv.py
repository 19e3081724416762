"""Tab-separated values as openai-whisper writes them, with the channel as a fourth column.

Source: openai/whisper, whisper/utils.py, WriteTSV: start and end as integer milliseconds, tabs in text as spaces.
"""

from __future__ import annotations

from pipeline.exporting.transcript import Transcript


def render(transcript: Transcript) -> str:
    """A header and one line a segment; the text is empty where there is no draft. No quoting: read with QUOTE_NONE."""
    lines = (
        f"{row.segment.span.start_ms}\t{row.segment.span.end_ms}\t{row.text}\t{row.segment.channel}\n"
        for row in transcript.rows
    )
    return "start\tend\ttext\tchannel\n" + "".join(lines)
