from urllib.parse import unquote_plus

from probe_layer import record


def handler(event, context):
    keys = [unquote_plus(item["s3"]["object"]["key"]) for item in event["Records"]]
    record("storage", keys)
