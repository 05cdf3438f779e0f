"""Texts about what cards say, in the active language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DETAILS = {
    "origin": _("Origin"),
    "architecture": _("Architecture"),
    "parameters": _("Parameters"),
    "file": _("Model file"),
    "time": _("Time for one face"),
    "data": _("Trained on"),
    "votes": _("FER+ votes"),
    "reading": _("Reading"),
    "finished": _("Trained until"),
    "precision": _("Precision"),
    "prior_strength": _("Class prior subtracted"),
    "temperature": _("Temperature"),
    "start_from": _("Started from"),
    "teachers": _("Learnt from"),
}
"""Names of what a card says, for people."""

CONDITIONS = {
    "blur": _("blurred (Gaussian, sigma 1.5 pixels)"),
    "jpeg": _("saved as JPEG of quality 30"),
    "small": _("enlarged from 24 × 24 pixels"),
    "roll_left": _("turned 20 degrees anticlockwise"),
    "roll_right": _("turned 20 degrees clockwise"),
    "half_light": _("half as bright"),
    "lower_covered": _("lower half covered"),
    "upper_covered": _("upper half covered"),
}
"""What was done to the faces of a stress test, by its name."""
LIMITS = {
    "The network names the expression a face shows, not what the person feels.": _(
        "The model names the expression a face shows, not what the person feels."
    ),
    "FER-2013's labels are few people's reading of small grey web pictures, and people often disagree on them.": _(
        "FER-2013’s labels are a few people’s opinions of small grey pictures. People often disagree on them."
    ),
    "FER-2013 has no labels of age, sex or skin tone, so there are no figures per group; expect them to differ.": _(
        "FER-2013 has no labels of age, sex or skin tone, so there are no figures for groups. Expect them to differ."
    ),
    "Faces turned away, covered, badly lit or smaller than about 48 pixels are named less reliably.": _(
        "Results are less reliable for faces that are turned away, covered, badly lit or smaller than about 48 pixels."
    ),
}
"""Texts by what pinned cards say, which no longer changes."""
