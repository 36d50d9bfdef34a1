"""The web process: the API, the live stream and the pages, for people and programs; no state.

    gunicorn (`gunicorn_settings`) -- `app` -- `dispatch` -- a function of `api` behind its `route`

A route says in one place what it takes, answers and needs (`routes`): requests are checked by it,
and `openapi` describes it. Who asks is known before its function runs (`auth`); the function gets a
`call`: who asks, what was sent, and how to read and write. The pages in `ui` are one client of this
API; `pages` hands them out as they were built.

A worker that dies is replaced and loses nothing. While the metastore is away, `/health` says so and
the rest answers 503.
"""
