from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.dialects import all_dialects
from pipeline.text.profiles import UnknownProfile, all_profiles, get_profile

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "text-profiles.md"


def test_every_variety_of_the_catalogue_has_a_profile_with_its_unit() -> None:
    for dialect in all_dialects():
        assert get_profile(dialect.profile).unit is dialect.scoring_unit, dialect.tag


def test_the_profile_of_a_variety_is_in_its_script_or_in_the_general_one() -> None:
    for dialect in all_dialects():
        profile = get_profile(dialect.profile)
        assert profile.script == dialect.scripts[0] or profile.language == "und", dialect.tag


def test_a_name_says_script_language_and_version() -> None:
    profile = get_profile("hant-yue/1")
    assert (profile.script, profile.language) == ("Hant", "yue")


def test_an_unknown_profile_is_named_with_the_nearest_three() -> None:
    with pytest.raises(UnknownProfile, match=r"'deva-hin/1'; the nearest are deva-hi/1, "):
        get_profile("deva-hin/1")


@pytest.mark.parametrize("name", all_profiles())
def test_every_profile_is_described(name: str) -> None:
    assert f"`{name}`" in DOCUMENT.read_text(encoding="utf-8")
