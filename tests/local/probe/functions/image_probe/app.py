from pathlib import Path

import probe_layer


def handler(event, context):
    return {"echo": event, "layer": probe_layer.__name__, "folder": Path.cwd().name}
