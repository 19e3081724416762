"""The trainer's command line says what is missing; this much needs no torch."""

from __future__ import annotations

import subprocess
import sys

HIDDEN = "import sys; sys.modules.update(dict.fromkeys(('torch', 'torchaudio', 'whisper')));"


def trainer(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it as on a machine without the extra `[train]`."""
    code = f"{HIDDEN} from scripts.train_demo_model import main; main({list(arguments)!r})"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


def test_help_needs_no_torch() -> None:
    done = trainer("--help")
    assert done.returncode == 0, done.stderr
    assert "--minutes" in done.stdout


def test_what_is_missing_is_named_with_how_to_get_it() -> None:
    done = trainer("export")
    assert done.returncode == 1
    assert "torch, torchaudio, whisper not installed" in done.stderr
    assert "[train]" in done.stderr
    assert "Traceback" not in done.stderr
