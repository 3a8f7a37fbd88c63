import json
from types import SimpleNamespace

import pytest
from chalice import Chalice

from salon.platform import correlation
from salon.platform.errors import Conflict, DatabaseBusy
from salon.platform.triggers import (
    BatchFailed,
    UnknownTriggerShape,
    convert,
    current_invocation,
    entry_point,
    http_entry_point,
    process_batch,
)
from support.cloud_events import (
    Context,
    http_event,
    s3_event,
    sqs_event,
    timer_event,
    to_aws,
    to_yandex,
    yandex_context,
)

CLOUDS = [
    pytest.param(lambda event: event, Context(), id="aws"),
    pytest.param(to_yandex, yandex_context(), id="yandex"),
]


@pytest.fixture
def app():
    return Chalice("salon-test", configure_logs=False)


def lines_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(("shape", "context"), CLOUDS)
class TestBothClouds:
    def test_a_queue_batch_reaches_the_handler_as_one_event(self, app, shape, context):
        seen = []

        @app.on_sqs_message(queue="inbound")
        def inbound(event):
            return process_batch(event, lambda record: seen.append((json.loads(record.body), record.to_dict())))

        entry_point(inbound)(shape(sqs_event({"id": 1}, {"id": 2}, attributes={"Attempt": "3"})), context)

        assert [body for body, _ in seen] == [{"id": 1}, {"id": 2}]
        record = seen[0][1]
        assert record["attributes"]["ApproximateReceiveCount"] == "1"
        assert record["attributes"]["SentTimestamp"] == "1787348701890"
        assert record["messageAttributes"]["Attempt"]["stringValue"] == "3"
        assert record["messageAttributes"]["Attempt"]["dataType"] == "String"

    @pytest.mark.parametrize("key", ["incoming/накладная 1+2%20.jpg", "a/b c/ü=&?#.pdf", "plain.jpg"])
    def test_a_stored_objects_key_arrives_intact(self, app, shape, context, key):
        seen = []

        @app.on_s3_event(bucket="media", events=["s3:ObjectCreated:*"])
        def stored(event):
            seen.append((event.bucket, event.key))

        entry_point(stored)(shape(s3_event(key)), context)

        assert seen == [("media", key)]

    def test_several_objects_in_one_event_are_several_calls_and_one_failure_stops_none(self, app, shape, context):
        seen = []

        @app.on_s3_event(bucket="media", events=["s3:ObjectCreated:*"])
        def stored(event):
            seen.append(event.key)
            if event.key == "b":
                raise RuntimeError("no")

        with pytest.raises(BatchFailed) as raised:
            entry_point(stored)(shape(s3_event("a", "b", "c")), context)

        assert seen == ["a", "b", "c"]
        assert raised.value.failed == ["storage[1]"]
        assert raised.value.__context__ is None

    def test_a_timer_ticks_with_all_that_chalice_reads(self, app, shape, context):
        seen = []

        @app.schedule("rate(1 minute)")
        def sweep(event):
            seen.append((event.detail_type, event.time, event.detail, event.resources, event.version, event.event_id))

        tick = timer_event({"what": "sweep"})
        entry_point(sweep)(shape(tick), context)

        (found,) = seen
        assert found[:3] == ("Scheduled Event", "2026-03-11T07:30:00Z", {"what": "sweep"})
        assert found[3] == tick["resources"]
        assert found[5] == tick["id"]

    def test_the_context_has_the_same_fields(self, shape, context):
        seen = []
        entry_point(lambda _event, given: seen.append((given, current_invocation())))(shape(timer_event()), context)

        given, current = seen[0]
        assert given is current
        assert isinstance(given.memory_limit_in_mb, int)
        assert given.memory_limit_in_mb > 0
        assert given.aws_request_id
        assert given.function_name
        assert given.invoked_function_arn
        assert given.get_remaining_time_in_millis() in {12_000, 45_000}
        assert "t1.iam" not in repr(given)
        assert current_invocation() is None

    def test_a_context_that_lacks_everything_will_do(self, shape, context):
        seen = []
        lacking = None if isinstance(context, Context) else SimpleNamespace(memory_limit_in_mb="much")
        entry_point(lambda _event, given: seen.append(given))(shape(timer_event()), lacking)

        assert seen[0].function_name == "unknown"
        assert seen[0].get_remaining_time_in_millis() > 0


