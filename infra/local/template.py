"""template.yaml as LocalStack wants it: code in place instead of archives, images as folders, nothing else changed."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from infra.local.processes import LocalCloudError

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
# On a laptop third-party packages come from the interpreter's own environment.
INSTALLED_LAYERS = ("layers/dependencies",)
Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation: short intrinsics become their long form, dates stay texts."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # a mapping node is all that is left
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclasses.dataclass(frozen=True)
class LocalTemplate:
    """A rewritten template.

    Attributes:
        body: The template as JSON.
        functions: Logical id of a function → its name, which is that of its folder.
        images: Image URI → folder of the image function's code.
        layer_paths: Import folders of the layers that stayed; image functions get them as well.
        caps: Function → its ReservedConcurrentExecutions.
    """

    body: str
    functions: Mapping[str, str]
    images: Mapping[str, str]
    layer_paths: Sequence[str]
    caps: Mapping[str, int]


def read_template(file: Path) -> Template:
    """Read a SAM template.

    Raises:
        LocalCloudError: The file is missing or not a mapping.
    """
    if not file.is_file():
        raise LocalCloudError(f"there is no template {file}")
    loaded = yaml.load(file.read_text(), Loader=_Loader)  # noqa: S506 - a SafeLoader with CloudFormation's tags
    if not isinstance(loaded, dict):
        raise LocalCloudError(f"{file} is not a CloudFormation template")
    return loaded


def localize(file: Path, *, installed_layers: Sequence[str] = INSTALLED_LAYERS) -> LocalTemplate:
    """Rewrite a template for LocalStack.

    Local `CodeUri` and `ContentUri` become LocalStack's hot-reload form (the folder is used in place), image functions
    get an image URI that the process executor maps to the folder of their Dockerfile, and layers whose packages are
    installed on this machine are left out.

    Args:
        file: The SAM template; paths in it are relative to its folder.
        installed_layers: Folders of layers to leave out.

    Raises:
        LocalCloudError: A folder that the template names does not exist.
    """
    template = read_template(file)
    root = file.resolve().parent
    resources: dict[str, Any] = template.get("Resources", {})
    defaults = template.get("Globals", {}).get("Function", {})
    layer_paths = _rewrite_layers(resources, defaults, root, installed_layers)
    functions, images, caps = {}, {}, {}
    if isinstance(defaults.get("CodeUri"), str):
        defaults["CodeUri"] = _in_place(root, defaults["CodeUri"], "Globals")
    for logical_id, resource in _of_type(resources, FUNCTION):
        properties = resource.setdefault("Properties", {})
        if properties.get("PackageType", defaults.get("PackageType")) == "Image":
            folder = _image_folder(root, resource, logical_id)
            properties["ImageUri"] = f"local/{folder.name}:latest"
            images[properties["ImageUri"]] = str(folder)
        else:
            if isinstance(properties.get("CodeUri"), str):
                properties["CodeUri"] = _in_place(root, properties["CodeUri"], logical_id)
            code = properties.get("CodeUri", defaults.get("CodeUri"))
            folder = Path(code["Key"]) if isinstance(code, dict) and "Key" in code else Path(logical_id)
        resource.pop("Metadata", None)  # tells `sam build` how to build; there is nothing to build here
        functions[logical_id] = folder.name
        cap = properties.get("ReservedConcurrentExecutions", defaults.get("ReservedConcurrentExecutions"))
        if isinstance(cap, int):
            caps[folder.name] = cap
    return LocalTemplate(json.dumps(template, separators=(",", ":")), functions, images, layer_paths, caps)


def _rewrite_layers(
    resources: dict[str, Any], defaults: dict[str, Any], root: Path, installed: Sequence[str]
) -> list[str]:
    """Use layers in place, drop the installed ones with whatever refers to them; returns the import folders."""
    kept, dropped = [], set()
    installed_folders = {(root / folder).resolve() for folder in installed}
    for logical_id, resource in _of_type(resources, LAYER):
        properties = resource.get("Properties", {})
        if not isinstance(properties.get("ContentUri"), str):
            continue
        folder = (root / properties["ContentUri"]).resolve()
        if folder in installed_folders:
            dropped.add(logical_id)
            continue
        properties["ContentUri"] = _in_place(root, properties["ContentUri"], logical_id)
        resource.pop("Metadata", None)
        kept.append(str(folder / "python"))
    for logical_id in dropped:
        del resources[logical_id]
    for holder in (defaults, *(resource.get("Properties", {}) for _, resource in _of_type(resources, FUNCTION))):
        if "Layers" in holder:
            holder["Layers"] = [layer for layer in holder["Layers"] if layer.get("Ref") not in dropped]
    return kept


def _of_type(resources: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, resource) for name, resource in list(resources.items()) if resource.get("Type") == kind)


def _in_place(root: Path, relative: str, where: str) -> dict[str, str]:
    folder = (root / relative).resolve()
    if not folder.is_dir():
        raise LocalCloudError(f"{where}: there is no folder {folder}")
    return {"Bucket": "hot-reload", "Key": str(folder)}


def _image_folder(root: Path, resource: Mapping[str, Any], logical_id: str) -> Path:
    """The folder of the function's Dockerfile: it holds the code, whatever folder the image is built in."""
    metadata = resource.get("Metadata", {})
    if "DockerContext" not in metadata:
        raise LocalCloudError(f"{logical_id}: an image function needs Metadata.DockerContext and Metadata.Dockerfile")
    dockerfile = Path(root, str(metadata["DockerContext"]), str(metadata.get("Dockerfile", "Dockerfile")))
    folder = dockerfile.resolve().parent
    if not folder.is_dir():
        raise LocalCloudError(f"{logical_id}: there is no folder {folder}")
    return folder
