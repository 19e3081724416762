"""Settings come from the environment and from `.env`, and a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.asr_models.options import load_options
from app.settings import SettingsInvalid, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_engines_are_set_in_the_env_file_too(folder: Path) -> None:
    lines = ["BOLI_ASR_URL=http://h/v1", "BOLI_ASR_API_KEY=secret", "BOLI_ASR_PROXY=http://p", "BOLI_FAKE_DELAY_MS=7"]
    (folder / ".env").write_text("\n".join([*lines, "BOLI_FAKE_FAIL_EVERY=3"]), encoding="utf-8")
    options = load_options(load_settings())
    assert (options.service_url, options.service_key, options.service_proxy) == ("http://h/v1", "secret", "http://p")
    assert (options.fake_delay_ms, options.fake_fail_every) == (7, 3)
    assert "secret" not in repr(options) + repr(load_settings())


@pytest.mark.parametrize(
    ("variable", "value"), [("BOLI_FAKE_DELAY_MS", "soon"), ("BOLI_FAKE_FAIL_EVERY", "0"), ("BOLI_THREADS", "many")]
)
def test_a_value_that_makes_no_sense_is_told(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid, match=f"{variable}={value}: "):
        load_settings()


def test_an_env_file_that_is_not_utf_8_is_told(folder: Path) -> None:
    (folder / ".env").write_bytes("BOLI_MODEL=मॉडल".encode("utf-16"))
    with pytest.raises(SettingsInvalid, match=r"\.env: byte 0xff at 0 is not UTF-8; save the file as UTF-8"):
        load_settings()
