"""Mail about tries that failed: once for each, whatever became of the process of the try."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from flowctl import clock, config
from flowctl.authoring import mail, ports
from flowctl.authoring.dag import DAG
from flowctl.authoring.ports import InMemoryPorts
from flowctl.core.attempt import Order, Outcome
from flowctl.core.states import TaskState
from flowctl.executors import choice
from flowctl.operators.empty import EmptyOperator
from flowctl.runner import alarms
from flowctl.runner.recorder import Recorder
from flowctl.runner.site import here
from flowctl.scheduler.callbacks import MAILS_AT_ONCE_MAX, Callbacks
from flowctl.store.crypto import Cipher
from flowctl.store.engine import writing
from tests.runner.fakes import RUN
from tests.store import rows
from tests.support.mailbox import Mailbox, open_mailbox
from tests.support.workshop import KEY, Workshop

FILE = """
import os
import signal
from datetime import datetime, timedelta
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator

def fail():
    raise ValueError("a <b>bad</b> thing")

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

args = {"email": ["a@x.org", "b@x.org"]}
with DAG("alarms", start_date=datetime(2024, 1, 1), schedule=None, default_args=args):
    PythonOperator(task_id="fails", python_callable=fail)
    PythonOperator(task_id="repeats", python_callable=fail, retries=1)
    PythonOperator(task_id="killed", python_callable=kill, email="c@x.org")
    BashOperator(
        task_id="late", bash_command="sleep 60", execution_timeout=timedelta(seconds=0.2)
    )
    PythonOperator(task_id="quiet", python_callable=fail, email_on_failure=False)
    PythonOperator(
        task_id="quiet_once", python_callable=kill, email_on_retry=False, retries=1
    )
    PythonOperator(task_id="nobody", python_callable=fail, email=None)
    PythonOperator(task_id="fine", python_callable=print)
