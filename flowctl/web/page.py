"""The page that says what runs here, until there are pages for DAGs."""

import html

from flask import Response

from flowctl.version import VERSION
from flowctl.web.health import Health

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>flowctl</title></head>
<body><h1>flowctl {version}</h1>
<p>Metastore: {metastore}. Scheduler: {scheduler}{tick}.</p>
<p>The pages for DAGs and runs come with a later version. Until then there are the terminal:
<code>flowctl dags list</code>, <code>flowctl runs watch DAG</code>,
<code>flowctl why DAG TASK</code>, and the API below <code>/api/v1</code>, which Airflow's clients
understand; <code>/api/v1/openapi.json</code> describes it.</p>
<p><a href="health">health</a></p></body></html>
"""


def front(found: Health) -> Response:
    """Return the page."""
    tick_at = found.scheduler.latest_scheduler_heartbeat
    page = PAGE.format(
        version=VERSION,
        metastore=found.metadatabase.status,
        scheduler=found.scheduler.status,
        tick=html.escape(f", last tick {tick_at}") if tick_at else "",
    )
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response
