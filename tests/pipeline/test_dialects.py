"""The dialect catalogue: every row is sound, every variety is there, and tags lead to them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from itertools import combinations

import langcodes
import pycountry
import pytest
import regex
from faster_whisper.tokenizer import _LANGUAGE_CODES

from pipeline.dialects import Dialect, Direction, ScoringUnit, all_dialects, get_dialect
from pipeline.dialects.derived import LONGEST_SEGMENT_MS
from pipeline.dialects.loading import COLUMNS, load_catalogue, read_rows, tag_key
from pipeline.errors import UnknownDialect
from pipeline.text.profiles import all_profiles

UDHR_TOKENS = {
    "ur-IN": 92, "cmn-Hans-CN": 47, "ne-NP": 184, "hi-IN": 195, "ta-IN": 199, "mr-IN": 210, "kn-IN": 276,
    "te-IN": 293, "as-IN": 325, "bn-IN": 334, "gu-IN": 420, "ml-IN": 425, "or-IN": 435, "pa-Guru-IN": 439,
    "bo-CN": 777, "en-IN": 34,
}  # fmt: skip
"""Whisper tokens of article 1 of the Universal Declaration of Human Rights, which takes about 12 s to read."""
UDHR_READING_MS = 12_000
TOKEN_BUDGET = 440

TOKEN_SCRIPTS = {
    "hi": {"Deva"}, "mr": {"Deva"}, "ne": {"Deva"}, "sa": {"Deva"}, "bn": {"Beng"}, "as": {"Beng"}, "gu": {"Gujr"},
    "pa": {"Guru"}, "ta": {"Taml"}, "te": {"Telu"}, "kn": {"Knda"}, "ml": {"Mlym"}, "ur": {"Arab"}, "sd": {"Arab"},
    "en": {"Latn"}, "bo": {"Tibt"}, "zh": {"Hans", "Hant"}, "yue": {"Hans", "Hant"},
}  # fmt: skip
"""Script that a draft with this token comes out in."""

REGISTERED_LATELY = {"hnm", "luh", "sjc", "vjk"}
"""Languages that ISO 639-3 has and the data in langcodes does not have yet; the rest of their tags is checked."""

EACH = pytest.mark.parametrize("dialect", all_dialects(), ids=lambda dialect: dialect.tag)


@EACH
def test_a_tag_and_its_aliases_are_valid_bcp_47(dialect: Dialect) -> None:
    for tag in (dialect.tag, *dialect.aliases):
        language, _, rest = tag.partition("-")
        checked = f"cmn-{rest}".rstrip("-") if language in REGISTERED_LATELY else tag
        assert langcodes.tag_is_valid(checked), tag
        assert langcodes.Language.get(tag, normalize=False).to_tag() == tag
        assert all(len(subtag) <= 8 for subtag in tag.split("-")), tag


@EACH
def test_codes_are_registered(dialect: Dialect) -> None:
    language = pycountry.languages.get(alpha_3=dialect.iso639_3)
    assert language is not None, dialect.iso639_3
    for script in dialect.scripts:
        assert pycountry.scripts.get(alpha_4=script) is not None, script
    for country in dialect.countries:
        assert pycountry.countries.get(alpha_2=country) is not None, country
    assert dialect.scripts
    assert dialect.countries


@EACH
def test_the_tag_says_the_same_as_the_columns(dialect: Dialect) -> None:
    parsed = langcodes.Language.get(dialect.tag, normalize=False)
    assert parsed.script in (None, dialect.scripts[0])
    assert parsed.territory in (None, *dialect.countries)
    individual_of_macro = {"ne": "npi", "or": "ory"}
    same_language = {parsed.to_alpha3(), individual_of_macro.get(parsed.language or "")}
    assert dialect.iso639_3 in same_language


@EACH
def test_a_parent_exists_and_the_chain_of_parents_ends(dialect: Dialect) -> None:
    seen = [dialect.tag]
    while dialect.parent is not None:
        dialect = next(wider for wider in all_dialects() if wider.tag == dialect.parent)
        assert dialect.tag not in seen, seen
        seen.append(dialect.tag)


@EACH
def test_tokens_are_whispers_own(dialect: Dialect) -> None:
    tokens = {dialect.whisper_token, dialect.nearest_token} - {None}
    assert tokens <= set(_LANGUAGE_CODES)
    assert tokens or not dialect.is_drafted
    assert dialect.whisper_token != dialect.nearest_token or not tokens


@EACH
def test_a_token_writes_the_script_of_the_drafts(dialect: Dialect) -> None:
    token = dialect.whisper_token or dialect.nearest_token
    if dialect.is_drafted:
        assert dialect.scripts[0] in TOKEN_SCRIPTS[token or ""]


@EACH
def test_text_is_normalised_and_trimmed(dialect: Dialect) -> None:
    texts = [
        text for value in dataclasses.astuple(dialect) for text in (value if isinstance(value, tuple) else (value,))
    ]
    for text in texts:
        if isinstance(text, str):
            assert text
            assert text == unicodedata.normalize("NFC", text).strip()


@EACH
def test_the_own_name_is_in_the_script_of_the_drafts(dialect: Dialect) -> None:
    if dialect.own_name == dialect.english_name and dialect.tag in {"lep-Lepc-IN"}:
        return
    name = {"Hans": "Han", "Hant": "Han"}.get(dialect.scripts[0], dialect.scripts[0])
    foreign = regex.sub(rf"[\p{{Script={name}}}\p{{Script=Common}}\p{{Script=Inherited}}]", "", dialect.own_name)
    assert foreign == ""
    assert regex.search(rf"\p{{Script={name}}}", dialect.own_name)


@EACH
def test_direction_unit_and_prompt_agree_with_the_script(dialect: Dialect) -> None:
    script = dialect.scripts[0]
    is_han = script in {"Hans", "Hant"}
    assert (dialect.direction is Direction.RTL) == (unicodedata.bidirectional(dialect.own_name[0]) in {"R", "AL"})
    expected = ScoringUnit.MIXED if is_han else ScoringUnit.CHARACTER if script == "Tibt" else ScoringUnit.WORD
    assert dialect.scoring_unit is expected
    assert (dialect.prompt is not None) == is_han
    assert 1_000 < dialect.longest_segment_ms <= 30_000


@EACH
def test_the_profile_exists_and_is_of_the_same_script(dialect: Dialect) -> None:
    assert dialect.profile in all_profiles()
    script = dialect.profile.partition("-")[0].title()
    assert script == dialect.scripts[0] or dialect.profile == "latn-und/1"
    is_mixed = all_profiles()[dialect.profile].unit is ScoringUnit.MIXED
    assert is_mixed == (dialect.scoring_unit is ScoringUnit.MIXED)


def test_no_two_varieties_clash_in_their_tags_and_aliases() -> None:
    counts = Counter(tag_key(tag) for dialect in all_dialects() for tag in (dialect.tag, *dialect.aliases))
    assert [tag for tag, count in counts.items() if count > 1] == []


def test_only_a_variety_and_its_parent_share_a_name_in_one_script() -> None:
    for one, other in combinations(all_dialects(), 2):
        assert one.english_name != other.english_name
        if one.own_name == other.own_name and one.scripts[0] == other.scripts[0]:
            assert one.tag == other.parent or other.tag == one.parent, (one.tag, other.tag)


@pytest.mark.parametrize(("tag", "tokens"), UDHR_TOKENS.items())
def test_the_longest_segment_stays_within_the_token_budget_at_reading_speed(tag: str, tokens: int) -> None:
    longest_ms = get_dialect(tag).longest_segment_ms
    assert tokens * longest_ms / UDHR_READING_MS <= TOKEN_BUDGET
    assert longest_ms >= 25_000 or tokens * (longest_ms + 2_000) / UDHR_READING_MS > TOKEN_BUDGET, "needlessly short"


def test_each_script_that_is_drafted_has_a_measured_longest_segment() -> None:
    assert {dialect.scripts[0] for dialect in all_dialects() if dialect.is_drafted} <= set(LONGEST_SEGMENT_MS)


def test_a_row_overrides_the_longest_segment_of_its_script() -> None:
    fields = dict.fromkeys(COLUMNS, "") | {
        "tag": "hi-IN", "iso639_3": "hin", "english_name": "Hindi", "own_name": "हिन्दी", "scripts": "Deva",
        "countries": "IN", "token": "hi", "drafted": "yes", "longest_ms": "9000", "profile": "deva-hi/1",
    }  # fmt: skip
    (dialect,) = read_rows(["# heading", "\t".join(COLUMNS), "\t".join(fields.values())])
    assert dialect.longest_segment_ms == 9_000


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "heading is"),
        (["tag\tname"], "heading is"),
        (["\t".join(COLUMNS), "hi-IN\thin"], "line 2: 2 fields, expected 16"),
        (["\t".join(COLUMNS), "\t".join(["hi-IN"] * 16)], "line 2: drafted is 'hi-IN', expected 'yes' or 'no'"),
    ],
)
def test_a_table_with_a_bad_row_is_refused_with_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(read_rows(lines))


def test_the_catalogue_is_read_once_and_its_values_are_frozen() -> None:
    assert load_catalogue() is load_catalogue()
    with pytest.raises(dataclasses.FrozenInstanceError):
        get_dialect("hi-IN").tag = "hi-XX"  # type: ignore[misc]


def test_the_catalogue_is_read_when_it_is_first_asked_for() -> None:
    program = (
        "import sys; from pipeline.dialects import get_dialect; from pipeline.dialects.loading import load_catalogue;"
        "n_read = lambda: load_catalogue.cache_info().currsize;"
        "print(n_read(), 'rapidfuzz' in sys.modules); get_dialect('hi'); print(n_read())"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.split() == ["0", "False", "1"]


def test_the_catalogue_loads_in_less_than_30_ms() -> None:
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        load_catalogue.__wrapped__()
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.030


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("TE-in-X-RAYALA", "te-IN-x-rayala"),
        ("zh_Hans_CN", "cmn-Hans-CN"),
        (" hi ", "hi-IN"),
        ("zh-TW", "cmn-Hant-TW"),
        ("pa-IN", "pa-Guru-IN"),
        ("gom-IN", "kok-Deva-IN"),
        ("zh-HK", "yue-Hant-HK"),
    ],
)
def test_a_tag_is_found_in_any_case_and_by_its_aliases(written: str, tag: str) -> None:
    assert get_dialect(written).tag == tag


@pytest.mark.parametrize(
    ("written", "tag"), [("Hindi", "hi-IN"), ("BHOJPURI", "bho-IN"), ("हिन्दी", "hi-IN"), ("मराठी", "mr-IN")]
)
def test_a_name_that_one_variety_alone_has_will_do(written: str, tag: str) -> None:
    assert get_dialect(written).tag == tag


@pytest.mark.parametrize(
    ("written", "suggested"),
    [
        ("Bhojpoori", "bho-IN (Bhojpuri)"),
        ("hi-XX", "hi-IN (Hindi)"),
        ("Cantonise", "yue-Hant-HK (Cantonese (Hong Kong))"),
        ("te-IN-x-telangana", "te-IN-x-telangan (Telangana Telugu)"),
        ("Warangal", "te-IN-x-telangan (Telangana Telugu)"),
        ("मराठि", "mr-IN (Marathi)"),
        ("", "as-IN (Assamese)"),
    ],
)
def test_an_unknown_dialect_names_the_nearest_three(written: str, suggested: str) -> None:
    with pytest.raises(UnknownDialect) as caught:
        get_dialect(written)
    message = str(caught.value)
    assert repr(written) in message
    assert suggested in message
    assert message.partition("Nearest: ")[2].partition(". `")[0].count("; ") == 2
