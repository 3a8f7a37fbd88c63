"""template.yaml and the functions say the same; queues have a way out; samples of events are there."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import tomllib

import pytest

from infra.tools import triggers
from infra.tools.triggers import PROJECT, Function, ImportFailed, Trigger
from salon import platform
from salon.platform.settings import MediaSettings, RetrySettings, Settings
from salon.platform.settings_speech import SpeechSettings

TEMPLATE = triggers.template()
FUNCTIONS = triggers.functions(TEMPLATE)
QUEUES = {
    logical_id: resource["Properties"]
    for logical_id, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::SQS::Queue"
}
DEAD_LETTERS = {name for name in QUEUES if name.endswith("DeadLetters")}


def of_function(function):
    return function.name


def number(value) -> int:
    return int(triggers.resolve(TEMPLATE, value))


def test_every_folder_is_deployed_and_nothing_else():
    folders = {path.parent.name for path in (PROJECT / "functions").glob("*/app.py")}
    assert {function.name for function in FUNCTIONS} == folders


@pytest.mark.parametrize("function", FUNCTIONS, ids=of_function)
def test_app_and_template_name_the_same_triggers(function):
    assert triggers.coded(function) == triggers.declared(TEMPLATE, function)


def test_a_function_says_how_it_is_packed():
    """SAM takes none of this from the globals once there is an image, and says so only when it deploys."""
    wanted = {"Runtime": "python3.12", "Handler": "app.handler"}
    for function in FUNCTIONS:
        found = {name: function.properties[name] for name in wanted if name in function.properties}
        assert found == ({} if function.properties.get("PackageType") == "Image" else wanted), function.name
        assert ("Layers" in function.properties) is bool(found), function.name


def test_a_missing_variable_is_noticed():
    sweep = next(function for function in FUNCTIONS if function.name == "timer_sweep")
    environment = {name: value for name, value in sweep.environment.items() if name != "TX_QUEUE_URL"}
    with pytest.raises(ImportFailed, match="TX_QUEUE_URL: is not set"):
        triggers.coded(Function(sweep.name, sweep.logical_id, sweep.properties, environment))


def test_a_changed_trigger_is_noticed():
    inbound = next(function for function in FUNCTIONS if function.name == "queue_inbound")
    assert Trigger("queue", "inbound", 10) in triggers.coded(inbound)
    assert Trigger("queue", "inbound", 5) not in triggers.coded(inbound)


@pytest.mark.parametrize("function", FUNCTIONS, ids=of_function)
def test_a_trigger_fits_the_name_of_its_function(function):
    kinds = {"http": {"http"}, "queue": {"queue"}, "timer": {"schedule"}, "storage": {"bucket"}}
    again = {"queue"} if function.name == "storage_documents" else set()  # for another attempt: infra/decisions/0020
    wanted = kinds[function.name.split("_")[0]] | again
    assert {trigger.kind for trigger in triggers.declared(TEMPLATE, function)} == wanted


@pytest.mark.parametrize("name", sorted(set(QUEUES) - DEAD_LETTERS))
def test_a_queue_has_dead_letters(name):
    redrive = QUEUES[name]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in DEAD_LETTERS
    assert number(redrive["maxReceiveCount"]) >= 3
    dead = QUEUES[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
    assert number(dead["MessageRetentionPeriod"]) > number(QUEUES[name]["MessageRetentionPeriod"])


@pytest.mark.parametrize("function", FUNCTIONS, ids=of_function)
def test_a_message_stays_hidden_while_it_is_worked_on(function):
    for event in function.properties["Events"].values():
        if event["Type"] != "SQS":
            continue
        queue = QUEUES[event["Properties"]["Queue"]["Fn::GetAtt"][0]]
        window = number(event["Properties"].get("MaximumBatchingWindowInSeconds", 0))
        assert number(queue["VisibilityTimeout"]) > number(function.properties["Timeout"]) + window
        assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=of_function)
def test_an_event_without_a_queue_has_dead_letters(function):
    if function.name.startswith(("timer_", "storage_")):
        assert function.properties["DeadLetterQueue"]["TargetArn"]["Fn::GetAtt"][0] in DEAD_LETTERS


def test_there_are_three_stages_to_deploy():
    stages = tomllib.loads((PROJECT / "samconfig.toml").read_text())
    for stage in ("dev", "staging", "prod"):
        parameters = stages[stage]["deploy"]["parameters"]["parameter_overrides"]
        assert f"Stage={stage}" in parameters
        assert stage in TEMPLATE["Parameters"]["Stage"]["AllowedValues"]


@pytest.mark.parametrize("function", FUNCTIONS, ids=of_function)
@pytest.mark.parametrize("cloud", ["aws", "yandex"])
def test_there_are_sample_events_of_both_clouds(function, cloud):
    samples = sorted((PROJECT / "events" / function.name).glob(f"{cloud}_*.json"))
    assert samples
    assert all(isinstance(json.loads(sample.read_text()), dict) for sample in samples)


def test_a_row_is_held_for_longer_than_its_function_runs():
    """A row that is free while its sender still runs would be sent twice."""
    parameters = TEMPLATE["Parameters"]
    lease = int(parameters["SendLeaseSeconds"]["Default"])
    assert lease > int(parameters["QueueFunctionTimeout"]["Default"])
    assert lease == RetrySettings().send_lease_seconds


def routes_by_api():
    """Paths by the API that they are on."""
    found = {}
    for function in FUNCTIONS:
        for event in function.properties["Events"].values():
            if event["Type"] in {"Api", "HttpApi"}:
                properties = event["Properties"]
                api = properties.get("RestApiId", properties.get("ApiId", {"Ref": "the implicit one"}))["Ref"]
                found.setdefault(api, {})[properties["Path"]] = function.name
    return found


def test_nothing_internal_is_on_the_public_api():
    routes = routes_by_api()
    assert set(routes) == {"HttpApi", "InternalApi"}
    assert "http_inference" not in routes["HttpApi"].values()
    assert not any(path.startswith("/internal") for path in routes["HttpApi"])
    # a greedy path would let it through as well
    assert not any(path.startswith(("/{", "/internal", "/i{")) for path in routes["HttpApi"])


def test_the_internal_api_asks_for_the_clouds_identity():
    assert routes_by_api()["InternalApi"] == {"/internal/v1/{proxy+}": "http_inference"}
    assert TEMPLATE["Resources"]["InternalApi"]["Properties"]["Auth"]["DefaultAuthorizer"] == "AWS_IAM"
    inference = next(function for function in FUNCTIONS if function.name == "http_inference")
    assert "FunctionUrlConfig" not in inference.properties


NO_PARAMETER = {
    "AWS_ENDPOINT_URL": "a laptop's, and what the deployment to Yandex Cloud adds by itself; so with the next three",
    "S3_ENDPOINT_URL": "",
    "SQS_ENDPOINT_URL": "",
    "AWS_REGION": "",
    "LOCKBOX_BASE_URL": "a test's",
    "DATABASE_LOCK_TIMEOUT_MS": "a law of ours (facts/style.md 2.6), no choice of a deployment's",
    "DATABASE_STATEMENT_TIMEOUT_MS": "the same",
    "SPEECH_DEVICE": "no function of either cloud has a GPU",
    "SPEECH_MODELS_FOLDER": "the Dockerfile's: where it has baked the models",
    "PORT": "the platform's",
    "HOST": "the Dockerfile's",
}
"""Settings that no parameter of the template carries, and why."""
PARTLY = {"MediaSettings", "RetrySettings", "ChannelSettings"}
"""Settings of which a function may use some fields only: the ones that its bootstrap reads, or hands on whole."""
READ_ELSEWHERE = {
    "MEDIA_MAX_BYTES": {"queue_inbound"},
    "SWEEP_AFTER_SECONDS": {"timer_sweep"},
    "SWEEP_LEASE_SECONDS": {"timer_sweep"},
    "INBOX_MAX_ATTEMPTS": {"queue_inbound"},
    "OUTBOX_MAX_ATTEMPTS": {"queue_outbound", "queue_events"},
    "SEND_LEASE_SECONDS": {"queue_inbound", "queue_outbound", "queue_events"},
}
"""Which functions use a field of `PARTLY`; a field of the messengers' is for those that call them."""
CALLS_NOBODY = {"http_webhooks"}
SETTINGS = {
    name: made
    for found in pkgutil.iter_modules(platform.__path__)
    if found.name.startswith("settings")
    for name, made in vars(importlib.import_module(f"salon.platform.{found.name}")).items()
    if isinstance(made, type) and issubclass(made, Settings)
}
"""Every class of settings by its name, whichever module of the platform has it."""


