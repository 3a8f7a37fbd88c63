"""The console's built files, where no gateway serves them from a bucket."""

from __future__ import annotations

from typing import Any

from bootstrap import wire
from chalice.app import Chalice
from routes import build_routes

from salon.platform.triggers import http_entry_point

app = Chalice(app_name="http_console", configure_logs=False)
resolver = build_routes(*wire())


@app.lambda_function(name="http")
def http(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Every HTTP request of this function."""
    return resolver.resolve(event, context)


handler = http_entry_point(http)