class TestFailedMessages:
    @pytest.fixture
    def handler(self, app):
        tried = []

        @app.on_sqs_message(queue="inbound")
        def inbound(event):
            def handle(record):
                body = json.loads(record.body)
                tried.append(body["id"])
                if "raise" in body:
                    raise {"busy": DatabaseBusy("lock"), "bug": ValueError("x"), "gone": Conflict("gone")}[
                        body["raise"]
                    ]

            return process_batch(event, handle)

        return entry_point(inbound), tried

    def test_aws_is_told_which_failed(self, handler):
        call, tried = handler
        batch = sqs_event({"id": 1}, {"id": 2, "raise": "busy"}, {"id": 3, "raise": "bug"}, {"id": 4})
        ids = [record["messageId"] for record in batch["Records"]]

        answer = call(batch, Context())

        assert answer == {"batchItemFailures": [{"itemIdentifier": ids[1]}, {"itemIdentifier": ids[2]}]}
        assert tried == [1, 2, 3, 4]

    def test_when_time_runs_short_the_rest_is_left_to_another_call(self, handler):
        call, tried = handler
        batch = sqs_event({"id": 1}, {"id": 2}, {"id": 3})
        left = iter([60_000, 11_000])  # asked before the second and before the third
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: next(left))

        answer = call(batch, context)

        assert tried == [1, 2]
        assert answer == {"batchItemFailures": [{"itemIdentifier": batch["Records"][2]["messageId"]}]}

    def test_yandex_gets_an_exception_after_all_were_tried(self, handler):
        call, tried = handler
        batch = sqs_event({"id": 1, "raise": "busy"}, {"id": 2})

        with pytest.raises(BatchFailed) as raised:
            call(to_yandex(batch), yandex_context())

        assert raised.value.failed == [batch["Records"][0]["messageId"]]
        assert tried == [1, 2]

    def test_yandex_gets_nothing_when_all_went_well(self, handler):
        call, _ = handler

        assert call(to_yandex(sqs_event({"id": 1})), yandex_context()) is None

    def test_expected_faults_are_warnings_and_bugs_are_errors_with_frames(self, handler, capsys):
        call, _ = handler
        call(sqs_event({"id": 1, "raise": "busy"}, {"id": 2, "raise": "gone"}, {"id": 3, "raise": "bug"}), Context())

        busy, gone, bug = lines_of(capsys)
        assert (busy["level"], busy["code"]) == ("WARN", "DATABASE_BUSY")
        assert (gone["level"], gone["code"]) == ("WARN", "CONFLICT")
        assert bug["level"] == "ERROR"
        assert bug["exception"]["frames"]
        assert "exception" not in busy

    def test_a_handler_that_fails_as_a_whole_fails_the_batch(self, capsys):
        def broken(_event, _context):
            raise RuntimeError("Анна")

        with pytest.raises(BatchFailed) as raised:
            entry_point(broken)(sqs_event({}), Context())

        assert "Анна" not in str(raised.value)
        assert lines_of(capsys)[0]["exception"]["type"] == "builtins.RuntimeError"


@pytest.mark.parametrize(("shape", "context"), CLOUDS)
def test_the_senders_correlation_id_is_in_force_for_its_message_only(app, shape, context):
    seen = []

    @app.on_sqs_message(queue="inbound")
    def inbound(event):
        return process_batch(event, lambda _record: seen.append(correlation.current_id()))

    with_id = sqs_event({}, attributes={"correlation_id": "from-webhook-1"})
    entry_point(inbound)(shape({"Records": with_id["Records"] + sqs_event({})["Records"]}), context)

    assert seen[0] == "from-webhook-1"
    assert seen[1] not in {None, "from-webhook-1"}
    assert correlation.current_id() is None


def test_older_yandex_attribute_names_are_read_too():
    event = to_yandex(sqs_event({}, attributes={"Attempt": "1"}))
    event["messages"][0]["details"]["message"]["message_attributes"] = {
        "Attempt": {"dataType": "StringValue", "stringValue": "1"}
    }

    (converted,) = to_aws(event)

    attribute = converted["Records"][0]["messageAttributes"]["Attempt"]
    assert (attribute["dataType"], attribute["stringValue"]) == ("String", "1")


@pytest.mark.parametrize(("payload", "detail"), [("run", {"payload": "run"}), (None, {}), ("[1]", {"payload": "[1]"})])
def test_a_yandex_timers_payload_becomes_the_detail(payload, detail):
    event = to_yandex(timer_event())
    event["messages"][0]["details"]["payload"] = payload

    assert to_aws(event)[0]["detail"] == detail