def settings_of(path):
    """The classes of settings that a module loads."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "load" and isinstance(node.value, ast.Name):
            found.add(SETTINGS.get(node.value.id))
    return found - {None}


def wants(function, made):
    """The variables of a class of settings that the function can be given."""
    names = {name.upper() for name in made.model_fields} - set(NO_PARAMETER)
    if made.__name__ not in PARTLY:
        return names
    return {name for name in names if function.name in READ_ELSEWHERE.get(name, {function.name} - CALLS_NOBODY)}


@pytest.mark.parametrize("function", FUNCTIONS, ids=of_function)
def test_every_setting_of_a_function_can_be_set_where_it_is_deployed(function):
    loaded = [made for path in sorted(function.folder.rglob("*.py")) for made in settings_of(path)]
    missing = {name for made in loaded for name in wants(function, made)} - set(function.environment)
    assert not missing


def test_every_setting_that_the_layer_loads_can_be_set_somewhere():
    layer = PROJECT / "layers" / "salon" / "python" / "salon"
    loaded = {made for path in layer.rglob("*.py") for made in settings_of(path)}
    assert {"ApiSettings", "DatabaseSettings", "InferenceSettings"} <= {made.__name__ for made in loaded}
    known = {name for function in FUNCTIONS for name in function.environment} | set(NO_PARAMETER)
    assert {name.upper() for made in loaded for name in made.model_fields} <= known


def test_no_exception_is_listed_in_vain():
    every = {name.upper() for made in SETTINGS.values() for name in made.model_fields}
    assert every >= set(NO_PARAMETER) | set(READ_ELSEWHERE)
    assert not set(NO_PARAMETER) & {name for function in FUNCTIONS for name in function.environment}


def test_parameters_default_to_what_the_settings_say():
    """A setting's default is for a laptop's few lines; with another one in the template the two would drift apart."""
    defaults = {
        name.upper(): field.default
        for made in SETTINGS.values()
        for name, field in made.model_fields.items()
        if isinstance(field.default, int | float)
    }
    for function in FUNCTIONS:
        for name in function.environment.keys() & defaults.keys():
            said = function.environment[name]
            found = said == "true" if isinstance(defaults[name], bool) else float(said)
            assert found == defaults[name], f"{function.name}: {name}"


def test_what_is_let_in_is_listened_to():
    """A recording that is fetched but too large to be written down would be asked for twice."""
    parameters = TEMPLATE["Parameters"]
    assert int(parameters["MediaMaxBytes"]["Default"]) == MediaSettings(media_bucket="x").media_max_bytes
    assert SpeechSettings().speech_max_bytes == MediaSettings(media_bucket="x").media_max_bytes
    voice = next(function for function in FUNCTIONS if function.name == "storage_voice")
    inbound = next(function for function in FUNCTIONS if function.name == "queue_inbound")
    assert voice.environment["SPEECH_MAX_BYTES"] == inbound.environment["MEDIA_MAX_BYTES"]
