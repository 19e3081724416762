"""Runs rules over many texts at once, each distinct word only once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.text.rules import Rule, RuleApplication

BLOCK_TEXTS = 8192
"""Texts that go through together: bounds the memory, large enough that calls do not count."""
MEMO_WORDS = 200_000
"""Words remembered per profile and level: some 30 MB."""
MEMO_WORD_CHARS = 64
"""A longer word is not remembered: it hardly comes again."""
MAX_PASSES = 50
"""Ends the search for a fixed point; no profile needs more than four passes on real text."""


class Normaliser:
    """One level of one profile: stages of rules, each repeated until a text no longer changes.

    Repeating makes the result a fixed point, so that normalising twice is normalising once, and brings NFC again after
    joiners were left out. Where rules are word-local, none looks across white space, and words are remembered.
    """

    def __init__(self, stages: tuple[tuple[Rule, ...], ...], *, is_word_local: bool) -> None:
        self._stages = stages
        self._is_word_local = is_word_local
        self._memo: dict[str, str] = {}

    def normalise_all(self, texts: Sequence[str]) -> list[str]:
        """Each text normalised, in order."""
        done: list[str] = []
        for start in range(0, len(texts), BLOCK_TEXTS):
            done.extend(self._block([text.split() for text in texts[start : start + BLOCK_TEXTS]]))
        return done

    def explain(self, text: str) -> tuple[RuleApplication, ...]:
        """What each rule did to a text, in order; rules that did nothing are left out."""
        current = " ".join(text.split())
        applications = [RuleApplication("white-space", "one space between words", text, current)]
        for stage in self._stages:
            for _ in range(MAX_PASSES):
                before_pass = current
                for rule in stage:
                    before, current = current, rule.apply(current)
                    applications.append(RuleApplication(rule.name, rule.why, before, current))
                if current == before_pass:
                    break
        return tuple(application for application in applications if application.before != application.after)

    def _block(self, texts_of_words: list[list[str]]) -> Iterable[str]:
        if not self._is_word_local:
            return self._settle([" ".join(words) for words in texts_of_words])
        known = self._known_words(texts_of_words)
        return [" ".join(filter(None, map(known.__getitem__, words))) for words in texts_of_words]

    def _known_words(self, texts_of_words: list[list[str]]) -> Mapping[str, str]:
        """Every word of the texts -> its normalised form, which may be empty or several words."""
        # A memo is only ever added to, and replaced when full, so that other threads can go on reading theirs.
        memo = self._memo
        words = set().union(*texts_of_words)
        unseen = words - memo.keys()
        if len(memo) + len(unseen) > MEMO_WORDS:
            memo, unseen = {}, words
        if not unseen:
            return memo
        ordered = list(unseen)
        settled = dict(zip(ordered, self._settle(ordered), strict=True))
        if len(unseen) > MEMO_WORDS or any(len(word) > MEMO_WORD_CHARS for word in unseen):
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
        return settled


def _apply(rules: tuple[Rule, ...], lines: list[str]) -> list[str]:
    """Each line after one pass of the rules."""
    text = "\n".join(lines)
    for rule in rules:
        text = rule.apply(text)
    return text.split("\n")
