"""Every scoring profile: which rules run in which order.

Source: Unicode Standard 16, chapters 9, 12, 13 and 18; Unicode Standard Annex 15 (composition exclusions); for what
must not be merged (chandrabindu and anusvara, addak, implosives, function words of Cantonese) the orthographies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.dialects.catalogue import ScoringUnit
from pipeline.text.brahmic import (
    CHILLU,
    EYELASH_RA,
    FINAL_KHANDA_TA,
    INVISIBLE_BENGALI,
    KHANDA_TA,
    RA_YA_PHALAA,
    letter_apostrophe,
    nasal_as_anusvara,
    spelling_rules,
    typed_visarga,
)
from pipeline.text.han import JOIN_HAN, PRONOUNS, SIMPLIFY, SPACE_HAN, ZERO
from pipeline.text.perso_arabic import ARABIC_SEPARATORS, FINAL_HEH, HARAKAT, TATWEEL, letter_folds
from pipeline.text.profile import Profile
from pipeline.text.rules import Rule, rewriting
from pipeline.text.shared_rules import INVISIBLE, NUMBERS_AND_PUNCTUATION, OPENING, WHITE_SPACE
from pipeline.text.tables import table

Rules = tuple[Rule, ...]


def build_profiles() -> Iterator[Profile]:
    """Each profile once."""
    yield from _devanagari()
    yield from _bengali()
    yield from _other_brahmic()
    yield from _perso_arabic()
    yield from _han()
    for name in ("latn-und/1", "olck-sat/1", "mtei-mni/1"):
        yield _spaced(name, lenient=_LENIENT_TABLES.get(name, ()))


_LENIENT_TABLES: dict[str, Rules] = {
    "olck-sat/1": (rewriting("mu-gaahlaa", "one sign or its two parts, in either order", table("olck.mu-gaahlaa")),),
    "mtei-mni/1": (rewriting("lum-iyek", "the tone mark is optional in print", table("mtei.lum-iyek")),),
}


def _spaced(
    name: str, *, joiners: Rules = (), invisible: Rule = INVISIBLE, letters: Rules = (), lenient: Rules = ()
) -> Profile:
    """A profile of a script that puts spaces between words."""
    after_joiners = (*letters, *NUMBERS_AND_PUNCTUATION, WHITE_SPACE)
    return Profile(
        name=name,
        unit=ScoringUnit.WORD,
        canonical_rules=(*OPENING, *joiners, invisible, *after_joiners),
        lenient_rules=(*lenient, *OPENING, *joiners, invisible, *after_joiners) if lenient else (),
    )


def _devanagari() -> Iterator[Profile]:
    spelling = (*spelling_rules("Deva", "sign-order", "vowel-letters"), typed_visarga("Deva"))
    anusvara = nasal_as_anusvara(0x0900)
    no_nukta = rewriting("no-nukta", "the nukta is often left out: ज़रा, जरा", table("deva.no-nukta"))
    yield _spaced("deva-hi/1", letters=spelling, lenient=(no_nukta, anusvara))
    for language in ("sa", "sd"):
        yield _spaced(f"deva-{language}/1", letters=spelling, lenient=(anusvara,))
    for language in ("mr", "ne", "kok"):
        yield _spaced(f"deva-{language}/1", joiners=(EYELASH_RA,), letters=spelling, lenient=(anusvara,))
    for language in ("mai", "brx", "doi"):
        yield _spaced(f"deva-{language}/1", letters=(*spelling, letter_apostrophe()), lenient=(anusvara,))


def _bengali() -> Iterator[Profile]:
    spelling = spelling_rules("Beng", "sign-order", "vowel-letters")
    bengali = rewriting("ra", "the Assamese RA typed in Bengali", table("beng.ra-bengali"))
    assamese = rewriting("ra", "the Bengali RA typed in Assamese", table("beng.ra-assamese"))
    for language, ra in (("bn", bengali), ("mni", bengali), ("as", assamese)):
        yield _spaced(
            f"beng-{language}/1",
            joiners=(KHANDA_TA, RA_YA_PHALAA),
            invisible=INVISIBLE_BENGALI,
            letters=(*spelling, typed_visarga("Beng"), ra),
            lenient=(nasal_as_anusvara(0x0980), FINAL_KHANDA_TA),
        )


def _other_brahmic() -> Iterator[Profile]:
    tippi = rewriting("tippi", "tippi and bindi are one nasal", table("guru.tippi"))
    yield _spaced("guru-pa/1", letters=spelling_rules("Guru", "vowel-letters"), lenient=(tippi,))
    yield _spaced("taml-ta/1", letters=spelling_rules("Taml", "sign-order", "vowel-letters", "shri"))
    yield replace(_spaced("tibt-bo/1", letters=spelling_rules("Tibt", "deprecated")), unit=ScoringUnit.CHARACTER)
    wa = rewriting("wa", "two letters for wa", table("orya.wa"))
    lenient_malayalam = rewriting("lenient", "letters that newer and older spelling write apart", table("mlym.lenient"))
    for name, tables, joiners, lenient in (
        ("gujr-gu/1", ("sign-order", "vowel-letters"), (), nasal_as_anusvara(0x0A80)),
        ("orya-or/1", ("sign-order", "vowel-letters"), (), wa),
        ("telu-te/1", ("sign-order", "vowel-letters"), (), nasal_as_anusvara(0x0C00)),
        ("knda-kn/1", ("sign-order", "vowel-letters"), (), nasal_as_anusvara(0x0C80)),
        ("mlym-ml/1", ("sign-order", "vowel-letters", "au-sign", "nta"), (CHILLU,), lenient_malayalam),
    ):
        script = name[:4].title()
        letters = (*spelling_rules(script, *tables), typed_visarga(script))
        yield _spaced(name, joiners=joiners, letters=letters, lenient=(lenient,))


def _perso_arabic() -> Iterator[Profile]:
    numbers = (ARABIC_SEPARATORS,)
    yield _spaced("arab-ur/1", letters=(TATWEEL, HARAKAT, FINAL_HEH, letter_folds("ur"), *numbers))
    yield _spaced("arab-sd/1", letters=(TATWEEL, HARAKAT, letter_folds("sd"), *numbers))
    lenient = rewriting("final-palatal", "two spellings of the final palatal vowel", table("arab.ks-lenient"))
    yield _spaced("arab-ks/1", letters=(TATWEEL, FINAL_HEH, letter_folds("ks"), *numbers), lenient=(lenient,))


def _han() -> Iterator[Profile]:
    variants, sounds = (JOIN_HAN, SIMPLIFY), (ZERO, PRONOUNS)
    yield _mixed("hans-zh/1", variants=variants, lenient=sounds)
    # The fold is many to one (皇后 queen, 皇後 after the emperor): traditional text is held to its characters.
    yield _mixed("hant-zh/1", lenient=(*variants, *sounds))
    for name in ("hant-yue/1", "hans-yue/1"):
        yield _mixed(name, lenient=variants)


def _mixed(name: str, *, variants: Rules = (), lenient: Rules) -> Profile:
    """A profile of Han text, scored in Han characters and runs of anything else."""
    return Profile(
        name=name,
        unit=ScoringUnit.MIXED,
        # Variants are looked up in phrases, so spaces that say nothing are left out first and put back at the end.
        canonical_rules=(*OPENING, INVISIBLE, *NUMBERS_AND_PUNCTUATION, WHITE_SPACE, *variants),
        lenient_rules=lenient,
        closing_rules=(SPACE_HAN, WHITE_SPACE),
        is_word_local=False,
    )
