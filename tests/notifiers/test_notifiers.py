"""Notifiers are callbacks: rendered anew each time, and never in the way of a task."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from flowctl.authoring import mail
from flowctl.authoring.dag import DAG
from flowctl.notifiers.base import BaseNotifier
from flowctl.notifiers.smtp import SmtpNotifier
from flowctl.operators.python import PythonOperator
from flowctl.runner.local import run_dag

DAY = datetime(2024, 1, 1, tzinfo=UTC)
told: list[str] = []


class Tell(BaseNotifier):
    template_fields: Sequence[str] = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def notify(self, context: Any) -> None:
        told.append(f"{self.text} {context['text']}")


class TellLater(Tell):
    notify = BaseNotifier.notify

    async def async_notify(self, context: Any) -> None:
        told.append(f"later {self.text} {context['ti'].state}")


class Broken(Tell):
    def notify(self, context: Any) -> None:
        raise LookupError(f"nobody listens to {context['text']}")


def run(notifier: Any) -> Any:
    """Run a DAG of two tasks whose failures go to one notifier."""
    with DAG("d", start_date=DAY, schedule=None) as dag:
        for task_id in ("a", "b"):
            PythonOperator(
                task_id=task_id, python_callable=lambda: 1 / 0, on_failure_callback=[notifier]
            )
    told.clear()
    return run_dag(dag, DAY)


def test_one_notifier_serves_many_tasks() -> None:
    run(Tell("{{ ti.task_id }} at {{ ds }}"))

    raw = "{{ ti.task_id }} at {{ ds }}"
    assert told == [f"a at 2024-01-01 {raw}", f"b at 2024-01-01 {raw}"]


def test_a_notifier_may_be_asynchronous() -> None:
    run(TellLater("{{ ti.task_id }}"))
    assert told == ["later a failed", "later b failed"]


def test_a_notifier_that_fails_is_in_nobodys_way(caplog: pytest.LogCaptureFixture) -> None:
    done = run(Broken("x"))

    assert done.states == {"a": "failed", "b": "failed"}
    assert "Broken told nobody: nobody listens to x" in caplog.text


def test_what_a_missed_sla_brings_is_named() -> None:
    told.clear()
    Tell("{{ slas }}")(None, "tasks", "blocking", "late", "tis")
    assert told == ["late {{ slas }}"]


def test_a_mail_is_a_notification(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(mail, "send_mime_email", lambda *args, **named: sent.append((*args, named)))

    run(SmtpNotifier(to="{{ ti.task_id }}@x.org", from_email="me@x.org"))

    sender, recipients, message, named = sent[1]
    assert (sender, recipients) == ("me@x.org", ["b@x.org"])
    assert message["Subject"] == "d.b: failed"
    assert named == {"conn_id": "smtp_default"}
