import json

from probe_layer import record


def handler(event, context):
    failures = []
    for message in event["Records"]:
        body = json.loads(message["body"])
        if body.get("poison"):
            failures.append({"itemIdentifier": message["messageId"]})
        else:
            record(f"queue-{body['id']}", body)
    return {"batchItemFailures": failures}
