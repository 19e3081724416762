"""Own cases beside the shared vectors: every rule of every profile is needed, and what must stay apart does."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace
from fnmatch import fnmatch

import pytest

from pipeline.text.profiles import Level, Profile, all_profiles, explain, get_profile, normalise
from pipeline.text.tables import table

# A rule's name, the profiles it is tried in (a pattern), and two spellings that only this rule makes equal.
NEEDED: list[tuple[str, str, str, str]] = [
    ("nfc", "*", "cafe\u0301", "café"),
    ("compatibility", "*", "ＣＡＦＥ９", "cafe9"),
    ("compatibility", "arab-*", "\ufeb3\ufee0\ufe8e\ufee1", "سلام"),
    ("compatibility", "han*", "⽔", "水"),
    ("lower-case", "*", "Office", "office"),
    ("invisible", "*", "of\u200bfi\u00adce", "office"),
    ("invisible", "deva-*", "क्\u200cष", "क्ष"),
    ("invisible", "beng-*", "ক\u200dখ\ufeff", "কখ"),
    ("digits", "*", "x١२৩੪૫୬௭౮೯൦", "x1234567890"),
    ("grouping", "*", "12,34,567.50", "1234567.50"),
    ("grouping", "*", "1,234,567", "1234567"),
    ("apostrophe", "*", "don’t", "don't"),
    ("punctuation", "*", "well-known", "well known"),
    ("punctuation", "*", "“a”|b…", "a b"),
    ("points", "*", "a.b", "a b"),
    ("points", "*", "3.14.", "3.14"),
    ("points", "*", "'a'", "a"),
    ("points", "*", "a_b", "a b"),
    ("white-space", "*", "a--b", "a b"),
    ("sign-order", "deva-*", "काेट", "कोट"),
    ("vowel-letters", "deva-*", "अाम", "आम"),
    ("doubled-signs", "deva-*", "काा", "का"),
    ("typed-visarga", "deva-*", "प्रात:काल", "प्रातःकाल"),
    ("eyelash-ra", "deva-*", "दर्\u200dया", "दऱ्या"),
    ("letter-apostrophe", "deva-*", "ख’ल", "खʼल"),
    ("letter-apostrophe", "deva-*", "क' गेल", "कʼ गेल"),
    ("khanda-ta", "beng-*", "হঠাত্\u200d", "হঠাৎ"),
    ("ra-ya-phalaa", "beng-*", "র\u200c্যাম", "র\u200d্যাম"),
    ("sign-order", "beng-*", "কাে", "কো"),
    ("vowel-letters", "beng-*", "অামি", "আমি"),
    ("doubled-signs", "beng-*", "কিি", "কি"),
    ("typed-visarga", "beng-*", "দু:খ", "দুঃখ"),
    ("ra", "beng-bn/1", "কৰো", "করো"),
    ("ra", "beng-mni/1", "কৰো", "করো"),
    ("ra", "beng-as/1", "করো", "কৰো"),
    ("vowel-letters", "guru-*", "ਅਾਮ", "ਆਮ"),
    ("doubled-signs", "guru-*", "ਕਾਾ", "ਕਾ"),
    ("sign-order", "gujr-*", "કાે", "કો"),
    ("vowel-letters", "gujr-*", "અાપણે", "આપણે"),
    ("doubled-signs", "gujr-*", "કીી", "કી"),
    ("typed-visarga", "gujr-*", "દુ:ખ", "દુઃખ"),
    ("sign-order", "orya-*", "କାେ", "କୋ"),
    ("vowel-letters", "orya-*", "ଅାମେ", "ଆମେ"),
    ("doubled-signs", "orya-*", "କିି", "କି"),
    ("typed-visarga", "orya-*", "ଦୁ:ଖ", "ଦୁଃଖ"),
    ("sign-order", "taml-*", "காெடி", "கொடி"),
    ("vowel-letters", "taml-*", "அூசை", "ஆசை"),
    ("shri", "taml-*", "ஸ்ரீ", "ஶ்ரீ"),
    ("doubled-signs", "taml-*", "கிி", "கி"),
    ("sign-order", "telu-*", "కెౕ", "కే"),
    ("vowel-letters", "telu-*", "ఒౌ", "ఔ"),
    ("doubled-signs", "telu-*", "కిి", "కి"),
    ("typed-visarga", "telu-*", "దు:ఖం", "దుఃఖం"),
    ("sign-order", "knda-*", "ಕೂೆ", "ಕೊ"),
    ("vowel-letters", "knda-*", "ಒೌ", "ಔ"),
    ("doubled-signs", "knda-*", "ಕಿಿ", "ಕಿ"),
    ("typed-visarga", "knda-*", "ದು:ಖ", "ದುಃಖ"),
    ("chillu", "mlym-*", "അവന്\u200d", "അവൻ"),
    ("sign-order", "mlym-*", "കെെ", "കൈ"),
    ("vowel-letters", "mlym-*", "ഇൗ", "ഈ"),
    ("au-sign", "mlym-*", "കൗ", "കൌ"),
    ("nta", "mlym-*", "എന്റെ", "എൻ്റെ"),
    ("doubled-signs", "mlym-*", "കിി", "കി"),
    ("typed-visarga", "mlym-*", "ദു:ഖം", "ദുഃഖം"),
    ("deprecated", "tibt-*", "ཀ\u0f77", "ཀ\u0fb2\u0f71\u0f80"),
    ("doubled-signs", "tibt-*", "ཀིི", "ཀི"),
    ("tatweel", "arab-*", "مــیں", "میں"),
    ("harakat", "arab-*", "کِتاب", "کتاب"),
    ("final-heh", "arab-*", "یه", "یہ"),
    ("letters", "arab-ur/1", "كتاب علي", "کتاب علی"),
    ("letters", "arab-ur/1", "کویٔی", "کوئی"),
    ("letters", "arab-ks/1", "كٲشُر", "کٲشُر"),
    ("letters", "arab-ks/1", "وٚ", "ۆ"),
    ("letters", "arab-sd/1", "سنڌی", "سنڌي"),
    ("arabic-separators", "arab-*", "۱۲٬۳۴۵٫۶", "12345.6"),
    ("join-han", "han*", "乾 隆", "乾隆"),
    ("simplify", "hans-zh/1", "臺灣", "台湾"),
]
EXACT: list[tuple[str, str, str, str]] = [
    ("space-han", "han*", "用Python 3.5写𠀀", "用 python 3.5 写 𠀀"),
    ("white-space", "han*", "你 ,  Tom", "你 tom"),
    ("digits", "latn-*", "٣٫", "3"),
]
NEEDED_LENIENT: list[tuple[str, str, str, str]] = [
    ("nasal-as-anusvara", "deva-*", "अङ्ग पञ्च घण्टा हिन्दी सम्बन्ध", "अंग पंच घंटा हिंदी संबंध"),
    ("no-nukta", "deva-*", "ज़रा ऩ", "जरा न"),
    ("nasal-as-anusvara", "beng-*", "সঙ্গে", "সংগে"),
    ("final-khanda-ta", "beng-*", "হঠাত্", "হঠাৎ"),
    ("tippi", "guru-*", "ਸਿੰਘ", "ਸਿਂਘ"),
    ("nasal-as-anusvara", "gujr-*", "ગાન્ધી", "ગાંધી"),
    ("wa", "orya-*", "ଵାର୍ଡ", "ୱାର୍ଡ"),
    ("nasal-as-anusvara", "telu-*", "సమ్బన్ధం", "సంబంధం"),
    ("nasal-as-anusvara", "knda-*", "ಸಮ್ಬನ್ಧ", "ಸಂಬಂಧ"),
    ("lenient", "mlym-*", "അവനു്", "അവന്"),
    ("lenient", "mlym-*", "എൻറെ", "എൻ്റെ"),
    ("final-palatal", "arab-ks/1", "کۍ", "کؠ"),
    ("mu-gaahlaa", "olck-*", "ᱟᱹᱸ", "ᱟᱺ"),
    ("lum-iyek", "mtei-*", "ꯀꯥ꯬", "ꯀꯥ"),
    ("zero", "han?-zh/1", "二〇二六", "二零二六"),
    ("pronouns", "han?-zh/1", "她和它", "他和他"),
    ("simplify", "hant-zh/1", "臺灣", "台湾"),
    ("simplify", "han?-yue/1", "臺灣", "台湾"),
]
DIFFERENT: list[tuple[str, str, str]] = [
    ("deva-*", "हँस", "हंस"),
    ("deva-*", "ॲप", "एप"),
    ("deva-*", "करतऽ", "करत"),
    ("deva-*", "कल", "काल"),
    ("deva-*", "ॻ", "ग"),
    ("deva-*", "ॼ", "ज"),
    ("deva-*", "ॾ", "ड"),
    ("deva-*", "ॿ", "ब"),
    ("deva-*", "अन्न", "अंन"),
    ("deva-*", "उसने कहा: चलो", "उसने कहाः चलो"),
    ("deva-[mnsk]*", "ज़रा", "जरा"),
    ("deva-mr/1", "दर्या", "दर्\u200dया"),
    ("deva-doi/1", "खʼल", "खल"),
    ("beng-*", "ড়", "ড"),
    ("beng-*", "য়", "য"),
    ("beng-*", "চাঁদ", "চাংদ"),
    ("beng-*", "র\u200d্যাম", "র্যাম"),
    ("beng-as/1", "ৱ", "ব"),
    ("guru-pa/1", "ਪਤਾ", "ਪੱਤਾ"),
    ("guru-pa/1", "ਸਾਹ", "ਸ਼ਾਹ"),
    ("gujr-gu/1", "શાલ", "સાલ"),
    ("gujr-gu/1", "કૉલ", "કોલ"),
    ("gujr-gu/1", "મળ", "મલ"),
    ("orya-or/1", "ଵ", "ବ"),
    ("orya-or/1", "ଯ", "ୟ"),
    ("taml-ta/1", "ஒள", "ஔ"),
    ("taml-ta/1", "க்", "க"),
    ("taml-ta/1", "௰", "10"),
    ("taml-ta/1", "௱", "100"),
    ("telu-te/1", "కల", "కళ"),
    ("knda-kn/1", "ಫ", "ಫ಼"),
    ("mlym-ml/1", "അവൻ", "അവന്"),
    ("mlym-ml/1", "പറ്റി", "പട്ടി"),
    ("mlym-ml/1", "കഴ", "കള"),
    ("mlym-ml/1", "൰", "10"),
    ("arab-ur/1", "کہا", "کھا"),
    ("arab-ur/1", "پڑھ", "پرھ"),
    ("arab-ur/1", "هم", "ہم"),
    ("arab-ks/1", "گُر", "گَرٕ"),
    ("arab-ks/1", "کٲ", "کا"),
    ("arab-ks/1", "ۄ", "و"),
    ("arab-sd/1", "ڪ", "ک"),
    ("arab-sd/1", "ٻ", "ب"),
    ("arab-sd/1", "ڏ", "د"),
    ("arab-sd/1", "ا ۽ ب", "ا ب"),
    ("arab-sd/1", "گهر ۾", "گهر"),
    ("olck-sat/1", "ᱟᱹ", "ᱟ"),
    ("olck-sat/1", "ᱟᱼ", "ᱟ"),
    ("mtei-mni/1", "ꯀꯪ", "ꯀ"),
    ("mtei-mni/1", "ꯀ", "ꯛ"),
    ("mtei-mni/1", "কা", "ꯀꯥ"),
    ("han*", "人々", "人"),
    ("han*", "〇", ""),
    ("han*", "⻓", ""),
    ("han*", "的", "得"),
    ("han*", "在", "再"),
    ("han?-yue/1", "唔", "不"),
    ("han?-yue/1", "咗", "了"),
    ("han?-yue/1", "嘅", "的"),
    ("*", "office", "ऑफिस"),
    ("*", "½", "1 2"),
    ("*", "x²", "x2"),
    ("*", "25", "पच्चीस"),
    ("*", "1,2", "12"),
    ("*", "its", "it's"),
]


def of(pattern: str) -> list[Profile]:
    return [profile for name, profile in all_profiles().items() if fnmatch(name, pattern)]


def has(profile: Profile, rule: str) -> bool:
    return any(one.name == rule for one in (*profile.canonical_rules, *profile.lenient_rules, *profile.closing_rules))


def without(profile: Profile, rule: str) -> Profile:
    return replace(
        profile,
        canonical_rules=tuple(one for one in profile.canonical_rules if one.name != rule),
        lenient_rules=tuple(one for one in profile.lenient_rules if one.name != rule),
        closing_rules=tuple(one for one in profile.closing_rules if one.name != rule),
    )


def are_equal(a: str, b: str, profile: Profile, level: Level) -> bool:
    return normalise(a, profile, level=level) == normalise(b, profile, level=level)


def test_the_patterns_of_the_cases_match_a_profile() -> None:
    for pattern in {case[1] for case in NEEDED + NEEDED_LENIENT} | {case[0] for case in DIFFERENT}:
        assert of(pattern), pattern


@pytest.mark.parametrize(("rule", "pattern", "a", "b"), NEEDED)
def test_a_rule_makes_two_spellings_equal(rule: str, pattern: str, a: str, b: str) -> None:
    profiles = [profile for profile in of(pattern) if has(profile, rule)]
    assert profiles
    for profile in profiles:
        assert are_equal(a, b, profile, Level.CANONICAL), profile.name
        assert are_equal(a, b, profile, Level.LENIENT), profile.name


@pytest.mark.parametrize(("rule", "pattern", "text", "expected"), EXACT)
def test_a_text_comes_out_exactly_so(rule: str, pattern: str, text: str, expected: str) -> None:
    for profile in of(pattern):
        assert has(profile, rule)
        assert normalise(text, profile) == expected


@pytest.mark.parametrize(("rule", "pattern", "a", "b"), NEEDED_LENIENT)
def test_a_lenient_rule_makes_two_spellings_equal_at_lenient_only(rule: str, pattern: str, a: str, b: str) -> None:
    profiles = [profile for profile in of(pattern) if has(profile, rule)]
    assert profiles
    for profile in profiles:
        assert not are_equal(a, b, profile, Level.CANONICAL), profile.name
        assert are_equal(a, b, profile, Level.LENIENT), profile.name


@pytest.mark.parametrize("name", all_profiles())
def test_no_rule_can_be_left_out(name: str) -> None:
    profile = get_profile(name)
    rules = dict.fromkeys(
        rule.name for rule in (*profile.canonical_rules, *profile.lenient_rules, *profile.closing_rules)
    )
    unneeded = []
    for rule in rules:
        mutant = without(profile, rule)
        is_needed = any(
            case[0] == rule and fnmatch(name, case[1]) and not are_equal(case[2], case[3], mutant, level)
            for case in NEEDED + NEEDED_LENIENT
            for level in (Level.CANONICAL, Level.LENIENT)
            if case in NEEDED or level is Level.LENIENT
        ) or any(case[0] == rule and fnmatch(name, case[1]) and normalise(case[2], mutant) != case[3] for case in EXACT)
        if not is_needed:
            unneeded.append(rule)
    assert unneeded == []


@pytest.mark.parametrize(
    ("name", "typed", "meant"),
    [
        ("deva-mr/1", "दर्\u200dया", "दऱ्या"),
        ("beng-bn/1", "হঠাত্\u200d", "হঠাৎ"),
        ("beng-bn/1", "র\u200c্যাম", "র\u200d্যাম"),
        ("mlym-ml/1", "അവന്\u200d", "അവൻ"),
    ],
)
def test_joiners_must_be_read_before_they_are_left_out(name: str, typed: str, meant: str) -> None:
    profile = get_profile(name)
    invisible = [rule for rule in profile.canonical_rules if rule.name == "invisible"]
    others = [rule for rule in profile.canonical_rules if rule.name != "invisible"]
    too_early = replace(profile, canonical_rules=(*invisible, *others))
    assert are_equal(typed, meant, profile, Level.CANONICAL)
    assert not are_equal(typed, meant, too_early, Level.CANONICAL)


@pytest.mark.parametrize(("pattern", "a", "b"), DIFFERENT)
def test_what_is_another_word_stays_another_word(pattern: str, a: str, b: str) -> None:
    for profile in of(pattern):
        for level in Level:
            assert not are_equal(a, b, profile, level), (profile.name, level)


def test_cantonese_and_taiwanese_keep_traditional_characters_apart_at_the_headline_level() -> None:
    for profile in (*of("hant-*"), *of("hans-yue/1")):
        assert not are_equal("皇后", "皇後", profile, Level.CANONICAL)
        assert are_equal("皇后", "皇後", profile, Level.LENIENT)


@pytest.mark.parametrize("name", [name for name in all_profiles() if not name.startswith("han")])
def test_a_vowel_sign_never_splits_a_word(name: str) -> None:
    first = {"deva": "की", "beng": "কী", "guru": "ਕੀ", "gujr": "કી", "orya": "କୀ", "taml": "கீ", "telu": "కీ"}
    first |= {"knda": "ಕೀ", "mlym": "കീ", "arab": "کِی", "olck": "ᱟᱹ", "mtei": "ꯀꯤ", "latn": "e\u0331", "tibt": "ཀི"}
    word = first[name[:4]] * 3
    assert len(normalise(word, get_profile(name)).split()) == 1


ROWS = [
    (profile, key)
    for key, pattern in {
        "deva.sign-order": "deva-*",
        "deva.vowel-letters": "deva-*",
        "deva.eyelash-ra": "deva-mr/1",
        "beng.khanda-ta": "beng-*",
        "beng.sign-order": "beng-*",
        "beng.vowel-letters": "beng-*",
        "beng.ra-bengali": "beng-bn/1",
        "beng.ra-assamese": "beng-as/1",
        "guru.vowel-letters": "guru-*",
        "gujr.sign-order": "gujr-*",
        "gujr.vowel-letters": "gujr-*",
        "orya.sign-order": "orya-*",
        "orya.vowel-letters": "orya-*",
        "taml.sign-order": "taml-*",
        "taml.vowel-letters": "taml-*",
        "taml.shri": "taml-*",
        "telu.sign-order": "telu-*",
        "telu.vowel-letters": "telu-*",
        "knda.sign-order": "knda-*",
        "knda.vowel-letters": "knda-*",
        "mlym.chillu": "mlym-*",
        "mlym.sign-order": "mlym-*",
        "mlym.vowel-letters": "mlym-*",
        "mlym.au-sign": "mlym-*",
        "mlym.nta": "mlym-*",
        "tibt.deprecated": "tibt-*",
        "arab.ur": "arab-ur/1",
        "arab.ks": "arab-ks/1",
        "arab.sd": "arab-sd/1",
    }.items()
    for profile in of(pattern)
]


@pytest.mark.parametrize(("profile", "name"), ROWS, ids=lambda value: getattr(value, "name", value))
def test_every_row_of_a_table_holds_in_its_profiles(profile: Profile, name: str) -> None:
    for typed, meant in table(name).items():
        assert are_equal(typed, meant, profile, Level.CANONICAL), (typed, meant)


def test_an_explanation_names_each_rule_that_did_something() -> None:
    applications = explain("अाम १,२५,०००।", get_profile("deva-hi/1"))
    assert [application.rule for application in applications] == [
        "vowel-letters",
        "digits",
        "grouping",
        "punctuation",
        "white-space",
    ]
    assert applications[0].before == "अाम १,२५,०००।"
    assert applications[-1].after == "आम 125000"
    assert all(application.why for application in applications)


def test_the_explanation_of_a_normalised_text_is_empty() -> None:
    assert explain("आम 125000", get_profile("deva-hi/1")) == ()


def test_shapes_of_vowel_marks_never_part_a_word() -> None:
    """Over all of Unicode: a shape whose compatibility form is a mark on a space is the mark, if it is a letter."""
    urdu = get_profile("arab-ur/1")
    assert normalise("ق\ufe78رآن", urdu) == normalise("قُرآن", urdu) == "قرآن"
    assert normalise("الل\ufc60ہ", urdu) == normalise("اللہ", urdu)
    n_shapes = 0
    for code in range(sys.maxunicode + 1):
        kind, *parts = (unicodedata.decomposition(chr(code)) or "none").split()
        if parts[:1] != ["0020"] or len(parts) < 2 or not unicodedata.combining(chr(int(parts[1], 16))):
            continue
        marks = unicodedata.normalize("NFKC", chr(code))[1:]
        if kind == "<isolated>":
            n_shapes += 1
            for profile in all_profiles().values():
                assert normalise(f"ق{chr(code)}ر", profile) == normalise(f"ق{marks}ر", profile), hex(code)
                assert " " not in normalise(f"ق{chr(code)}ر", profile)
        else:
            # Signs such as ¨ and ´ are symbols: they separate words as every symbol does. U+037A is a Greek letter.
            assert unicodedata.category(chr(code)) in ("Sk", "Po") or code == 0x37A, hex(code)
    assert n_shapes == 14
