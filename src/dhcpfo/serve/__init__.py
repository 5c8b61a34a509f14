"""A web page of a fleet of pairs: states, both copies side by side, timelines, plan previews.

It needs the extra ``dhcpfo[serve]``. `serve` listens until it is interrupted; `create_app` returns the ASGI application
for another server. Nothing on the page changes a real server: buttons that change something exist for a `Lab` only.
"""

from .app import create_app
from .listen import Listening, serve

__all__ = ["Listening", "create_app", "serve"]
