"""What is wrong with a file that should hold sound, told from its bytes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pipeline.errors import AudioUnreadable

HEAD_BYTES = 4096
TAIL_BYTES = 128 * 1024
"""An Ogg page is at most 65,307 bytes (RFC 3533, section 6), so the last whole one begins within the tail."""

MAX_CHUNKS = 1_000
UNKNOWN_SIZE = 2**32 - 1

SUPPORTED = "Expected a sound or video file, for instance wav, flac, mp3, m4a, ogg, opus, amr, 3gp, wma, webm or mp4"

_SIGNATURES = (
    (b"PK\x03\x04", "it is a ZIP archive or an office document", "Unpack it, and send the recordings themselves"),
    (b"\x1f\x8b", "it is a gzip archive", "Unpack it, and send the recordings themselves"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive", "Unpack it, and send the recordings themselves"),
    (b"Rar!", "it is a RAR archive", "Unpack it, and send the recordings themselves"),
    (b"%PDF", "it is a PDF document", SUPPORTED),
    (b"\x89PNG", "it is a picture", SUPPORTED),
    (b"\xff\xd8\xff", "it is a picture", SUPPORTED),
    (b"#EXTM3U", "it is a play list, not a recording", "Send the files that it lists"),
    (b"ffconcat", "it is a play list, not a recording", "Send the files that it lists"),
    (b"Salted__", "it is encrypted (OpenSSL)", "Decrypt it first"),
    (b"-----BEGIN PGP", "it is encrypted (PGP)", "Decrypt it first"),
    (b"age-encryption.org", "it is encrypted (age)", "Decrypt it first"),
)


def checked_file(path: Path) -> Path:
    """The path, when it leads to a regular file that may be read, with something in it that is not text.

    Raises:
        AudioUnreadable: it does not.
    """
    try:
        mode, size_bytes = path.stat().st_mode, path.stat().st_size
        if stat.S_ISDIR(mode):
            raise _folder(path)
        if not stat.S_ISREG(mode):
            raise AudioUnreadable(str(path), "it is a device or pipe, not a file", "Copy the sound into a file first")
        if size_bytes == 0:
            raise AudioUnreadable(str(path), "it is empty (0 bytes)", "Copy or upload it again from the recorder")
        head = _head(path)
    except FileNotFoundError:
        raise _missing(path) from None
    except PermissionError:
        raise AudioUnreadable(str(path), "reading it is not permitted", "Give yourself read permission on it") from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise AudioUnreadable(str(path), f"it cannot be opened ({reason})", "Check the disk and the name") from fault
    # Before any format is tried: bare streams have so few marks that long texts pass for them.
    if _is_text(head):
        raise no_container(path)
    return path


def _folder(path: Path) -> AudioUnreadable:
    try:
        os.scandir(path).close()
    except PermissionError:
        reason = "it is a folder that may not be read: permission denied"
        return AudioUnreadable(str(path), reason, "Give yourself permission to read and enter it")
    return AudioUnreadable(str(path), "it is a folder", "Name the files in it")


def _missing(path: Path) -> AudioUnreadable:
    if path.is_symlink():
        reason = f"it is a link that leads nowhere (to {str(path.readlink())!r})"
        return AudioUnreadable(str(path), reason, "Copy the file itself here, or mend the link")
    return AudioUnreadable(str(path), "there is no such file", "Check the name and the folder")


def no_container(path: Path) -> AudioUnreadable:
    """The error for a file in which no sound format was recognised."""
    head = _head(path)
    for signature, reason, remedy in _SIGNATURES:
        if head.startswith(signature):
            return AudioUnreadable(str(path), reason, remedy)
    if not any(head):
        return AudioUnreadable(str(path), "its beginning is all zero bytes", "Copy it again: the copy broke off")
    if _is_text(head):
        return AudioUnreadable(str(path), "it holds text, not sound", SUPPORTED)
    if head[4:8] == b"ftyp":
        return AudioUnreadable(
            str(path),
            "the index of this MP4 file (its moov atom) is missing or damaged: the recording was not closed properly",
            "Copy it again in full; if that is all there is, repair it with a tool such as untrunc",
        )
    if head[:4] in (b"RIFF", b"RF64", b"fLaC", b"OggS", b"FORM", b"caff"):
        return AudioUnreadable(str(path), "its header is damaged or cut short", "Copy it again in full")
    return AudioUnreadable(str(path), "no known sound format was found in it (or it is encrypted)", SUPPORTED)


def ends_early(path: Path, container: str) -> bool:
    """Whether the file's own marks say that its end is missing; False where the format has no such mark."""
    if container == "ogg":
        return _lacks_last_ogg_page(path)
    if container == "mp3":
        return _is_shorter_than_its_xing_header(path)
    if container == "wav":
        return _is_shorter_than_its_data_chunk(path)
    return False


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _is_text(head: bytes) -> bool:
    """Whether the bytes are text in UTF-8 (a character may be cut at the end) or UTF-16 with its mark."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.start < len(head) - 3:
            return False
        text = head[: fault.start].decode("utf-8")
    return all(character.isprintable() or character.isspace() or character == "\ufeff" for character in text)


def _lacks_last_ogg_page(path: Path) -> bool:
    """Whether the last page has no end-of-stream flag or is incomplete. Source: RFC 3533, section 6."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read()
    start = tail.rfind(b"OggS")
    page = tail[start:]
    if start < 0 or len(page) < 27 or len(page) < 27 + page[26]:
        return True
    n_segments = page[26]
    is_whole = len(page) >= 27 + n_segments + sum(page[27 : 27 + n_segments])
    return not (is_whole and page[5] & 0x04)


def _is_shorter_than_its_xing_header(path: Path) -> bool:
    """Whether fewer bytes are there than the Xing or Info header counts.

    Source: Xing VBR header SDK: tag, flags (bit 0: frames, bit 1: bytes), then the fields in this order.
    """
    head = _head(path)
    start = 0
    if head[:3] == b"ID3" and len(head) >= 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    with path.open("rb") as file:
        file.seek(start)
        frame = file.read(256)
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at < 0 or len(frame) < at + 16:
        return False
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if not flags & 2:
        return False
    field = at + 8 + (4 if flags & 1 else 0)
    n_bytes = int.from_bytes(frame[field : field + 4], "big")
    return path.stat().st_size - start < n_bytes


def _is_shorter_than_its_data_chunk(path: Path) -> bool:
    """Whether a RIFF file's `data` chunk claims more bytes than follow; 0 and 2^32 - 1 mean a length not yet known.

    Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft), "RIFF" and "WAVE".
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return False
        file.seek(12)
        for _ in range(MAX_CHUNKS):
            header = file.read(8)
            n_bytes = int.from_bytes(header[4:], "little")
            if len(header) < 8:
                return True
            if header[:4] == b"data":
                return n_bytes not in (0, UNKNOWN_SIZE) and file.tell() + n_bytes > size_bytes
            file.seek(n_bytes + n_bytes % 2, os.SEEK_CUR)
    return False
