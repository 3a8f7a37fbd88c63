from probe_layer import record


def handler(event, context):
    record("timer", event)
    return {"ticked": True}
