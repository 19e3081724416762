"""What columns and keys are called in the tables of corpora and tools."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.transcripts.values import NOTHING_KNOWN, About, tidy

ID = ("id", "utterance_id", "utt_id", "uttid", "utt", "utterance", "segment_id", "segment", "key")
RECORDING = ("recording", "path", "audio", "audio_filepath", "file", "filename", "wav", "recording_id")
TEXT = ("text", "transcript", "transcription", "sentence", "reference", "hypothesis", "ref", "hyp", "txt")
SPEAKER = ("speaker", "speaker_id", "client_id", "spk")
DISTRICT = ("district", "city", "native_district")
GENDER = ("gender", "sex")
DIALECT = ("tag", "dialect", "language", "locale", "lang")
"""A column `tag` goes first, as in the manifests of `boli transcribe`: beside it, `dialect` may be a description."""
CHANNEL = ("channel",)
START_MS = ("start_ms", "start")
END_MS = ("end_ms", "end")
ALL = frozenset((*ID, *RECORDING, *TEXT, *SPEAKER, *DISTRICT, *GENDER, *DIALECT, *CHANNEL, *START_MS, *END_MS))


def first_of(names: tuple[str, ...], cells: Mapping[str, str]) -> str | None:
    """The first of these columns that is there and not empty, tidied."""
    for name in names:
        if (cell := cells.get(name)) and (text := tidy(cell)):
            return text
    return None


def about_of(cells: Mapping[str, str]) -> About:
    """What a row says of its speaker."""
    gender = first_of(GENDER, cells)
    about = About(
        first_of(SPEAKER, cells),
        first_of(DISTRICT, cells),
        gender.lower() if gender else None,
        first_of(DIALECT, cells),
    )
    return NOTHING_KNOWN if about == NOTHING_KNOWN else about
