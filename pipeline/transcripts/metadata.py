"""What is known of speakers, from a table beside the transcripts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.transcripts.lines import Source
from pipeline.transcripts.reading import Transcripts
from pipeline.transcripts.table import read_about
from pipeline.transcripts.values import About, recording_key


def with_metadata(transcripts: Transcripts, table: Path) -> Transcripts:
    """The transcripts with what a table says of their ids, or else of their recordings; their own word goes first.

    Raises:
        TranscriptInvalid: the table cannot be read, says two things of one id, or fits no utterance at all.
    """
    source = Source(table)
    known: dict[str, About] = {}
    for number, key, about in read_about(source):
        if known.setdefault(key, about) != about:
            raise source.fault(number, f"says another thing of {key!r} than a line before")
    by_recording = {recording_key(key): about for key, about in known.items()}
    filled = []
    n_found = 0
    for utterance in transcripts.utterances:
        found = known.get(utterance.id) or by_recording.get(recording_key(utterance.recording or utterance.id))
        n_found += found is not None
        filled.append(replace(utterance, about=utterance.about.filled_from(found)) if found else utterance)
    if not n_found:
        raise source.fault(None, f"not one of its ids and recordings ({len(known)}) is in {transcripts.name}")
    return replace(transcripts, utterances=tuple(filled))
