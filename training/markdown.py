"""Tables in Markdown, and the part of a page that a program writes."""

from pathlib import Path

_BEGIN, _END = "<!-- measured: begin -->\n", "<!-- measured: end -->"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def replace_measured(path: Path, text: str) -> None:
    """Replace what lies between the marks `measured: begin` and `measured: end` of a page."""
    page = path.read_text(encoding="utf-8")
    before, rest = page.split(_BEGIN)
    after = rest.split(_END)[1]
    path.write_text(before + _BEGIN + text + _END + after, encoding="utf-8")