def test_what_happened_to_an_object_is_told():
    for name in ("ObjectCreated:Put", "ObjectAcl:Put", "ObjectRemoved:Delete"):
        assert to_aws(to_yandex(s3_event("k", name=name)))[0]["Records"][0]["eventName"] == name


def test_s3s_test_event_is_nothing_to_do(capsys):
    called = []
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "media", "RequestId": "r", "HostId": "h"}

    assert entry_point(lambda *call: called.append(call))(event, Context()) is None
    assert called == []
    assert lines_of(capsys)[0]["message"] == "trigger.test_event"


@pytest.mark.parametrize(
    "event",
    [
        {},
        None,
        [],
        "text",
        {"Records": []},
        {"messages": []},
        {"messages": [{}]},
        {"messages": [None]},
        {"messages": [{"event_metadata": {"event_type": "yandex.cloud.events.mail.Mail"}, "details": {}}]},
        {"messages": [{"event_metadata": {"event_type": "yandex.cloud.events.storage.ObjectCreate"}, "details": {}}]},
        {"messages": to_yandex(sqs_event({}))["messages"] + to_yandex(timer_event())["messages"]},
        {"Records": [{"eventSource": "aws:sns"}]},
        {"Records": sqs_event({})["Records"] + s3_event("k")["Records"]},
        {"httpMethod": "GET", "path": "/"},
    ],
)
def test_an_unknown_shape_is_never_a_success(event):
    called = []

    with pytest.raises(UnknownTriggerShape):
        entry_point(lambda *call: called.append(call))(event, Context())

    assert called == []


def test_an_unknown_shape_is_told_by_its_keys_and_never_by_its_values():
    with pytest.raises(UnknownTriggerShape) as raised:
        convert({"text": "секрет", "from": {"name": "Анна"}})

    assert "text" in str(raised.value)
    assert "секрет" not in str(raised.value)


class TestHttp:
    @pytest.mark.parametrize(("shape", "context"), CLOUDS)
    def test_a_request_reaches_the_resolver_with_all_that_it_reads(self, shape, context):
        seen = []
        call = http_entry_point(lambda event, _context: seen.append(event) or {"statusCode": 204})
        event = http_event("GET", "/v1/offers?day=2026-03-11&staff=a&staff=b")

        assert call(shape(event), context) == {"statusCode": 204}

        (given,) = seen
        assert given["path"] == "/v1/offers"
        assert given["multiValueQueryStringParameters"] == {"day": ["2026-03-11"], "staff": ["a", "b"]}
        assert given["requestContext"]["stage"] == "$default"
        assert given["requestContext"]["identity"]["sourceIp"] == "203.0.113.7"
        assert given["body"] is None
        assert given["isBase64Encoded"] is False

    @pytest.mark.parametrize(
        "event",
        [
            pytest.param({"httpMethod": "GET", "url": "", "path": "", "params": {}, "pathParams": {}}, id="direct"),
            pytest.param({"httpMethod": "GET", "url": "/v1/a?", "path": "/v1/{x}", "pathParams": {}}, id="0.1"),
            pytest.param({"version": "2.0", "rawPath": "/v1/a", "requestContext": {}}, id="2.0"),
            pytest.param({"messages": []}, id="trigger"),
            pytest.param(None, id="nothing"),
            pytest.param("text", id="text"),
        ],
    )
    def test_a_call_that_cannot_be_routed_gets_a_clear_answer(self, event):
        called = []

        answer = http_entry_point(lambda *call: called.append(call))(event, None)

        assert called == []
        assert answer["statusCode"] == 400
        assert json.loads(answer["body"])["code"] == "UNSUPPORTED_CALL"

    def test_an_exception_never_leaves_the_function(self, capsys):
        def broken(_event, _context):
            raise RuntimeError("password=geheim")

        answer = http_entry_point(broken)(http_event(headers={"X-Request-Id": "given-id-1"}), None)

        body = json.loads(answer["body"])
        assert (answer["statusCode"], body["code"]) == (500, "INTERNAL")
        assert body["request_id"] == "given-id-1"
        assert answer["multiValueHeaders"]["X-Request-Id"] == ["given-id-1"]
        assert "geheim" not in answer["body"]
        assert lines_of(capsys)[0]["correlation_id"] == "given-id-1"
