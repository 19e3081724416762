"""The description of the API as a plain page: no script, nothing from other machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def reference(schema: dict[str, Any]) -> str:
    """Every operation of an OpenAPI description, as HTML."""
    operations = "".join(_operation(schema, *each) for each in _operations(schema))
    note = (
        '<p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). Errors are '
        "<code>application/problem+json</code> (RFC 9457). <a href='/'>How the service is</a></p>"
    )
    return f"<h1>Boli: the API</h1>{note}{operations}"


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def _operation(schema: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<h2 id="{escape(operation["operationId"])}"><code>{method} {escape(path)}</code></h2>',
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>",
        _parameters(operation.get("parameters", [])),
        _body(schema, operation),
        f"<p>Answers: {', '.join(_answer(*each) for each in operation['responses'].items())}.</p>",
    ]
    return "".join(parts)


def _parameters(parameters: list[dict[str, Any]]) -> str:
    lines = "".join(
        f"<li><code>{escape(each['name'])}</code> ({escape(each['in'])}{', required' if each.get('required') else ''})"
        f" {escape(each.get('description') or each.get('schema', {}).get('description') or '')}</li>"
        for each in parameters
    )
    return f"<ul>{lines}</ul>" if lines else ""


def _body(schema: dict[str, Any], operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ""
    name = str(content["schema"].get("$ref", "")).rpartition("/")[2]
    shape = schema["components"]["schemas"].get(name, content["schema"])
    example = shape.get("example")
    shown = f"<pre>{escape(json.dumps(example, indent=2, ensure_ascii=False))}</pre>" if example else ""
    fields = ", ".join(f"<code>{escape(field)}</code>" for field in shape.get("properties", {}))
    return f"<p>Body: {fields}</p>{shown}"


def _answer(status: str, response: dict[str, Any]) -> str:
    return f"{escape(status)} {escape(response.get('description', ''))}".rstrip(". ")