"""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with open_mailbox() as box:
        yield box


@pytest.fixture
def shop(
    tmp_path: Path, sqlite_url: str, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    for name, value in {"HOST": "127.0.0.1", "PORT": str(box.port), "STARTTLS": "False"}.items():
        monkeypatch.setenv(f"AIRFLOW__SMTP__SMTP_{name}", value)
    shop = Workshop.make(tmp_path, sqlite_url, monkeypatch)
    yield shop
    shop.close()


def test_each_try_that_failed_is_mailed_once(shop: Workshop, box: Mailbox) -> None:
    """Also where its process was killed, or its time was over."""
    shop.add(FILE)
    executor = choice.executor(config.load(), "LocalExecutor")
    executor.connect(shop.term)
    shop.executors.append(executor)
    sender = Callbacks(shop.engine, executor, shop.term)

    shop.run(executor, list(shop.order("alarms").values()))
    sender.start(clock.utcnow())
    left = "SELECT count(*) AS n FROM callback"
    shop.until(lambda: shop.rows(left)[0].n == 0, "the end of all mails")
    sender.start(clock.utcnow())

    assert box.subjects == [
        "flowctl alert: alarms.fails failed",
        "flowctl alert: alarms.killed failed",
        "flowctl alert: alarms.late failed",
        "flowctl alert: alarms.repeats failed, another one follows",
    ]
    assert {tuple(to) for _, to, _ in box.mails} == {("a@x.org", "b@x.org"), ("c@x.org",)}
    assert len({message["Message-ID"] for _, _, message in box.mails}) == 4


ORDER = Order(
    RUN,
    ti_id=1,
    try_number=2,
    task_id="load",
    max_tries=2,
    callback_id=7,
    event="mail_failure",
    reason="ValueError: a <b>bad</b> thing",
    addresses=("a@x.org",),
)


def sales(_dag_id: str) -> DAG:
    with DAG("sales", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
        EmptyOperator(task_id="load", owner="ann")
    return dag


@pytest.fixture
def server(box: Mailbox) -> Iterator[Mailbox]:
    """Have mails of this process go to the mailbox."""
    ports.use(InMemoryPorts())
    here()  # reads the configuration, once
    before = dict(vars(mail.settings))
    mail.settings.host, mail.settings.port = "127.0.0.1", box.port
    mail.settings.starttls, mail.settings.pauses_s = False, (0.0,)
    yield box
    vars(mail.settings).update(before)


def test_what_a_mail_says_is_no_markup(server: Mailbox) -> None:
    alarms.send(ORDER, sales)

    text = server.html()
    assert "ValueError: a &lt;b&gt;bad&lt;/b&gt; thing" in text
    assert "try 2 of 3 failed" in text
    assert "tab=logs" in text


def test_a_mail_is_sent_although_the_file_cannot_be_imported(server: Mailbox) -> None:
    def broken(_dag_id: str) -> Any:
        raise SystemExit(3)

    alarms.send(ORDER, broken)

    assert server.subjects == ["flowctl alert: sales.load failed"]


def test_the_same_mail_has_the_same_id(server: Mailbox) -> None:
    alarms.send(ORDER, sales)
    alarms.send(ORDER, sales)

    first, second = (message["Message-ID"] for _, _, message in server.mails)
    assert first == second


def test_the_site_may_have_templates(
    server: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "subject").write_text("{{ dag.dag_id }}: {{ task.owner }}, {{ ds }}")
    (tmp_path / "text").write_text("{{ try_number }} of {{ max_tries + 1 }}: {{ exception_html }}")
    monkeypatch.setattr(mail.settings, "subject_template", str(tmp_path / "subject"))
    monkeypatch.setattr(mail.settings, "html_content_template", str(tmp_path / "text"))

    alarms.send(ORDER, sales)

    assert server.subjects == ["sales: ann, 2024-03-10"]
    assert server.html().strip() == "2 of 3: ValueError: a &lt;b&gt;bad&lt;/b&gt; thing"


def test_a_mail_about_an_instance_of_a_mapped_task_says_which(server: Mailbox) -> None:
    alarms.send(structs.replace(ORDER, map_index=3), sales)

    assert server.subjects == ["flowctl alert: sales.load[3] failed"]
    assert "load[3]</b> of DAG" in server.html()


@pytest.mark.parametrize("content", [None, "{{ nothing.at.all }}", "{% if %}"])
def test_a_template_that_is_no_use_keeps_no_mail_back(
    server: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "subject").write_text(content)
    monkeypatch.setattr(mail.settings, "subject_template", str(tmp_path / "subject"))

    alarms.send(ORDER, sales)

    assert server.subjects == ["flowctl alert: sales.load failed"]


def test_a_mail_that_no_server_takes_is_given_up(
    server: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = ["550 no such mailbox"]

    alarms.send(ORDER, sales)

    assert server.mails == []
    assert "the mail to a@x.org is given up" in caplog.text
    assert "550" in caplog.text


def test_a_mail_that_was_sent_is_not_sent_again_by_the_next_runner(shop: Workshop) -> None:
    """Nobody saw how its process ended, but it left word that it was done."""
    with writing(shop.engine) as conn:
        rows.add_dag(conn, "sales")
        run = rows.add_run(conn, "sales", "r", [TaskState.FAILED], version=1)
        pk = add_mail(conn, run)
    recorder = Recorder(shop.engine, "here", Cipher(KEY))
    now = clock.utcnow()
    order = Order(RUN, 1, 1, callback_id=pk, event="mail_failure")

    recorder.ended(order, Outcome(-pk, 0, TaskState.SUCCESS, now, now), "")
    recorder.commit(now)

    assert shop.rows("SELECT id FROM callback") == []


def add_mail(conn: Any, run: int) -> int:
    row = {"dag_run_id": run, "ti_id": 1, "event": "mail_failure", "created_at": clock.utcnow()}
    made = conn.execute(rows.schema.callback.insert().values(**row))
    return int(made.inserted_primary_key[0])


class Idle:
    """An executor that takes orders and does nothing."""

    def __init__(self) -> None:
        self.orders: list[Order] = []

    def start(self, orders: list[Order]) -> None:
        self.orders += orders


def test_mails_leave_room_for_callbacks(shop: Workshop) -> None:
    """A mail server that hangs holds nobody else up."""
    with writing(shop.engine) as conn:
        rows.add_dag(conn, "sales")
        run = rows.add_run(conn, "sales", "r", [TaskState.FAILED], version=1)
        for _ in range(40):
            add_mail(conn, run)
        late = {"dag_run_id": run, "event": "failure", "created_at": clock.utcnow()}
        conn.execute(rows.schema.callback.insert().values(**late))
    executor: Any = Idle()

    Callbacks(shop.engine, executor, shop.term).start(clock.utcnow())

    events = [order.event for order in executor.orders]
    assert events.count("mail_failure") == MAILS_AT_ONCE_MAX
    assert events.count("failure") == 1
