from analysis import video_analysis
from analysis.models import Sample, Session


def _run(video):
    video_analysis.run_video(video_id=video.pk)
    video.refresh_from_db()
    return video


def test_a_video_becomes_a_session_of_its_seconds(model, upload, webm):
    video = _run(upload(webm))
    assert (video.status, video.message, video.progress) == ("finished", "", 1.0)
    session = Session.objects.get()
    assert video.session == session
    assert (session.source, session.name, session.frames) == ("video", "clip.webm", 20)
    assert session.started_at == video.created_at
    assert abs(session.duration.total_seconds() - 2.0) < 0.01
    assert [(s.second, s.face, s.frames) for s in Sample.objects.all()] == [(0, 1, 10), (1, 1, 10)]
