"""Files to probe, what was found in each, and what a person should do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.audio.folders import recordings_below
from app.errors import AppError
from app.paths import PathUnusable, is_folder
from pipeline.audio import ChannelPolicy
from pipeline.errors import AudioUnreadable
from pipeline.quality import ChannelQuality, RecordingProbe, probe

MAX_CLIPPING_SHARE = 1e-3
"""One sample in a thousand: clear speech seldom has 2 in 100,000, audibly clipped speech 2 in 1,000 and more."""
QUIET_LUFS = -40.0
LOW_SNR_DB = 10.0
"""Below it the voice-activity detection loses its 99 % recall, and error rates of recognisers climb."""
TELEPHONE_BAND_HZ = 4_800
"""Sound once sampled at 8 kHz: 4 kHz, and what the skirt of a resampling filter lets through."""
MOSTLY_SILENT_SHARE = 0.6
HIGH_DC_OFFSET = 0.02


class NothingToProbe(AppError):
    """A folder without recordings."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One file and what probing it gave: figures, or the reason why there are none."""

    path: Path
    probe: RecordingProbe | None
    fault: AudioUnreadable | None
    remarks: tuple[str, ...] = ()
    """What a person should know or do; empty when all is well."""


def files_to_probe(paths: Sequence[Path]) -> list[Path]:
    """The files named, and those in the folders named that end like a sound or video file, each once.

    Raises:
        NothingToProbe: a folder has no such file in it.
    """
    found: dict[Path, None] = {}
    for path in paths:
        files = recordings_below(path) if _is_folder(path) else [path]
        if not files:
            raise NothingToProbe(f"no sound or video file in the folder {path}; expected names such as talk.wav")
        found.update(dict.fromkeys(files))
    return list(found)


def probe_files(paths: Iterable[Path], *, policy: ChannelPolicy = ChannelPolicy.AUTO) -> Iterator[Finding]:
    """A finding for each file, in order; one that cannot be read does not stop the rest."""
    first_with_sound: dict[str, Path] = {}
    for path in paths:
        try:
            result = probe(path, policy=policy)
        except AudioUnreadable as fault:
            yield Finding(path, None, fault)
            continue
        same = first_with_sound.setdefault(result.samples_sha256, path)
        again = () if same == path else (f"same sound as {same}",)
        yield Finding(path, result, None, again + remarks(result))


def remarks(result: RecordingProbe) -> tuple[str, ...]:
    """What a person should know or do about a recording, most urgent first."""
    found = ["part of it is missing or damaged: copy it again if you can"] if result.is_truncated else []
    if _is_mostly_silent(result.channels):
        found.append("mostly silent")
    for number, channel in enumerate(result.channels):
        prefix = f"channel {number}: " if len(result.channels) > 1 else ""
        found += [prefix + remark for remark in _channel_remarks(channel, result.format.rate_hz)]
    return tuple(found)


def _is_mostly_silent(channels: Sequence[ChannelQuality]) -> bool:
    """Whether hardly anybody speaks; in a call each side is silent while the other speaks."""
    n_audible = sum(channel.loudness_lufs is not None for channel in channels)
    return n_audible > 0 and sum(1 - channel.silence_share for channel in channels) < 1 - MOSTLY_SILENT_SHARE


def _channel_remarks(channel: ChannelQuality, rate_hz: int) -> Iterator[str]:
    if channel.loudness_lufs is None:
        yield "silent"
        return
    if channel.clipping_share > MAX_CLIPPING_SHARE:
        yield "clipped: lower the recording level"
    if channel.snr_db is not None and channel.snr_db < LOW_SNR_DB:
        yield "noisy: move the microphone nearer"
    if channel.loudness_lufs < QUIET_LUFS:
        yield "very quiet: raise the recording level"
    if channel.bandwidth_hz < TELEPHONE_BAND_HZ < rate_hz / 2:
        yield f"telephone band inside {rate_hz} Hz: ask for the original"
    if abs(channel.dc_offset) > HIGH_DC_OFFSET:
        yield "DC offset: the recorder or its cable is faulty"


def _is_folder(path: Path) -> bool:
    """Whether a folder is there; where the system does not say, reading it as a file tells why."""
    try:
        return is_folder(path)
    except PathUnusable:
        return False
