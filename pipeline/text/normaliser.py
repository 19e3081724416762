"""Runs rules over many texts at once, each distinct word only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.text.rules import Rule, RuleApplication

BLOCK_TEXTS = 8192
"""Texts that go through together: bounds the memory, large enough that calls do not count."""
MEMO_WORDS = 200_000
"""Words remembered per profile and level: some 30 MB."""
MEMO_WORD_CHARS = 64
"""A longer word is not remembered: it hardly comes again."""
MAX_PASSES = 50
"""Ends the search for a fixed point; no profile needs more than four passes on real text."""


Rules = tuple[Rule, ...]


class Normaliser:
    """One level of one profile: stages of rules, each repeated until a text no longer changes, then closing rules.

    Repeating makes the result a fixed point, so that normalising twice is normalising once, and brings NFC again after
    joiners were left out. Where rules are word-local, none looks across white space, and words are remembered.
    """

    def __init__(
        self, stages: tuple[Rules, ...], *, closing: Rules, is_word_local: bool, memo_words: int = MEMO_WORDS
    ) -> None:
        self._stages = stages
        self._closing = closing
        self._is_word_local = is_word_local
        self._memo_words = memo_words
        self._memo: dict[str, str] = {}

    def normalise_all(self, texts: Sequence[str]) -> list[str]:
        """Each text normalised, in order."""
        block_of = self._by_words if self._is_word_local else self._by_texts
        blocks = (texts[start : start + BLOCK_TEXTS] for start in range(0, len(texts), BLOCK_TEXTS))
        return [text for block in blocks for text in block_of(block)]

    def explain(self, text: str) -> tuple[RuleApplication, ...]:
        """What each rule did to a text, in order; rules that did nothing are left out."""
        applications = [RuleApplication("white-space", "one space between words", text, " ".join(text.split()))]
        for stage in self._stages:
            for _ in range(MAX_PASSES):
                one_pass = _trace(stage, applications[-1].after)
                applications += one_pass
                if one_pass[-1].after == one_pass[0].before:
                    break
        applications += _trace(self._closing, applications[-1].after)
        return tuple(application for application in applications if application.before != application.after)

    def _by_texts(self, texts: Sequence[str]) -> list[str]:
        # Single spaces, so that no line feed is left in a text.
        return self._settle([" ".join(text.split()) for text in texts])

    def _by_words(self, texts: Sequence[str]) -> list[str]:
        """Each text from its words; words that are new are learnt together, after the texts of known ones."""
        known: Mapping[str, str] = self._memo
        done, missed = [], []
        for position, text in enumerate(texts):
            try:
                done.append(" ".join(filter(None, map(known.__getitem__, text.split()))))
            except KeyError:
                done.append("")
                missed.append(position)
        if missed:
            known = self._learn(set().union(*(texts[position].split() for position in missed)))
        for position in missed:
            done[position] = " ".join(filter(None, map(known.__getitem__, texts[position].split())))
        return done

    def _learn(self, words: set[str]) -> Mapping[str, str]:
        """Each of these words, and perhaps others -> what it is normalised to, which may be no word or several."""
        # A memo is only ever added to, and replaced when full, so that other threads can go on reading theirs.
        memo = self._memo
        unseen = words - memo.keys()
        if len(memo) + len(unseen) > self._memo_words:
            memo, unseen = {}, words
        ordered = list(unseen)
        settled = dict(zip(ordered, self._settle(ordered), strict=True))
        if len(settled) > self._memo_words or max(map(len, words)) > MEMO_WORD_CHARS:
            return {**memo, **settled}
        memo.update(settled)
        self._memo = memo
        return memo

    def _settle(self, lines: list[str]) -> list[str]:
        """Each line at the fixed point of every stage; no line holds a line feed."""
        settled = list(lines)
        for stage in self._stages:
            pending = list(range(len(settled)))
            for _ in range(MAX_PASSES):
                if not pending:
                    break
                changed = []
                for line, after in zip(pending, _apply(stage, [settled[i] for i in pending]), strict=True):
                    if settled[line] != after:
                        settled[line] = after
                        changed.append(line)
                pending = changed
        return _apply(self._closing, settled)


def _apply(rules: Rules, lines: list[str]) -> list[str]:
    """Each line after one pass of the rules."""
    if not rules:
        return lines
    text = "\n".join(lines)
    for rule in rules:
        text = rule.apply(text)
    return text.split("\n")


def _trace(rules: Rules, text: str) -> list[RuleApplication]:
    """One pass of the rules over a text, step by step."""
    applications = []
    for rule in rules:
        after = rule.apply(text)
        applications.append(RuleApplication(rule.name, rule.why, text, after))
        text = after
    return applications
