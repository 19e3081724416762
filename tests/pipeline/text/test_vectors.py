"""The shared normalisation vectors: every rule of metrics that they were written for holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.text.profiles import Level, Profile, get_profile, normalise

VECTORS = [
    json.loads(line)
    for line in Path(__file__).with_name("normalisation_vectors.jsonl").read_text(encoding="utf-8").splitlines()
]
NORMALISE = [vector for vector in VECTORS if vector["kind"] == "normalize"]
EQUAL = [vector for vector in VECTORS if vector["kind"] == "equal"]
DIFFERENT = [vector for vector in VECTORS if vector["kind"] == "different"]


def profile_of(vector: dict[str, Any]) -> Profile:
    return get_profile(f"{vector['profile'].lower()}/1")


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["id"])


def test_no_vector_is_left_out() -> None:
    assert len(VECTORS) == len(NORMALISE) + len(EQUAL) + len(DIFFERENT) == 167


@pytest.mark.parametrize("vector", NORMALISE, ids=name_of)
def test_a_text_normalises_to_the_expected_form_and_stays_there(vector: dict[str, Any]) -> None:
    profile = profile_of(vector)
    assert normalise(vector["input"], profile) == vector["output"], vector["why"]
    assert normalise(vector["output"], profile) == vector["output"], vector["why"]


@pytest.mark.parametrize("vector", EQUAL, ids=name_of)
def test_spellings_of_one_word_become_equal_at_their_level_and_not_before(vector: dict[str, Any]) -> None:
    a, b, profile = vector["a"], vector["b"], profile_of(vector)
    is_canonical = vector["level"] == "canonical"
    assert (normalise(a, profile) == normalise(b, profile)) is is_canonical, vector["why"]
    assert normalise(a, profile, level=Level.LENIENT) == normalise(b, profile, level=Level.LENIENT), vector["why"]


@pytest.mark.parametrize("vector", DIFFERENT, ids=name_of)
def test_different_words_stay_different(vector: dict[str, Any]) -> None:
    a, b, profile = vector["a"], vector["b"], profile_of(vector)
    assert normalise(a, profile) != normalise(b, profile), vector["why"]
    is_lenient_as_well = vector["level"] == "all"
    lenient = (normalise(a, profile, level=Level.LENIENT), normalise(b, profile, level=Level.LENIENT))
    assert (lenient[0] != lenient[1]) is is_lenient_as_well, vector["why"]
