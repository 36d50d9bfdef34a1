"""`python -m flowctl.web`: print the OpenAPI document, for those who make clients from it."""

import sys

import msgspec

from flowctl.web import api, openapi
from flowctl.web.routes import ROUTES

api.load()
document = msgspec.json.encode(openapi.document(ROUTES))
sys.stdout.buffer.write(msgspec.json.format(document, indent=1) + b"\n")
