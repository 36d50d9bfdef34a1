"""An outage of a night leaves a line a minute in the log, not two a second."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from flowctl.scheduler.complaint import Complaint


def away(words: str) -> OperationalError:
    return OperationalError("SELECT 1", {}, Exception(words))


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "flowctl.scheduler")
    return caplog


def test_the_same_trouble_is_said_once(said: pytest.LogCaptureFixture) -> None:
    complaint = Complaint()
    for _ in range(100):
        complaint.about(away("connection refused"))

    assert len(said.messages) == 1


def test_another_trouble_is_said_at_once(said: pytest.LogCaptureFixture) -> None:
    complaint = Complaint()
    complaint.about(away("connection refused"))
    complaint.about(away("no such database"))

    assert len(said.messages) == 2


def test_it_is_said_again_after_a_while(said: pytest.LogCaptureFixture) -> None:
    complaint = Complaint(again_after_s=0.0)
    complaint.about(away("connection refused"))
    complaint.about(away("connection refused"))

    assert len(said.messages) == 2


def test_the_end_is_said_once(said: pytest.LogCaptureFixture) -> None:
    complaint = Complaint()
    complaint.is_over()
    complaint.about(away("connection refused"))
    complaint.is_over()
    complaint.is_over()

    assert said.messages[1:] == ["the metastore answers again"]
