"""Plain pages that work without script: everything that is filled in is escaped."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from fastapi.responses import HTMLResponse

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
table { border-collapse: collapse; width: 100%; } caption { text-align: start; font-weight: 600; padding: .5rem 0; }
th, td { text-align: start; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ccc; }
td.n { text-align: end; font-variant-numeric: tabular-nums; } code, pre { font-family: ui-monospace, monospace; }
pre { background: #f4f4f4; padding: .75rem; overflow-x: auto; } dt { font-weight: 600; } a { color: #0b57a4; }
@media (prefers-color-scheme: dark) {
  body { background: #161616; color: #eee; } pre { background: #242424; } a { color: #8ab8f0; }
  th, td { border-color: #444; }
}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def page(title: str, body: str) -> HTMLResponse:
    """A whole page. body: HTML, whose texts are escaped already."""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})


def table(caption: str, headings: tuple[str, ...], rows: list[tuple[str | int, ...]]) -> str:
    """A table of plain values; numbers stand to the end of their cells."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    lines = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def facts(pairs: list[tuple[str, str]]) -> str:
    """A list of names and values."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in pairs)}</dl>"


def _cell(value: str | int) -> str:
    return f'<td class="n">{value:,}</td>' if isinstance(value, int) else f'<td dir="auto">{escape(value)}</td>'
