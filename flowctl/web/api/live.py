"""Which runs move, told as they do; see `web.live`."""

import msgspec

from flowctl.store.roles import READ
from flowctl.web.call import Call
from flowctl.web.live import Stream
from flowctl.web.problems import TooMany
from flowctl.web.routes import Text, on_dag, route


class LiveQuery(msgspec.Struct):
    dag_id: str | None = None


@route("GET", "/live", may=on_dag(READ, "DAG Runs"), tag="View", errors=(429,),
       media="text/event-stream")  # fmt: skip
def get_live(call: Call[LiveQuery, None]) -> Text:
    """Stream which runs move, as server-sent events; without a free place, 429: ask again."""
    if not call.hub.enter(call.caller):
        raise TooMany("too many pages watch; ask again", headers={"Retry-After": "2"})
    events = Stream(call.hub, call.caller, call.query.dag_id)
    return Text(events, "text/event-stream; charset=utf-8")
