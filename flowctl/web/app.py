"""The web process, for now: `/health`, and a page that says what runs here."""

import html
from datetime import timedelta

from flask import Flask, Response, jsonify

from flowctl import clock
from flowctl.config import Config, load
from flowctl.store import metastore
from flowctl.version import VERSION
from flowctl.web import health

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>flowctl</title></head>
<body><h1>flowctl {version}</h1>
<p>Metastore: {metastore}. Scheduler: {scheduler}{tick}.</p>
<p>The pages for DAGs and runs come with a later version. Until then the terminal shows them:
<code>flowctl dags list</code>, <code>flowctl runs watch DAG</code>,
<code>flowctl why DAG TASK</code>.</p>
<p><a href="health">health</a></p></body></html>
"""


def create_app(conf: Config | None = None) -> Flask:
    """Return the app; nothing of the metastore is opened before the first request."""
    conf = conf or load()
    engine = metastore.open_engine(conf, name="flowctl webserver")
    threshold = timedelta(seconds=conf.number("scheduler", "scheduler_health_check_threshold"))
    app = Flask("flowctl", static_folder=None)

    @app.get("/health")
    def _health() -> Response:
        return jsonify(health.report(engine, clock.utcnow(), threshold))

    @app.get("/")
    def _index() -> Response:
        found = health.report(engine, clock.utcnow(), threshold)
        tick_at = found["scheduler"]["latest_scheduler_heartbeat"]
        page = PAGE.format(
            version=VERSION,
            metastore=found["metadatabase"]["status"],
            scheduler=found["scheduler"]["status"],
            tick=html.escape(f", last tick {tick_at}") if tick_at else "",
        )
        return Response(page, mimetype="text/html")

    @app.after_request
    def _strict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app
