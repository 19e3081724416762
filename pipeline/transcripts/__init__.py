"""Transcripts as people and tools keep them: one module a format, all read into the same values."""

from pipeline.transcripts.matching import Matching, Pair, match
from pipeline.transcripts.reading import Kind, Transcripts, read_transcripts
from pipeline.transcripts.values import About, TranscriptInvalid, Utterance

__all__ = [
    "About",
    "Kind",
    "Matching",
    "Pair",
    "TranscriptInvalid",
    "Transcripts",
    "Utterance",
    "match",
    "read_transcripts",
]
