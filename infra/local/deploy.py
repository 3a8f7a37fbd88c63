"""Creates the CloudFormation stack of a SAM template on an empty LocalStack.

Always a creation, never an update: LocalStack cannot change an `Api` event of a stack that exists.
"""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.localstack.executor.salon_process_executor.settings import Settings
from infra.local.localstack.server import REGION
from infra.local.processes import LocalCloudError
from infra.local.template import INSTALLED_LAYERS, LocalTemplate, localize

STACK = "salon-core"
DEPLOY_SECONDS = 180.0
PUBLIC_API = "HttpApi"  # its logical id in the template
POLL_SECONDS = 0.2
MAX_TEMPLATE_BYTES = 51_200
TEMPLATE_BUCKET = "local-deploy-template"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
# Printed for people; the rest of what SAM expands to is noise.
Progress = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Deployment:
    """What a deployment made.

    Attributes:
        outputs: The stack's outputs.
        resources: Logical id → physical id, of every resource.
        functions: Function (named after its folder) → name in the cloud.
        logical_functions: Logical id of a function → its name.
        queues: Logical id → queue URL.
        buckets: Logical id → bucket name.
        api_id: Id of the REST API; empty when the template has none.
        api_stage: The API's stage.
    """

    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    functions: Mapping[str, str]
    logical_functions: Mapping[str, str]
    queues: Mapping[str, str]
    buckets: Mapping[str, str]
    api_id: str
    api_stage: str

    @property
    def api_prefix(self) -> str:
        """Path on LocalStack's endpoint under which the API lives; empty when there is none."""
        return f"/_aws/execute-api/{self.api_id}/{self.api_stage}" if self.api_id else ""

    def function_name(self, function: str) -> str:
        """A function's name in the cloud, from its folder's name, its logical id, or that name itself.

        Raises:
            LocalCloudError: There is no such function.
        """
        name = self.logical_functions.get(function, function)
        if name in self.functions:
            return self.functions[name]
        if name in self.functions.values():
            return name
        known = ", ".join(sorted(self.functions))
        raise LocalCloudError(f"there is no function {function!r}; there are: {known}")


def client(service: str, endpoint_url: str) -> Any:
    """A boto3 client for LocalStack that retries nothing: a test must see the first answer."""
    return boto3.client(  # type: ignore[call-overload]  # the stubs want a literal name
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any
        config=Config(
            retries={"total_max_attempts": 1},
            read_timeout=900,
            signature_version="s3v4" if service == "s3" else None,
            s3={"addressing_style": "path"},
            max_pool_connections=50,
        ),
    )


def deploy(
    endpoint_url: str,
    template: Path,
    parameters: Mapping[str, str],
    *,
    settings_file: Path,
    stack: str = STACK,
    installed_layers: Sequence[str] = INSTALLED_LAYERS,
    progress: Progress = lambda _line: None,
) -> Deployment:
    """Create the stack, wait for it, apply the functions' concurrency caps.

    Args:
        endpoint_url: An empty LocalStack.
        template: The SAM template.
        parameters: The template's parameters.
        settings_file: The process executor's settings; the image functions' folders are added to it.
        stack: Name of the stack.
        installed_layers: Layers that this machine has installed.
        progress: Gets a line for each step.

    Raises:
        LocalCloudError: CloudFormation failed; says which resource and why.
    """
    local = localize(template, installed_layers=installed_layers)
    settings = Settings.read(settings_file)
    dataclasses.replace(
        settings,
        images={**settings.images, **local.images},
        image_paths=list(dict.fromkeys([*settings.image_paths, *local.layer_paths])),
    ).write(settings_file)
    cloudformation = client("cloudformation", endpoint_url)
    started = time.monotonic()
    with _template_argument(endpoint_url, local.body) as argument:
        cloudformation.create_stack(
            StackName=stack,
            **argument,
            Parameters=[{"ParameterKey": name, "ParameterValue": str(value)} for name, value in parameters.items()],
            Capabilities=CAPABILITIES,
            OnFailure="DO_NOTHING",
        )
    _wait(cloudformation, stack, progress)
    found = _deployment(cloudformation, client("apigateway", endpoint_url), stack, local)
    functions = client("lambda", endpoint_url)
    for function, cap in local.caps.items():
        # LocalStack ignores ReservedConcurrentExecutions in a template.
        functions.put_function_concurrency(FunctionName=found.functions[function], ReservedConcurrentExecutions=cap)
    seconds = time.monotonic() - started
    progress(f"deployed {len(found.functions)} functions, {len(found.resources)} resources in {seconds:.1f} s")
    return found


