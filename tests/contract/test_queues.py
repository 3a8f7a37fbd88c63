"""One contract for every queue: the fake, moto, and a LocalStack of its own."""

import json
from uuid import uuid4

import pytest
from botocore.stub import ANY, Stubber

from salon.platform import correlation
from salon.platform.queues import (
    MAX_BODY_BYTES,
    MemoryQueue,
    MessageTooLarge,
    QueueDepth,
    QueueUnavailable,
    SomeNotSent,
    SqsQueue,
    redrive,
    sqs_client,
)
from salon.platform.settings import CloudSettings

pytestmark = pytest.mark.enable_socket
REGION = "eu-central-1"  # moto knows AWS's own regions only


def queue_at(url):
    client = sqs_client(CloudSettings(sqs_endpoint_url=url, aws_region=REGION))
    return SqsQueue(lambda: client, client.create_queue(QueueName=f"contract-{uuid4().hex[:12]}")["QueueUrl"])


@pytest.fixture(params=["memory", "moto", pytest.param("localstack", marks=pytest.mark.localstack)])
def make_queue(request):
    match request.param:
        case "memory":
            return MemoryQueue
        case "moto":
            url = request.getfixturevalue("moto")
        case _:
            request.getfixturevalue("keys")
            url = request.getfixturevalue("localstack_url")
    return lambda: queue_at(url)


@pytest.fixture
def queue(make_queue):
    return make_queue()


def drain(queue):
    found = []
    while batch := queue.receive(10):
        found += [json.loads(message.text) for message in batch]
        for message in batch:
            queue.delete(message)
    return found


class TestQueue:
    def test_what_is_sent_is_received_and_gone_once_deleted(self, queue):
        body = {"inbox_id": "01957d3e", "текст": "нет\x00😀"}
        queue.send(body)

        (message,) = queue.receive()
        assert json.loads(message.text) == body
        assert message.text.isascii()
        assert queue.receive() == []
        assert queue.depth() == QueueDepth(visible=0, in_flight=1, delayed=0)
        queue.delete(message)
        assert queue.depth().total == 0

    def test_many_are_sent_in_as_many_calls_as_needed(self, queue):
        queue.send_many([{"n": n} for n in range(23)])
        queue.send_many([])

        assert queue.depth().visible == 23
        assert sorted(body["n"] for body in drain(queue)) == list(range(23))

    def test_large_ones_share_a_call_only_while_they_fit(self, queue):
        queue.send_many([{"n": n, "pad": "x" * 90_000} for n in range(5)])

        assert sorted(body["n"] for body in drain(queue)) == list(range(5))

    def test_a_delayed_message_is_not_visible_yet(self, queue):
        queue.send({"n": 1}, delay_s=900)
        queue.send_many([{"n": 2}], delay_s=900)

        assert queue.receive() == []
        assert queue.depth() == QueueDepth(visible=0, in_flight=0, delayed=2)

    def test_a_message_that_no_trigger_could_deliver_is_refused_before_anything_is_sent(self, queue):
        frame = len(json.dumps({"pad": ""}, separators=(",", ":")))
        largest = {"pad": "x" * (MAX_BODY_BYTES - frame)}
        too_large = {"pad": "x" * (MAX_BODY_BYTES - frame + 1)}

        queue.send(largest)
        with pytest.raises(MessageTooLarge):
            queue.send(too_large)
        with pytest.raises(MessageTooLarge):
            queue.send_many([{"n": 1}, too_large])
        assert queue.depth().visible == 1

    def test_the_correlation_id_travels_along(self, queue):
        with correlation.bind(correlation_id="webhook-0001"):
            queue.send({"n": 1})
            queue.send_many([{"n": 2}])
        queue.send({"n": 3})

        found = {json.loads(message.text)["n"]: message.attributes for message in queue.receive()}
        assert found == {1: {"correlation_id": "webhook-0001"}, 2: {"correlation_id": "webhook-0001"}, 3: {}}

    def test_a_redrive_moves_as_many_as_asked_with_all_they_carry(self, make_queue):
        dead, live = make_queue(), make_queue()
        with correlation.bind(correlation_id="webhook-0001"):
            dead.send_many([{"n": n} for n in range(13)])

        assert redrive(dead, live, limit=12, wait_s=0) == 12
        assert dead.depth().total == 1
        assert live.depth().visible == 12
        assert live.receive(1)[0].attributes == {"correlation_id": "webhook-0001"}
        assert redrive(dead, live, limit=12, wait_s=0) == 1
        assert redrive(dead, live, limit=12, wait_s=0) == 0


