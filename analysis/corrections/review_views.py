"""The page on which a person goes through their uncertain faces."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.corrections.models import CANNOT_TELL, NOT_A_FACE
from analysis.corrections.review import MAX_COUNTED, ReviewQueue
from analysis.errors import AnalysisError
from analysis.photos.annotated import overlay_data
from analysis.photos.face_models import Face
from analysis.recognition.emotions import EMOTIONS

KEYS = [*((str(number), str(emotion)) for number, emotion in enumerate(EMOTIONS, start=1))]
OTHER_KEYS = [("0", CANNOT_TELL, "uncertain"), ("x", NOT_A_FACE, "no-face")]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Show an uncertain face: that of `?face=`, or the next behind `?after=`; a POST says what it shows."""
    queue = ReviewQueue(request.user)
    if request.method == "POST":
        return _answer(request, queue)
    after = queue.get(request.GET.get("after", ""))
    face = queue.get(request.GET.get("face", "")) or queue.next(after)
    context = {
        "face": face,
        "last": after if after and hasattr(after, "correction") else None,
        "is_begun": after is not None,
        "left": queue.count_photos(),
        "many": MAX_COUNTED,
        "consent": consents.active_consent(user=request.user),
        "keys": KEYS,
        "other_keys": OTHER_KEYS,
    }
    if face is not None:
        photo, value = face.analysis.photo, face.value
        detector = face.analysis.detector
        overlay = overlay_data(width=photo.width, height=photo.height, detector=detector, faces=[value])
        context |= {"photo": photo, "value": value, "overlay": overlay}
    return render(request, "analysis/corrections/review.html", context)


def _answer(request: HttpRequest, queue: ReviewQueue) -> HttpResponse:
    face = queue.get(request.POST.get("face", ""))
    if face is None:
        raise Http404
    if "undo" in request.POST:
        if hasattr(face, "correction"):
            corrections.withdraw_correction(correction=face.correction)
        return _to_queue(face=face)
    try:
        corrections.correct_face(face=face, by=request.user, emotion=request.POST.get("emotion", ""))
    except AnalysisError as error:
        messages.error(request, error.message)
        return _to_queue(face=face)
    return _to_queue(after=face)


def _to_queue(**query: Face) -> HttpResponse:
    return redirect(f"{reverse('analysis:review')}?{urlencode({name: face.pk for name, face in query.items()})}")
