"""The style sheet of the report: colours that differ in lightness too, and never alone say what they mean."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --line: #8886; --sub: #f6c34466; --del: #e5393555; --ins: #1e88e555;
  --quiet: #595959; }
@media (prefers-color-scheme: dark) { :root { --quiet: #b8b8b8; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: .2rem .6rem; text-align: start; }
td.n { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { overflow-x: auto; }
.note { overflow-wrap: anywhere; margin: .3rem 0; }
.alignment { display: flex; flex-wrap: wrap; gap: .25rem; font-size: 1.15rem; }
.alignment > span { display: inline-flex; flex-direction: column; padding: 0 .3rem; border-radius: .2rem;
  overflow-wrap: anywhere; }
.hit, .legend .hit { border: 1px solid transparent; }
.substitution { background: var(--sub); border: 1px solid #b8860b; }
.deletion { background: var(--del); border: 1px dashed #c62828; }
.insertion { background: var(--ins); border: 1px dotted #1565c0; }
.legend span { padding: 0 .4rem; margin-inline-end: .6rem; border-radius: .2rem; }
li { margin-bottom: 1rem; }
li p { margin: 0; color: var(--quiet); overflow-wrap: anywhere; }
"""
