"""Properties that hold for every Unicode string, lone surrogates and unassigned code points included."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.profiles import Level, Profile, all_profiles, explain, normalise, normalise_all

BLOCKS = {
    "Deva": (0x0900, 0x097F),
    "Beng": (0x0980, 0x09FF),
    "Guru": (0x0A00, 0x0A7F),
    "Gujr": (0x0A80, 0x0AFF),
    "Orya": (0x0B00, 0x0B7F),
    "Taml": (0x0B80, 0x0BFF),
    "Telu": (0x0C00, 0x0C7F),
    "Knda": (0x0C80, 0x0CFF),
    "Mlym": (0x0D00, 0x0D7F),
    "Arab": (0x0600, 0x06FF),
    "Olck": (0x1C50, 0x1C7F),
    "Mtei": (0xABC0, 0xABFF),
    "Tibt": (0x0F00, 0x0FFF),
    "Hans": (0x4E00, 0x9FFF),
    "Hant": (0x4E00, 0x9FFF),
    "Latn": (0x0041, 0x024F),
}
SHARED = "\u200c\u200d\u200b\ufeff\u00a0\u3000\x1f\n\t .,:;'\u2018\u2019\u02bc|-0123456789aBcΣİ\u0301\u0654\ufdfa\uff0c"
VARIANTS = "乾隆著瞭然一目係系后後〇零她他臺灣"


def texts_of(profile: Profile) -> st.SearchStrategy[str]:
    first, last = BLOCKS[profile.script]
    block = st.characters(min_codepoint=first, max_codepoint=last, codec=None)
    extra = VARIANTS if profile.script in ("Hans", "Hant") else ""
    any_code_point = st.characters(codec=None)
    return st.text(alphabet=st.one_of(block, block, st.sampled_from(SHARED + extra), any_code_point), max_size=40)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", all_profiles())
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_normalising_twice_is_normalising_once(name: str, level: Level, data: st.DataObject) -> None:
    profile = all_profiles()[name]
    text = data.draw(texts_of(profile))
    once = normalise(text, profile, level=level)
    assert normalise(once, profile, level=level) == once


@pytest.mark.parametrize("name", all_profiles())
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_each_level_forgives_what_the_one_before_forgives(name: str, data: st.DataObject) -> None:
    profile = all_profiles()[name]
    text = data.draw(texts_of(profile))
    raw, canonical = (normalise(text, profile, level=level) for level in (Level.RAW, Level.CANONICAL))
    assert normalise(raw, profile) == canonical
    assert normalise(canonical, profile, level=Level.LENIENT) == normalise(text, profile, level=Level.LENIENT)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", all_profiles())
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_an_explanation_ends_at_the_normalised_text(name: str, level: Level, data: st.DataObject) -> None:
    profile = all_profiles()[name]
    text = data.draw(texts_of(profile))
    applications = explain(text, profile, level=level)
    assert (applications[-1].after if applications else text) == normalise(text, profile, level=level)
    assert all(one.after == two.before for one, two in pairwise(applications))


@pytest.mark.parametrize("name", all_profiles())
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_many_texts_at_once_are_as_one_by_one(name: str, data: st.DataObject) -> None:
    profile = all_profiles()[name]
    texts = data.draw(st.lists(texts_of(profile), max_size=6))
    assert normalise_all(texts, profile) == [normalise(text, profile) for text in texts]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", all_profiles())
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_normalised_text_has_single_spaces_and_no_control_characters(
    name: str, level: Level, data: st.DataObject
) -> None:
    profile = all_profiles()[name]
    normalised = normalise(data.draw(texts_of(profile)), profile, level=level)
    assert normalised == " ".join(normalised.split())
    assert "\x1f" not in normalised


@pytest.mark.parametrize("level", [Level.CANONICAL, Level.LENIENT])
@pytest.mark.parametrize("name", [name for name in all_profiles() if name.startswith("han")])
@settings(max_examples=30, deadline=None)
@given(
    st.text(alphabet=st.one_of(st.sampled_from(VARIANTS), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
)
def test_spaces_and_punctuation_around_han_characters_never_count(name: str, level: Level, text: str) -> None:
    profile = all_profiles()[name]
    assert normalise(" ".join(text), profile, level=level) == normalise(text, profile, level=level)
    assert normalise("，".join(text), profile, level=level) == normalise(text, profile, level=level)
