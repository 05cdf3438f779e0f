"""`python -m ferproject.unmarked_texts`, a part of `make lint`."""

import pytest

from ferproject.unmarked_texts import check_templates, find_unmarked


@pytest.mark.parametrize(
    "source",
    [
        "<p>Save it</p>",
        '<img alt="A face">',
        '<button aria-label="Close">×</button>',
        '<input type="submit" value="Save">',
        '<p data-confirm="Delete this photo?"></p>',
        "{% block title %}Upload{% endblock %}",
        '{% include "a.html" with label="Parameters" %}',
        '{{ name|default:"Nobody" }}',
        "{{ n }} photo{{ n|pluralize }}",
        '{{ at|date:"j F Y" }}',
        '{% translate "Save" %} it',
        "{% if a %}{% blocktranslate %}A{% endblocktranslate %}{% else %}This one{% endif %}",
    ],
)
def test_an_unmarked_text_is_found(source):
    assert find_unmarked(f"\n{source}")[0][0] == 2


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Save" %}',
        "{% blocktranslate trimmed count n=3 %}\n{{ n }} photo\n{% plural %}{{ n }} photos{% endblocktranslate %}",
        '{% include "a.html" with label=_("Parameters") %}',
        "<code>manage.py</code> <kbd>Shift</kbd> <bdi>Ada</bdi> <span translate='no'>Ada <br> Lovelace</span>",
        "<title>{% block title %}{% endblock %} · Expressions</title>",
        '{{ at|date:"DATE_FORMAT" }} <time datetime="{{ at|date:"c" }}">{% now "H:i" %}</time>',
        "{# A comment #}{% comment %}Another{% endcomment %}<!-- A third -->",
        '<a class="button" href="{% url "analysis:history" %}" {% if a %}hidden{% endif %}>1 %</a>',
        '{% if a == "b" or c == "d" %}{% endif %}',
    ],
)
def test_marked_texts_code_and_names_are_not(source):
    assert find_unmarked(source) == []


def test_lines_of_an_email_are_texts():
    assert find_unmarked("{{ name }}\nHello", is_html=False) == [(2, "Hello")]


def test_no_template_has_an_unmarked_text():
    assert list(check_templates()) == []
