"""Writes voice messages down: an object below `voice/` becomes words, and its conversation goes on."""

from __future__ import annotations

import re
from uuid import UUID

from bootstrap import wire
from chalice.app import Chalice, S3Event

from salon.platform.logs import logger
from salon.platform.triggers import entry_point

log = logger("storage_voice")
app = Chalice(app_name="storage_voice", configure_logs=False)
transcribe = wire()
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"voice/(?P<tenant>{_ID})/(?P<inbox>{_ID})")


@app.on_s3_event(bucket="media", events=["s3:ObjectCreated:*"], prefix="voice/")
def listen(event: S3Event) -> None:
    """One stored recording; its key names the message."""
    named = _KEY.fullmatch(event.key)
    if named is None:  # nobody's message: a repeat would not make it one
        log.warning("voice.foreign_object", bucket=event.bucket)
        return
    status = transcribe(UUID(named["tenant"]), UUID(named["inbox"]), event.key)
    log.info("voice.settled", inbox_id=named["inbox"], status=status)


handler = entry_point(listen)
