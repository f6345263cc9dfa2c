"""Text as HTML: everything that comes from a name, a file or a user is escaped here."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["listing", "table", "text"]


def text(value: object) -> str:
    """Return a value's text so that a browser shows it and never executes it; control characters become U+FFFD.

    Examples
    --------
    >>> from spikesim.html import text
    >>> text("<script>alert(1)</script>")
    '&lt;script&gt;alert(1)&lt;/script&gt;'
    """
    shown = "".join("\ufffd" if ord(c) < 32 and c not in "\n\t" else c for c in str(value))
    return html.escape(shown, quote=True)


def table(rows: Iterable[Sequence[object]], header: Sequence[str] = (), caption: str = "", numeric: int = 0) -> str:
    """Return a table; the first cell of a row names it, the last `numeric` columns stand to the right."""
    lines = ["<table>"]
    if caption:
        lines.append(f"<caption>{text(caption)}</caption>")
    if header:
        number = len(header) - numeric
        cells = "".join(
            f'<th scope="col" class="number">{text(name)}</th>' if k >= number else f'<th scope="col">{text(name)}</th>'
            for k, name in enumerate(header)
        )
        lines.append(f"<thead><tr>{cells}</tr></thead>")
    lines.append("<tbody>")
    for row in rows:
        first, *rest = row
        cells = "".join(
            f'<td class="number">{text(cell)}</td>' if k >= len(rest) - numeric else f"<td>{text(cell)}</td>"
            for k, cell in enumerate(rest)
        )
        lines.append(f'<tr><th scope="row">{text(first)}</th>{cells}</tr>')
    lines.append("</tbody></table>")
    return "\n".join(lines)


def listing(title: str, items: Iterable[object]) -> str:
    """Return a title and a list of lines."""
    lines = "".join(f"<li>{text(item)}</li>" for item in items)
    return f"<p>{text(title)}</p>" + (f"<ul>{lines}</ul>" if lines else "")
