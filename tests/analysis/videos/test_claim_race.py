"""Workers of several hosts that claim videos of one person at the same moment."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from analysis.videos.lease import claim_next_video
from analysis.videos.models import Video

ROUNDS = 300
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two_queued(user):
    return [Video.objects.create(owner=user, name="v", bytes=1, received=1, status="queued") for _ in range(2)]


def test_one_wins_in_each_of_many_rounds(two_queued):
    begin, end, wins = threading.Barrier(3, timeout=60), threading.Barrier(3, timeout=60), []

    def claim():
        try:
            for _ in range(ROUNDS):
                begin.wait()
                wins.append(claim_next_video())
                end.wait()
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    winners = []
    for _ in range(ROUNDS):
        Video.objects.update(status="queued", token=None, started_at=None)
        wins.clear()
        begin.wait()
        end.wait()
        winners.append(sum(win is not None for win in wins))
    for thread in threads:
        thread.join()
    assert winners == [1] * ROUNDS


def test_the_database_itself_refuses_a_second_running_one(two_queued):
    with pytest.raises(IntegrityError), transaction.atomic():
        Video.objects.update(status="running")
