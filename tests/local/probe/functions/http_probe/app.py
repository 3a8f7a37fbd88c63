import base64
import json
import logging
import os
import sys
import time

import probe_layer

LOG = logging.getLogger(__name__)


def handler(event, context):
    path = event["path"]
    if path == "/crash":
        sys.stderr.write("crashing\n")
        os._exit(3)
    if path == "/slow":
        time.sleep(30)
    if path == "/sleep":
        time.sleep(0.2)
    LOG.warning("seen %s", path)
    seen = {
        "path": path,
        "method": event["httpMethod"],
        "query": event["multiValueQueryStringParameters"],
        "header": {name.lower(): value for name, value in event["headers"].items()}.get("x-probe"),
        "body": event["body"],
        "base64": event["isBase64Encoded"],
        "pid": os.getpid(),
        "interpreter": sys.executable,
        "environment": sorted(os.environ),
        "greeting": os.environ["GREETING"],
        "endpoint": os.environ["AWS_ENDPOINT_URL"],
        "layer": probe_layer.__file__,
        "remaining": context.get_remaining_time_in_millis(),
    }
    if path == "/binary":
        body = base64.b64encode(bytes(range(256))).decode()
        return {"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": body, "isBase64Encoded": True}
    return {
        "statusCode": 201 if event["httpMethod"] == "POST" else 200,
        "headers": {"Content-Type": "application/json", "X-Answer": "yes"},
        "body": json.dumps(seen),
    }
