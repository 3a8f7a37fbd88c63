"""Rewriting template.yaml for LocalStack."""

import json
import textwrap

import pytest

from infra.local.processes import LocalCloudError
from infra.local.template import localize, read_template

TEMPLATE = textwrap.dedent(
    """
    AWSTemplateFormatVersion: 2010-09-09
    Transform: AWS::Serverless-2016-10-31
    Parameters:
      DatabaseUrl: {Type: String, NoEcho: true}
    Conditions:
      IsLocal: !Equals [!Ref Stage, local]
    Globals:
      Function:
        Timeout: 10
        Environment:
          Variables:
            DATABASE_URL: !Ref DatabaseUrl
            INBOUND: !GetAtt InboundQueue.QueueUrl
            ENDPOINT: !Sub "https://${Host}/${AWS::Region}"
            LIST: !Join [",", [!Ref A, !If [IsLocal, "yes", !Ref "AWS::NoValue"]]]
    Resources:
      SalonLayer:
        Type: AWS::Serverless::LayerVersion
        Properties: {ContentUri: layers/salon}
        Metadata: {BuildMethod: python3.12}
      DependenciesLayer:
        Type: AWS::Serverless::LayerVersion
        Properties: {ContentUri: ./layers/dependencies/}
      Booking:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: functions/http_booking
          Handler: app.handler
          Layers: [!Ref SalonLayer, !Ref DependenciesLayer]
          ReservedConcurrentExecutions: 3
      Voice:
        Type: AWS::Serverless::Function
        Condition: IsLocal
        Properties: {PackageType: Image}
        Metadata: {DockerContext: ., Dockerfile: functions/storage_voice/Dockerfile}
      InboundQueue: {Type: "AWS::SQS::Queue"}
      Policy: {Type: "AWS::IAM::Policy", Properties: {PolicyDocument: {Version: 2012-10-17}}}
    """
)


@pytest.fixture
def template(tmp_path):
    for folder in ("functions/http_booking", "functions/storage_voice", "layers/salon/python", "layers/dependencies"):
        (tmp_path / folder).mkdir(parents=True)
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)
    return file


def test_code_stays_in_place_and_everything_else_survives(template):
    root = template.parent
    local = localize(template)
    body = json.loads(local.body)
    resources = body["Resources"]
    booking = resources["Booking"]["Properties"]
    assert booking["CodeUri"] == {"Bucket": "hot-reload", "Key": str(root / "functions/http_booking")}
    assert booking["Layers"] == [{"Ref": "SalonLayer"}]
    assert "DependenciesLayer" not in resources
    assert resources["SalonLayer"] == {
        "Type": "AWS::Serverless::LayerVersion",
        "Properties": {"ContentUri": {"Bucket": "hot-reload", "Key": str(root / "layers/salon")}},
    }
    assert resources["Voice"]["Properties"]["ImageUri"] == "local/storage_voice:latest"
    assert resources["Voice"]["Condition"] == "IsLocal"
    assert local.images == {"local/storage_voice:latest": str(root / "functions/storage_voice")}
    assert local.layer_paths == [str(root / "layers/salon/python")]
    assert local.functions == {"Booking": "http_booking", "Voice": "storage_voice"}
    assert local.caps == {"http_booking": 3}
    assert body["Globals"]["Function"]["Environment"]["Variables"] == {
        "DATABASE_URL": {"Ref": "DatabaseUrl"},
        "INBOUND": {"Fn::GetAtt": ["InboundQueue", "QueueUrl"]},
        "ENDPOINT": {"Fn::Sub": "https://${Host}/${AWS::Region}"},
        "LIST": {"Fn::Join": [",", [{"Ref": "A"}, {"Fn::If": ["IsLocal", "yes", {"Ref": "AWS::NoValue"}]}]]},
    }
    assert body["Conditions"]["IsLocal"] == {"Fn::Equals": [{"Ref": "Stage"}, "local"]}
    assert body["AWSTemplateFormatVersion"] == "2010-09-09"
    assert resources["Policy"]["Properties"]["PolicyDocument"]["Version"] == "2012-10-17"


def test_a_layer_stays_when_this_machine_has_not_installed_it(template):
    body = json.loads(localize(template, installed_layers=()).body)
    assert "DependenciesLayer" in body["Resources"]


@pytest.mark.parametrize("missing", ["functions/http_booking", "functions/storage_voice", "layers/salon/python"])
def test_a_missing_folder_is_named(template, missing):
    folder = template.parent / missing
    folder.rmdir()
    if folder.name == "python":
        folder = folder.parent
        folder.rmdir()
    with pytest.raises(LocalCloudError, match=folder.name):
        localize(template)


def test_what_is_no_template_is_said_so(tmp_path):
    with pytest.raises(LocalCloudError, match="there is no template"):
        localize(tmp_path / "template.yaml")
    (tmp_path / "template.yaml").write_text("- a list")
    with pytest.raises(LocalCloudError, match="not a CloudFormation template"):
        read_template(tmp_path / "template.yaml")
