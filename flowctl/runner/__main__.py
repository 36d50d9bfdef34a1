"""`python -m flowctl.runner`: the runner as a process of its own, started by the executor."""

import fcntl
import logging
import os
import signal

from flowctl.config import load
from flowctl.runner import hiding
from flowctl.runner import settings as runner_settings
from flowctl.runner.data import Desk
from flowctl.runner.supervise import Runner
from flowctl.store import metastore
from flowctl.store.crypto import Cipher
from flowctl.store.wake import Waker


def main() -> None:
    """Serve, unless another runner of this home does."""
    conf = load()
    hiding.by(conf)
    settings = runner_settings.read(conf)
    settings.run_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(
        settings.run_folder / "runner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(
        level=conf.text("logging", "logging_level"),
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
    )
    engine = metastore.patient(conf, "flowctl runner")
    desk = Desk(
        engine,
        Cipher(conf.text("core", "fernet_key")),
        wake=Waker(engine, conf.home).wake,
        run_id_pattern=conf.text("scheduler", "allowed_run_id_pattern"),
    )
    Runner(settings, engine, desk).serve()


if __name__ == "__main__":
    main()
