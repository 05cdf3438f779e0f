"""Form of a correction."""

from __future__ import annotations

from django import forms

from analysis.emotion_fields import EMOTION_CHOICES


class CorrectionForm(forms.Form):
    """What a face really shows; `learn` agrees to training, as the notice of version `notice` describes it."""

    emotion = forms.ChoiceField(choices=EMOTION_CHOICES)
    learn = forms.BooleanField(required=False)
    notice = forms.CharField(required=False, widget=forms.HiddenInput)
