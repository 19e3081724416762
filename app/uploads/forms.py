"""Forms with a file, read as they come: fields into memory up to a limit, the file's bytes handed on at once.

The framework's own reader would spool the whole file to the system's folder for temporary files, which may be memory,
before any limit could be looked at. Source: RFC 7578; python-multipart's push parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.errors import FieldFault, Invalid, TooLarge
from app.uploads.faults import MediaTypeWrong

FILE_FIELD = "file"
MOST_FIELD_BYTES = 8_000_000
"""Of all fields together: an hour of transcript in an Indic script is a tenth of it."""
MOST_FIELDS = 50


@dataclass(slots=True)
class Form:
    """A form as far as it came. pending: bytes of the file that nobody has taken yet."""

    content_type: str
    fields: dict[str, str] = field(default_factory=dict)
    file_name: str | None = None
    pending: bytearray = field(default_factory=bytearray)
    is_whole: bool = False
    _parser: MultipartParser = field(init=False)
    _headers: dict[str, str] = field(default_factory=dict)
    _header: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    _name: str = ""
    _value: bytearray = field(default_factory=bytearray)
    _n_field_bytes: int = 0

    def __post_init__(self) -> None:
        kind, options = parse_options_header(self.content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise MediaTypeWrong(f"Content-Type is {self.content_type!r:.80}, expected multipart/form-data")
        self._parser = MultipartParser(
            boundary,
            {
                "on_header_field": lambda part, start, end: self._header[0].extend(part[start:end]),
                "on_header_value": lambda part, start, end: self._header[1].extend(part[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_content,
                "on_part_data": self._take,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> bytes:
        """Read on; returns the bytes of the file that came.

        Raises:
            Invalid: not a form, or fields that make no sense.
            TooLarge: fields longer than fields are.
        """
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise Invalid(f"the body is no form: {error}") from error
        came = bytes(self.pending)
        self.pending.clear()
        return came

    def _end_header(self) -> None:
        name, value = (bytes(part).decode("utf-8", "replace") for part in self._header)
        self._headers[name.lower()] = value
        for part in self._header:
            part.clear()

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        self._headers.clear()
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name == FILE_FIELD:
            if self.file_name is not None:
                raise Invalid("there are two files; expected one field 'file'")
            self.file_name = _unescaped(options.get(b"filename", b"").decode("utf-8", "replace"))
        elif not self._name or self._name in self.fields or len(self.fields) >= MOST_FIELDS:
            expected = f"at most {MOST_FIELDS} fields, each with a name of its own"
            raise Invalid(f"field {self._name!r:.80}: expected {expected}", FieldFault(self._name[:80], "", expected))

    def _take(self, part: bytes, start: int, end: int) -> None:
        if self._name == FILE_FIELD:
            self.pending += part[start:end]
            return
        self._n_field_bytes += end - start
        if self._n_field_bytes > MOST_FIELD_BYTES:
            raise TooLarge(f"the fields have more than {MOST_FIELD_BYTES:,} bytes; expected fewer")
        self._value += part[start:end]

    def _end_part(self) -> None:
        if self._name != FILE_FIELD:
            try:
                self.fields[self._name] = self._value.decode("utf-8")
            except UnicodeDecodeError as error:
                fault = FieldFault(self._name[:80], repr(bytes(self._value[:40])), "text in UTF-8")
                raise Invalid(f"field {fault.field!r} is {fault.value}, expected {fault.expected}", fault) from error
        self._value.clear()

    def _end(self) -> None:
        self.is_whole = True


def _unescaped(name: str) -> str:
    """A file's name as it was before the browser wrote it down. Source: HTML standard, multipart/form-data."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
