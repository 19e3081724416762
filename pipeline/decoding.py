"""One audio file as float PCM at its own rate: containers, codecs and their faults end here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from pipeline.errors import AudioUnreadable
from pipeline.file_faults import SUPPORTED, checked_file, ends_early, no_container
from pipeline.samples import FloatArray, RateConverter, float_samples, with_channels

DEMUXERS = (
    "aa,aac,ac3,act,aiff,amr,ape,asf,au,avi,caf,dsf,dss,dts,eac3,flac,flv,gsm,gxf,iff,ircam,latm,loas,"
    "matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nut,ogg,oma,qcp,rm,shn,sox,tak,truehd,tta,voc,w64,wav,wsd,"
    "wtv,wv,xwma"
)
"""Formats that hold their sound themselves. Play lists (HLS, concat, DASH) are left out: to open one is to open
whatever other files and addresses it names. Bare AMR without its header is left out too: any text looks like it."""

DECLARES_DURATION = frozenset(
    {"aiff", "asf", "au", "caf", "flac", "matroska", "mov", "nistsphere", "ogg", "w64", "wav", "wv"}
)
"""Containers that write their duration down; for others FFmpeg guesses it from the bit rate."""

DURATION_SLACK_MS = 250
"""Encoder delay, edit lists and rounding make up to some 100 ms; more is sound that is missing."""

MAX_CHANNELS = 8
MIN_RATE_HZ = 1_000
MAX_RATE_HZ = 384_000
MAX_RATE_CHANGE = 16
"""A stream that turns to a rate this much lower is damaged; to bring it up again would need memory without bound."""
MAX_SAMPLES = 48 * 3_600 * 48_000
"""Of one channel: two days at 48 kHz, twelve hours at 192 kHz. A few kilobytes of FLAC can claim years of silence; what
is past the limit is left unread and the file flagged."""
MAX_FAULTS_IN_A_ROW = 10_000
JUNK_BYTES = 16
"""A packet this small that does not decode is padding between or after frames (the shortest MP3 frame has 24 bytes)."""
IO_TIMEOUT_S = 60.0
CHUNK_MS = 2_000
FLOAT_LIMIT = 4.0
"""Float files may pass full scale, by 12 dB at most here: hostile values would overflow in the filters."""

# Faults reach the caller as exceptions and flags; FFmpeg would say them again, without the file's name, on stderr.
av.logging.set_level(None)


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How a file stores its sound."""

    container: str
    """FFmpeg's short name, for instance `wav`, `mp3`, `ogg`, `mov`."""
    codec: str
    rate_hz: int
    n_channels: int
    duration_ms: int | None
    """What the container declares; for `mp3` and other bare streams a guess from the bit rate, good for a progress bar;
    None where there is neither. The measured duration is among the quality figures."""


@dataclass(frozen=True, slots=True)
class _FrameShape:
    rate_hz: int
    n_channels: int
    sample_format: str


