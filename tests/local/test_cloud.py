"""The whole local cloud on a real LocalStack, with one probe function for each kind of trigger."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from infra.local.cloud import FunctionFailed, LocalCloud
from infra.local.deploy import client, deploy
from infra.local.localstack.server import LocalStackServer
from infra.local.processes import LocalCloudError, is_alive
from support.postgres import open_folder

pytestmark = [pytest.mark.localstack, pytest.mark.database]
PROBE = Path(__file__).parent / "probe" / "template.yaml"
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def hooks():
    return []


@pytest.fixture(scope="module")
def cloud(hooks):
    def before(cloud):
        hooks.append(("before", cloud.database_url("salon").rpartition("/")[2]))
        return {"Greeting": "Анна"}

    described = LocalCloud(
        open_folder("salon-test-cloud-"),
        template=PROBE,
        durable=False,
        max_instances=3,
        prewarm=["image_probe"],
        before_deploy=before,
        after_deploy=lambda cloud: hooks.append(("after", cloud.deployment.api_stage)),
    )
    with described as running:
        yield running.start({"Greeting": "nobody"})


@pytest.fixture
def http(cloud):
    with httpx.Client(base_url=cloud.http_url, timeout=60) as session:
        yield session


def seen(cloud, name):
    """What a probe function recorded; forgotten here, so that the next record is a new one."""
    s3, key = cloud.s3(), f"seen/{name}.json"
    wait_until(lambda: s3.list_objects_v2(Bucket="probe-seen", Prefix=key)["KeyCount"])
    content = json.loads(s3.get_object(Bucket="probe-seen", Key=key)["Body"].read())
    s3.delete_object(Bucket="probe-seen", Key=key)
    return content


def test_http_reaches_a_function_through_the_proxy(cloud, http, hooks):
    answer = http.post("/v1/a%2Fb?x=1&x=2", json={"имя": "Анна"}, headers={"X-Probe": "1", "Origin": "http://x.y"})
    found = answer.json()
    assert (answer.status_code, answer.headers["X-Answer"]) == (201, "yes")
    assert (found["method"], found["query"], found["header"]) == ("POST", {"x": ["1", "2"]}, "1")
    assert json.loads(found["body"]) == {"имя": "Анна"}
    assert found["greeting"] == "hello Анна"
    assert found["interpreter"] == sys.executable
    assert found["layer"].endswith("probe/layers/probe/python/probe_layer.py")
    assert not {"PYTEST_CURRENT_TEST", "SALON_EXECUTOR_SETTINGS", "GATEWAY_LISTEN"} & set(found["environment"])
    assert found["remaining"] <= 2000
    assert http.get("/binary", headers={"Accept": "image/png"}).content == bytes(range(256))
    assert http.get("/").status_code == 200
    assert hooks[:2] == [("before", "salon"), ("after", "Prod")]


def test_raw_bytes_arrive_in_base64(http):
    found = http.post("/raw", content=bytes(range(256)), headers={"Content-Type": "application/octet-stream"}).json()
    assert found["base64"] is True


def test_fifty_requests_share_the_capped_processes(cloud):
    with httpx.Client(base_url=cloud.http_url, timeout=60) as http, ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: http.get("/sleep").json()["pid"], range(50)))
    assert len(set(answers)) <= 3


def test_a_crash_and_a_timeout_are_bad_gateways_and_the_next_request_works(cloud, http):
    assert http.get("/").status_code == 200
    before = (cloud.state_dir / "logs" / "http_probe.log").read_text().count("crashing")
    assert http.get("/crash").status_code == 502
    after = (cloud.state_dir / "logs" / "http_probe.log").read_text().count("crashing")
    assert after - before == 1  # not tried again behind our back
    assert http.get("/slow").status_code == 502
    assert http.get("/").status_code == 200
    assert cloud.kill_function("HttpProbe") >= 1
    assert http.get("/").status_code == 200


def test_a_queue_reaches_its_function_and_poison_its_dead_letter_queue(cloud):
    sqs = cloud.sqs()
    bodies = [{"id": 1}, {"id": 2, "poison": True}, {"id": 3, "текст": "да"}]
    sqs.send_message_batch(
        QueueUrl=cloud.queue_url("WorkQueue"),
        Entries=[{"Id": str(number), "MessageBody": json.dumps(body)} for number, body in enumerate(bodies)],
    )
    assert seen(cloud, "queue-1") == {"id": 1}
    assert seen(cloud, "queue-3") == {"id": 3, "текст": "да"}
    dead = sqs.receive_message(QueueUrl=cloud.queue_url("DeadQueue"), WaitTimeSeconds=20)["Messages"]
    assert json.loads(dead[0]["Body"])["id"] == 2
    functions = client("lambda", cloud.endpoint_url)
    name = cloud.deployment.function_name("queue_probe")
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 2


def test_a_stored_object_reaches_its_function_whatever_its_key(cloud):
    key = "in/накладная 1+2%20#?.jpg"
    cloud.s3().put_object(Bucket="probe-files", Key=key, Body=b"photo")
    assert seen(cloud, "storage") == [key]


def test_a_schedule_is_declared_and_its_function_can_be_called(cloud):
    [rule] = client("events", cloud.endpoint_url).list_rules()["Rules"]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert cloud.invoke("timer_probe", {"source": "aws.events"}) == {"ticked": True}
    assert seen(cloud, "timer")["source"] == "aws.events"


def test_an_image_function_is_warm_and_runs_from_its_folder_with_the_layer(cloud):
    wait_until(lambda: cloud.function_processes("image_probe"))  # nobody invoked it
    answer = cloud.invoke("ImageProbe", {"имя": 1})
    assert answer == {"echo": {"имя": 1}, "layer": "probe_layer", "folder": "image_probe"}


def test_failures_are_told(cloud, tmp_path):
    with pytest.raises(FunctionFailed, match="KeyError"):
        cloud.invoke("queue_probe", {"nothing": True})
    with pytest.raises(LocalCloudError, match="there are: http_probe"):
        cloud.invoke("nobody", {})
    with pytest.raises(LocalCloudError, match="already runs"):
        LocalCloud(cloud.state_dir, template=PROBE).start()
    bad = tmp_path / "template.yaml"
    bad.write_text(
        textwrap.dedent(
            """
            Resources:
              Broken:
                Type: AWS::SQS::Queue
                Properties: {QueueName: "not a name!"}
            """
        )
    )
    with pytest.raises(LocalCloudError, match=r"Broken \(AWS::SQS::Queue\)"):
        deploy(cloud.endpoint_url, bad, {}, settings_file=cloud.localstack.settings_file, stack="bad")


def test_a_template_larger_than_cloudformation_takes_is_deployed_all_the_same(cloud, tmp_path):
    big = tmp_path / "template.yaml"
    big.write_text(
        f"Resources: {{Large: {{Type: AWS::SQS::Queue}}}}\nMetadata: {{Notes: {'я' * 60_000}}}\n", encoding="utf-8"
    )
    found = deploy(cloud.endpoint_url, big, {}, settings_file=cloud.localstack.settings_file, stack="big")
    assert found.queues.keys() == {"Large"}
    assert {bucket["Name"] for bucket in cloud.s3().list_buckets()["Buckets"]} == {"probe-seen", "probe-files"}


def test_one_function_is_run_beside_the_cloud(cloud, tmp_path):
    event = tmp_path / "event.json"
    event.write_text('{"имя": 1}')
    command = [sys.executable, "-m", "infra.local.invoke"]

    def run(*arguments):
        found = subprocess.run([*command, *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
        return found.returncode, found.stdout, found.stderr

    status, output, errors = run("image_probe", event, "--state", cloud.state_dir)
    assert (status, errors) == (0, "")
    assert json.loads(output)["echo"] == {"имя": 1}
    status, output, _ = run("QueueProbe", event, "--state", cloud.state_dir)
    assert (status, json.loads(output)["errorType"]) == (1, "KeyError")
    status, _, errors = run("nobody", event, "--state", cloud.state_dir)
    assert status not in (0, 1)
    assert "there are: http_probe" in errors
    status, _, errors = run("image_probe", event, "--state", tmp_path)
    assert status not in (0, 1)
    assert "no local cloud runs" in errors


def test_a_killed_cloud_comes_back_with_its_objects_and_fires_no_old_events(cloud, http, hooks):
    s3 = cloud.s3()
    s3.put_object(Bucket="probe-files", Key="in/kept.ogg", Body=b"voice", ContentType="audio/ogg")
    assert seen(cloud, "storage") == ["in/kept.ogg"]
    cloud.mirror_buckets()
    before = len(hooks)
    cloud.kill_localstack()
    answer = http.get("/")
    assert (answer.status_code, "restarting" in answer.text) == (503, True)
    cloud.kill_postgres()
    cloud.start_postgres()
    cloud.restart_localstack()
    assert http.get("/").json()["greeting"] == "hello Анна"
    found = cloud.s3().get_object(Bucket="probe-files", Key="in/kept.ogg")
    assert (found["Body"].read(), found["ContentType"]) == (b"voice", "audio/ogg")
    assert hooks[before:] == [("after", "Prod")]
    cloud.s3().put_object(Bucket="probe-files", Key="in/new.ogg", Body=b"voice")
    assert seen(cloud, "storage") == ["in/new.ogg"]


def test_a_missing_environment_is_explained(tmp_path):
    with pytest.raises(LocalCloudError, match="make setup"):
        LocalStackServer(tmp_path, venv=tmp_path / "nowhere").start()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running_whichever_way_its_owner_ends(ending):
    script = (
        "import sys; from pathlib import Path; from infra.local.cloud import LocalCloud;"
        "LocalCloud(Path(sys.argv[1]), template=Path(sys.argv[2]), durable=False, prewarm=['timer_probe']).run()"
    )
    state = open_folder("salon-test-owner-")
    owner = subprocess.Popen([sys.executable, "-c", script, state, PROBE], cwd=PROJECT)
    try:
        described, functions = state / "cloud.json", state / "functions" / "timer_probe"
        wait_until(lambda: described.exists() and functions.is_dir() and list(functions.iterdir()))
        found = json.loads(described.read_text())
        children = [found["localstack_pid"], found["postgres_pid"], *(int(file.name) for file in functions.iterdir())]
        assert all(is_alive(child) for child in children)
        owner.send_signal(ending)
        assert owner.wait(60) == (0 if ending is signal.SIGTERM else -ending)
        wait_until(lambda: not any(is_alive(child) for child in children))
    finally:
        owner.kill()
        owner.wait()


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