@contextlib.contextmanager
def _template_argument(endpoint_url: str, body: str) -> Iterator[dict[str, str]]:
    """The template itself, or its URL in a bucket for the moment when it is larger than CloudFormation takes."""
    if len(body.encode()) <= MAX_TEMPLATE_BYTES:
        yield {"TemplateBody": body}
        return
    s3 = client("s3", endpoint_url)
    s3.create_bucket(Bucket=TEMPLATE_BUCKET)
    s3.put_object(Bucket=TEMPLATE_BUCKET, Key="template.json", Body=body.encode())
    try:
        yield {"TemplateURL": f"{endpoint_url}/{TEMPLATE_BUCKET}/template.json"}
    finally:
        s3.delete_object(Bucket=TEMPLATE_BUCKET, Key="template.json")
        s3.delete_bucket(Bucket=TEMPLATE_BUCKET)


def _wait(cloudformation: Any, stack: str, progress: Progress) -> None:
    deadline = time.monotonic() + DEPLOY_SECONDS
    done = -1
    while time.monotonic() < deadline:
        status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        if status == "CREATE_COMPLETE":
            return
        if status != "CREATE_IN_PROGRESS":
            raise LocalCloudError(f"the stack is {status}\n{failures(cloudformation, stack)}")
        resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        complete = sum(resource["ResourceStatus"] == "CREATE_COMPLETE" for resource in resources)
        if complete != done:
            done = complete
            progress(f"{complete} of {len(resources)} resources")
        time.sleep(POLL_SECONDS)
    raise LocalCloudError(f"the stack was not created in {DEPLOY_SECONDS:.0f} s\n{failures(cloudformation, stack)}")


def failures(cloudformation: Any, stack: str) -> str:
    """The resources that failed, first failure first, one to a line, with CloudFormation's reason."""
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    lines = [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason') or 'no reason given: see localstack.log'}"
        for event in sorted(events, key=lambda event: event["Timestamp"])
        if event["ResourceStatus"].endswith("FAILED")
    ]
    reason = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("StackStatusReason")
    return "\n".join([*dict.fromkeys(lines), *([f"  {reason}"] if reason else [])])


def _deployment(cloudformation: Any, gateway: Any, stack: str, local: LocalTemplate) -> Deployment:
    outputs = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]

    def of_type(kind: str) -> dict[str, str]:
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in resources
            if resource["ResourceType"] == kind
        }

    functions = of_type("AWS::Lambda::Function")
    apis = of_type("AWS::ApiGateway::RestApi")
    public = apis.get(PUBLIC_API) or next(iter(apis.values()), "")  # another one is for our own services
    stage = ""
    if public:
        stages = [found["stageName"] for found in gateway.get_stages(restApiId=public)["item"]]
        stage = next((name for name in stages if name != "Stage"), stages[0])  # SAM adds one called Stage
    return Deployment(
        outputs={output["OutputKey"]: output["OutputValue"] for output in outputs},
        resources={item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in resources},
        functions={local.functions[logical]: name for logical, name in functions.items()},
        logical_functions=dict(local.functions),
        queues=of_type("AWS::SQS::Queue"),
        buckets=of_type("AWS::S3::Bucket"),
        api_id=public,
        api_stage=stage,
    )