class PcmReader:
    """Reads the first sound track of a file, once, as float32 at its own rate.

    What does not decode is passed over and makes `is_damaged` true.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and decode up to its first sound.

        Raises:
            AudioUnreadable: the file is not there, holds no sound, or holds it in a way that we cannot read.
        """
        self.is_damaged = False
        self._is_encrypted = False
        self._path = checked_file(path)
        self._container = _opened(path)
        try:
            self._stream = _first_sound_track(self._container, path)
            self._frames = self._decoded_frames()
            self._first = self._first_frame()
            self.format = self._read_format()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._container.close()

    def chunks(self, chunk_ms: int = CHUNK_MS) -> Iterator[FloatArray]:
        """The sound in pieces of shape (n_channels, n_samples), full scale 1.0; each about `chunk_ms` long.

        Afterwards `is_damaged` also tells whether the end is missing.

        Raises:
            AudioUnreadable: a float file holds values that are not numbers.
        """
        n_samples = 0
        for chunk in self._conformed(chunk_ms):
            self._check_numbers(chunk, n_samples)
            n_samples += chunk.shape[1]
            yield chunk
            if n_samples >= MAX_SAMPLES:
                self.is_damaged = True
                return
        self.is_damaged |= self._misses_its_end(n_samples)

    def _decoded_frames(self) -> Iterator[AudioFrame]:
        """Frames of all packets that decode; ends at the end of the file or when nothing decodes any more."""
        n_faults = 0
        packets = self._container.demux(self._stream)
        while n_faults < MAX_FAULTS_IN_A_ROW:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                self.is_damaged = True
                n_faults += 1
                packets = self._container.demux(self._stream)  # a generator that raised is spent; the file reads on
                continue
            if packet is None:
                return
            frames = self._frames_of(packet)
            n_faults = 0 if frames else n_faults + 1
            yield from frames
        self.is_damaged = True

    def _frames_of(self, packet: Packet[AudioStream]) -> list[AudioFrame]:
        # A WAV without a length in its header always ends in a short packet; `ends_early` judges that format.
        self.is_damaged |= packet.is_corrupt and self._container.format.name != "wav"
        try:
            return [frame for frame in packet.decode() if frame.samples]
        except av.error.EOFError:
            self._stream.codec_context.flush_buffers()  # an empty packet had closed the decoder
        except av.error.FFmpegError:
            self.is_damaged |= packet.size >= JUNK_BYTES
            self._is_encrypted |= packet.has_sidedata("encryption_info")
        return []

    def _first_frame(self) -> AudioFrame:
        frame = next(self._frames, None)
        if frame is not None:
            return frame
        name = self._stream.codec_context.name
        if self._is_encrypted:
            raise AudioUnreadable(str(self._path), "its sound is encrypted (DRM)", "Export it without copy protection")
        raise AudioUnreadable(
            str(self._path), f"its sound track ({name}) has no sample that decodes", "Record, export or copy it again"
        )

    def _read_format(self) -> AudioFormat:
        """The file's format as its first frame has it: headers of HE-AAC and 3GP name another rate."""
        shape = _shape(self._first)
        if not 1 <= shape.n_channels <= MAX_CHANNELS:
            raise AudioUnreadable(
                str(self._path),
                f"it has {shape.n_channels} channels, at most {MAX_CHANNELS} can be read",
                "Export it with fewer channels",
            )
        if not MIN_RATE_HZ <= shape.rate_hz <= MAX_RATE_HZ:
            raise AudioUnreadable(
                str(self._path),
                f"its sample rate is {shape.rate_hz} Hz, expected {MIN_RATE_HZ} to {MAX_RATE_HZ}",
                "Its header may be damaged: export it again",
            )
        container = self._container.format.name.split(",")[0]
        return AudioFormat(
            container, self._stream.codec_context.name, shape.rate_hz, shape.n_channels, self._declared_ms()
        )

    def _declared_ms(self) -> int | None:
        stream, container = self._stream, self._container
        if stream.duration and stream.time_base and stream.duration > 0:
            return round(stream.duration * stream.time_base * 1000)
        return container.duration // 1000 if container.duration and container.duration > 0 else None

    def _conformed(self, chunk_ms: int) -> Iterator[FloatArray]:
        """Chunks at the first frame's rate and channels, also where the stream changes them on its way."""
        fifo, run = AudioFifo(), _shape(self._first)
        for frame in chain([self._first], self._frames):
            shape = _shape(frame)
            if shape != run:
                yield from self._drained(fifo, run)
                fifo, run = AudioFifo(), shape
            frame.pts = None  # the queue refuses gaps in time; sound is laid end to end
            fifo.write(frame)
            if fifo.samples * 1000 >= chunk_ms * run.rate_hz:
                yield from self._drained(fifo, run)
        yield from self._drained(fifo, run)

    def _drained(self, fifo: AudioFifo, shape: _FrameShape) -> Iterator[FloatArray]:
        frame = fifo.read()
        if frame is None:
            return
        if shape.rate_hz == self.format.rate_hz and shape.n_channels == self.format.n_channels:
            yield float_samples(frame)
            return
        lowest_hz = max(MIN_RATE_HZ, self.format.rate_hz // MAX_RATE_CHANGE)
        if not (lowest_hz <= shape.rate_hz <= MAX_RATE_HZ and 1 <= shape.n_channels <= MAX_CHANNELS):
            self.is_damaged = True
            return
        samples = with_channels(float_samples(frame), self.format.n_channels)
        converter = RateConverter(shape.rate_hz, self.format.rate_hz)
        yield np.concatenate([converter.convert(samples), converter.rest(self.format.n_channels)], axis=1)

    def _check_numbers(self, chunk: FloatArray, n_before: int) -> None:
        """Keep values that are not numbers, and absurd ones, out of the filters; `chunk` is changed in place."""
        if "f" not in self._first.format.name and "dbl" not in self._first.format.name:
            return
        finite = np.isfinite(chunk)
        if not finite.all():
            if self.format.codec.startswith("pcm_"):
                at_s = (n_before + int(np.argmin(finite.all(axis=0)))) / self.format.rate_hz
                raise AudioUnreadable(
                    str(self._path),
                    f"it holds values that are not numbers (NaN or infinity), the first at {at_s:.3f} s",
                    "Export it again from the program that made it, as 16- or 24-bit PCM",
                )
            self.is_damaged = True
            chunk[~finite] = 0.0
        np.clip(chunk, -FLOAT_LIMIT, FLOAT_LIMIT, out=chunk)

    def _misses_its_end(self, n_samples: int) -> bool:
        declared_ms = self.format.duration_ms if self.format.container in DECLARES_DURATION else None
        is_short = declared_ms and n_samples * 1000 // self.format.rate_hz < declared_ms - DURATION_SLACK_MS
        return bool(is_short) or ends_early(self._path, self.format.container)


def _opened(path: Path) -> InputContainer:
    # The prefix keeps names such as `call:2024.wav` or `concat:a|b` from being taken for a protocol.
    try:
        return av.open(
            f"file:{path}",
            "r",
            container_options={"format_whitelist": DEMUXERS, "protocol_whitelist": "file"},
            metadata_errors="replace",
            timeout=IO_TIMEOUT_S,
        )
    except (av.error.FFmpegError, UnicodeDecodeError, ValueError) as fault:
        raise no_container(path) from fault


def _first_sound_track(container: InputContainer, path: Path) -> AudioStream:
    if not container.streams.audio:
        raise AudioUnreadable(str(path), "it has no sound track", SUPPORTED)
    track = container.streams.audio[0]
    if track.codec_context is None:
        raise AudioUnreadable(
            str(path), "its sound track is in a codec that cannot be decoded", "Export it as wav, flac or mp3"
        )
    if track.codec_context.codec_tag == "drms":
        raise AudioUnreadable(str(path), "its sound is encrypted (DRM)", "Export it without copy protection")
    if track.codec_context.name == "flac":
        track.codec_context.options = {"err_detect": "crccheck+explode"}  # else a damaged frame is decoded as noise
    track.codec_context.thread_count = 1  # one core a recording: the worker runs several
    return track


def _shape(frame: AudioFrame) -> _FrameShape:
    return _FrameShape(frame.sample_rate, frame.layout.nb_channels, frame.format.name)
