"""Names that the owner of a session gives its faces."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext

from analysis.errors import SessionError
from analysis.sessions.models import FaceName, Session
from analysis.sessions.services import clean_name

FACE_NAME_MAX = 60


def name_faces(*, session: Session, names: Mapping[int, str]) -> None:
    """Name faces of a session by their numbers; an empty name takes it back.

    Raises `SessionError` of code "name_too_long", or "no_such_face" for one that was never seen, and changes nothing.
    """
    cleaned = {face: _checked(name) for face, name in names.items()}
    with transaction.atomic():
        seen = set(session.samples.filter(face__in=cleaned).values_list("face", flat=True))
        if unknown := sorted(set(cleaned) - seen):
            message = gettext("This session has no face %(number)s.")
            raise SessionError("no_such_face", message % {"number": unknown[0]})
        session.face_names.filter(face__in=cleaned).delete()
        FaceName.objects.bulk_create(
            FaceName(session=session, face=face, name=name) for face, name in cleaned.items() if name
        )


def _checked(name: str) -> str:
    if not name.strip():
        return ""
    cleaned = clean_name(name)
    if len(cleaned) > FACE_NAME_MAX:
        message = gettext("This name has %(count)s characters. Names of faces can have up to %(limit)s.")
        raise SessionError("name_too_long", message % {"count": len(cleaned), "limit": FACE_NAME_MAX})
    return cleaned
