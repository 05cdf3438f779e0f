"""Words of a page in en-xa (tests/support/pseudo_locale.py) that no catalog has: texts that are not marked, or data."""

from __future__ import annotations

import re

from playwright.sync_api import Page

DATA = re.compile(
    r"\S+@\S+|https?://\S+|[\w.{}-]*/[\w./{}-]+|\b[\w-]+\.(?:jpg|png|mp4|csv|json|zip|org|html|py)\b"
    r"|\b(?:residual|centerface|yunet)[\w-]*|\b[0-9a-f-]{8,}\b|fer_\S+|\bowners-own-\w+(?:\.example)?|\b[a-z]+\.[a-z]+\b|\b(?:int8|PrivateTest|PublicTest)\b|\btest-\d\b|\bChrome\b|\bLinux\b"
    r"|\b(?:Expressions|FER-2013|REST|API|JSON|CSV|ZIP|YAML|OpenAPI|PNG|JPEG|MP4|HTML|UTC|GPU|HTTPS?|ECE|GET|POST|PUT|PATCH|DELETE)\b"
)
"""Addresses, names of files, versions, tokens, formats and brands, which are the same in every language."""
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
    if (!parent.closest(same) && shown.checkVisibility()) texts.push(walker.currentNode.data);
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
