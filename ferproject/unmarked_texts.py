"""Find texts of templates that are not marked for translation: `python -m ferproject.unmarked_texts`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
ATTRIBUTES = {
    "alt",
    "title",
    "placeholder",
    "content",
    "label",
    "aria-label",
    "aria-description",
    "aria-roledescription",
}
UNTRANSLATED = {"code", "kbd", "pre", "samp", "script", "style", "textarea", "bdi"}
"""Elements whose content is the same in every language; so is that of elements with `translate="no"`."""
NAMES = re.compile(
    r"\b(Expressions|FER-2013|SHA-256|CSV|JSON|YAML|PNG|ZIP)\b|#[0-9a-f]{6}"
    r"|width=device-width.*|light dark|noindex.*|no-referrer|same-origin"
)
WORD = re.compile(r"[^\W\d_]{2}")
LITERAL = re.compile(r"""(?P<before>_\(|\|(?:date|time):|^now |)(?P<quote>["'])(?P<text>.*?)(?P=quote)""")
SENTENCE = re.compile(r"(?=.*[a-z])([A-Z]|.+ )")
"""A literal in a tag that people read: it begins with a capital letter, or has a space."""
FORMAT_NAME = re.compile(r"[A-Z_]{3,}|[^ FMNPaA]+")
"""A date's format that follows the language, or that programs read."""
TAGS_WITHOUT_TEXT = {"load", "url", "static", "extends", "translate", "comment", "csrf_token"}


def find_unmarked(source: str, *, is_html: bool = True) -> list[tuple[int, str]]:
    """Return the line and text of each unmarked text, and of each date format that is no format's name."""
    text, found = [], []
    line = 1
    for token, is_marked in _tokens(source):
        newlines = token.lineno - line
        text.append("\n" * newlines)
        line += newlines
        if token.token_type == TokenType.TEXT and not is_marked:
            text.append(token.contents)
            line += token.contents.count("\n")
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR) and not is_marked:
            found += [(token.lineno, literal) for literal in _literals(token)]
    parser = _Texts() if is_html else _Plain()
    parser.feed("".join(text))
    parser.close()
    return sorted(found + parser.found)


def _tokens(source: str) -> Iterator[tuple[Token, bool]]:
    """Yield tokens, and whether each is within a translated block, a comment or a list of classes."""
    end = ""
    for token in Lexer(source).tokenize():
        name = token.contents.split(maxsplit=1)[0] if token.token_type == TokenType.BLOCK and token.contents else ""
        if not end and name in ("blocktranslate", "comment", "verbatim"):
            yield token, name != "blocktranslate"
            end = f"end{name}"
            continue
        if not end and token.contents == "block bodyclass":
            end = "endblock"
        yield token, bool(end)
        if name == end:
            end = ""


def _literals(token: Token) -> Iterator[str]:
    """Yield the tag's literals that people read, and formats of dates and filters that know only English."""
    if token.contents.split(maxsplit=1)[0] in TAGS_WITHOUT_TEXT:
        return
    if "|pluralize" in token.contents:
        yield token.contents
    for match in LITERAL.finditer(token.contents):
        before, text = match["before"], match["text"]
        if before.startswith(("|", "now")):
            if not FORMAT_NAME.fullmatch(text):
                yield token.contents
        elif before != "_(" and SENTENCE.match(text) and WORD.search(NAMES.sub("", text)):
            yield text


class _Texts(HTMLParser):
    """Texts and attributes of HTML that have words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if self._skipped or tag in UNTRANSLATED or values.get("translate") == "no":
            if tag not in ("br", "hr", "img", "input", "link", "meta", "source"):
                self._skipped.append(tag)
            return
        for name, value in attrs:
            is_sentence = name.startswith("data-") and re.match(r"[A-Z].* ", value or "")
            is_button = name == "value" and tag == "input" and values.get("type") in ("submit", "button", "reset")
            if name in ATTRIBUTES or is_sentence or is_button:
                self._check(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and tag == self._skipped[-1]:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._check(data)

    def _check(self, text: str) -> None:
        if WORD.search(NAMES.sub("", text)):
            line = self.getpos()[0] + text[: len(text) - len(text.lstrip())].count("\n")
            self.found.append((line, " ".join(text.split())))


class _Plain:
    """Lines of an e-mail that have words."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def feed(self, text: str) -> None:
        lines = enumerate(text.splitlines(), 1)
        self.found += [(number, line.strip()) for number, line in lines if WORD.search(NAMES.sub("", line))]

    def close(self) -> None:
        """As `HTMLParser` has it."""


def check_templates(folder: Path = TEMPLATES) -> Iterator[str]:
    """Yield a line for each unmarked text in the folder's HTML pages and text e-mails."""
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
        name = path.relative_to(folder).as_posix()
        for line, text in find_unmarked(path.read_text(), is_html=path.suffix == ".html"):
            yield f"templates/{name}:{line}: {text}"


def main() -> int:
    problems = list(check_templates())
    print(*problems, sep="\n", end="\n" if problems else "")
    if problems:
        print(f"{len(problems)} texts are not marked for translation; docs/translating.md says how.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
