"""Voices drawn at random: espeak-ng variants beside its own, so that the model hears speakers, not eighty voices."""

import random
from pathlib import Path

_VARIANTS = Path("voices") / "!v"


def drawn_voice(rng: random.Random) -> str:
    """A variant file within the ranges that espeak-ng's own variants span.

    Formants are frequency, height and width in per cent; pitch is in Hz; the stress lists have eight places.
    Source: espeak-ng, docs/voices.md.
    """
    low = rng.uniform(65, 200)
    lines = ["language variant", "name drawn", f"pitch {low:.0f} {low + rng.uniform(20, 90):.0f}", *_formants(rng)]
    if rng.random() < 0.6:
        lines.append(f"voicing {rng.randint(35, 135)}")
    if rng.random() < 0.6:
        lines.append(f"consonants {rng.randint(40, 120)} {rng.randint(20, 120)}")
    if rng.random() < 0.3:
        lines.append(f"echo {rng.randint(10, 130)} {rng.randint(5, 50)}")
    if rng.random() < 0.4:
        lines.append(f"flutter {rng.randint(0, 12)}")
    if rng.random() < 0.4:
        lines.append(f"roughness {rng.randint(0, 4)}")
    if rng.random() < 0.25:
        lines.append(f"breath {_listed(rng, 0, 8)}")
        lines.append(f"breathw {_listed(rng, 120, 400)}")
    if rng.random() < 0.15:
        lines.append(f"klatt {rng.randint(1, 5)}")
    if rng.random() < 0.3:
        lines.append(f"tone 100 {rng.randint(120, 255)} 600 {rng.randint(80, 230)} 1200 {rng.randint(40, 150)} 3500 30")
    if rng.random() < 0.5:
        lines.append(f"stressAdd {_listed(rng, -20, 60)}")
        lines.append(f"stressAmp {_listed(rng, 14, 24)}")
    return "\n".join(lines) + "\n"


class DrawnVoices:
    """A copy of espeak-ng's data by links, with one variant more, `drawn`, which is another voice after each draw.

    One at a time: espeak-ng 1.51 lists 350 voices at most and then finds none of the others.
    """

    NAME = "drawn"

    def __init__(self, folder: Path, data: Path) -> None:
        self._variants = folder / "espeak-ng-data" / _VARIANTS
        self._variants.mkdir(parents=True)
        for place in (Path(), Path("voices"), _VARIANTS):
            for item in sorted((data / place).iterdir()):
                link = folder / "espeak-ng-data" / place / item.name
                if not link.exists():
                    link.symlink_to(item)

    def draw(self, rng: random.Random) -> str:
        """Draw a voice; the name to call it by."""
        (self._variants / self.NAME).write_text(drawn_voice(rng), encoding="ascii")
        return self.NAME


def _formants(rng: random.Random) -> list[str]:
    """A vocal tract's length for all of them, with some play for each; in one voice of five the upper ones fade."""
    length = rng.uniform(0.82, 1.32)
    height, width = rng.uniform(70, 150), rng.uniform(60, 160)
    fades = rng.random() < 0.2
    lines = [f"formant 0 {rng.randint(60, 130)} {rng.randint(80, 180)} {rng.randint(50, 150)}"]
    for index in range(1, 9):
        frequency = 100 * length * rng.uniform(0.9, 1.1)
        high = height * rng.uniform(0.7, 1.3) * (rng.uniform(0.05, 0.5) if fades and index >= 4 else 1)
        lines.append(f"formant {index} {frequency:.0f} {high:.0f} {width * rng.uniform(0.7, 1.3):.0f}")
    return lines


def _listed(rng: random.Random, lowest: int, highest: int) -> str:
    return " ".join(str(rng.randint(lowest, highest)) for _ in range(8))
