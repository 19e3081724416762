"""The catalogue of language varieties: what each is called, written with, drafted by and scored with."""

from pipeline.dialects.catalogue import (
    Dialect,
    Direction,
    ScoringUnit,
    all_dialects,
    find_dialects,
    get_dialect,
    unknown_dialect,
)

__all__ = ["Dialect", "Direction", "ScoringUnit", "all_dialects", "find_dialects", "get_dialect", "unknown_dialect"]