@pytest.mark.usefixtures("keys")
class TestSqs:
    @pytest.fixture
    def stubbed(self):
        """A real client whose answers are given: moto never fails in part."""
        client = sqs_client(CloudSettings(sqs_endpoint_url=f"http://127.0.0.1:1/{uuid4().hex}"))
        with Stubber(client) as stub:
            yield SqsQueue(lambda: client, "http://127.0.0.1:1/queue"), stub

    def test_those_that_did_not_go_out_are_named_and_the_rest_is_tried(self, stubbed):
        queue, stub = stubbed
        expected = {"QueueUrl": ANY, "Entries": ANY}
        failed = {"Id": "3", "SenderFault": False, "Code": "InternalError"}
        stub.add_response("send_message_batch", {"Successful": [], "Failed": [failed]}, expected)
        stub.add_client_error("send_message_batch", "ServiceUnavailable", http_status_code=503)
        stub.add_response("send_message_batch", {"Successful": [], "Failed": []}, expected)

        with pytest.raises(SomeNotSent) as raised:
            queue.send_many([{"n": n} for n in range(25)])

        assert [body["n"] for body in raised.value.failed] == [3, *range(10, 20)]
        assert "11 of 25" in str(raised.value)
        stub.assert_no_pending_responses()

    def test_a_call_carries_no_more_than_one_message_may(self, stubbed):
        queue, stub = stubbed
        for _ in range(3):
            stub.add_response("send_message_batch", {"Successful": [], "Failed": []}, {"QueueUrl": ANY, "Entries": ANY})

        queue.send_many([{"n": n, "pad": "x" * 90_000} for n in range(5)])

        stub.assert_no_pending_responses()

    @pytest.mark.parametrize(
        "use",
        [lambda queue: queue.send({}), lambda queue: queue.depth(), lambda queue: queue.receive()],
        ids=["send", "depth", "receive"],
    )
    def test_a_queue_that_is_gone_is_a_fault(self, moto, use):
        client = sqs_client(CloudSettings(sqs_endpoint_url=moto, aws_region=REGION))

        with pytest.raises(QueueUnavailable, match="NonExistentQueue"):
            use(SqsQueue(lambda: client, f"{moto}/123456789012/gone"))

    def test_nobody_there_is_a_fault(self):
        client = sqs_client(CloudSettings(sqs_endpoint_url="http://127.0.0.1:1"))

        with pytest.raises(QueueUnavailable, match="EndpointConnectionError"):
            SqsQueue(lambda: client, "http://127.0.0.1:1/1/q").send({})

    def test_the_client_is_made_once_and_the_endpoint_may_come_from_boto_itself(self, moto, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
        settings = CloudSettings(aws_region="us-east-1")

        assert sqs_client(settings).meta.endpoint_url == moto
        assert sqs_client(CloudSettings(aws_region="us-east-1")) is sqs_client(settings)


def test_the_fake_shows_what_it_holds_and_can_let_time_pass():
    queue = MemoryQueue()
    queue.send({"n": 1}, delay_s=60)
    queue.send({"n": 2})
    queue.receive()

    assert sorted(body["n"] for body in queue.bodies) == [1, 2]
    queue.release()
    assert queue.depth() == QueueDepth(visible=2, in_flight=0, delayed=0)
    assert sorted(body["n"] for body in drain(queue)) == [1, 2]
