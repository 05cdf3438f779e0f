// The page's language: translated texts by Django's catalog, which base.html loads before every module, and numbers,
// percentages and times as the language writes them.

const { gettext, ngettext, pgettext } = globalThis.django;
export { gettext, ngettext, pgettext };

export const language = document.documentElement.lang;

/** A translated text with its values by name: format(gettext("%(name)s was deleted."), { name }). */
export function format(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_match, name) => String(values[name])).replaceAll("%%", "%");
}

/** 1234.5 as 1,235, or with one digit as 1,234.5. */
export function number(value, digits = 0) {
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 0.934 as 93%, or with one digit as 93.4%. */
export function wholePercent(share, digits = 0) {
  return share.toLocaleString(language, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
}
