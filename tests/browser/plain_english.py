"""Words of a page in en-xa (tests/support/pseudo_locale.py) that no catalog has: texts that are not marked, or data."""

from __future__ import annotations

import re

from playwright.sync_api import Page

DATA = re.compile(
    r"Mozilla/5\.0 .*Safari/[\d.]+|\S+@\S+|https?://\S+|[\w.{}-]*/[\w./{}-]+|\b[\w-]+\.(?:jpg|png|mp4|csv|json|zip|org|html|py)\b"
    r"|\b(?:residual|mlp|centerface|yunet)[\w-]*|\b[0-9a-f-]{8,}\b|fer_\S+|\b[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b|\bowners-own-\w+(?:\.example)?|\b[a-z]+\.[a-z]+\b"
    r"|\bphoto [0-9a-f-]{36} of user \d+|\btheir own (?:history|\w+ \(\d+\)|session [0-9a-f-]{36})|^(?:True|False)$"
    r"|\b(?:int8|float32|PrivateTest|PublicTest)\b|\btest-\d\b|\bChrome\b|\bLinux\b|(?<=\[)light(?= \()"
    r"|(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d+, \d{4}\b"
    r"|\b(?:Expressions|FER-2013|REST|API|JSON|CSV|ZIP|YAML|OpenAPI|PNG|JPEG|MP4|HTML|UTC|GPU|HTTPS?|ECE|GET|POST|PUT|PATCH|DELETE)\b"
)
"""What is the same in every language: addresses, names of files, versions and settings, tokens, formats, brands and
browsers, and the audit log; and what has no en-xa: the dates of CLDR, and Django's icons of True and False."""
WORD = re.compile(r"[A-Za-z]{3,}")
_TEXTS = """() => {
  const code = "script, style, code, kbd, pre, samp, bdi, textarea";
  const same = `${code}, [translate=no], [lang=en], [hidden], [id^=schema-] *`;
  const labels = ["aria-label", "title", "placeholder", "alt"];
  const texts = [document.title, document.querySelector("meta[name=description]")?.content ?? ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const shown = parent.closest("select, details, dialog") ?? parent;
    const isItsValue = parent.matches("option") && parent.value === parent.text;
    if (!parent.closest(same) && !isItsValue && shown.checkVisibility()) texts.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
    if (!element.closest(same)) for (const name of labels) texts.push(element.getAttribute(name) ?? "");
  for (const button of document.querySelectorAll("input[type=submit]")) texts.push(button.value);
  return texts;
}"""


def plain_english(page: Page, data: re.Pattern[str] = DATA) -> list[str]:
    """Return the visible texts and labels that have a word of plain letters."""
    texts = (" ".join(text.split()) for text in page.evaluate(_TEXTS))
    return sorted({text for text in texts if WORD.search(data.sub("", text))})
