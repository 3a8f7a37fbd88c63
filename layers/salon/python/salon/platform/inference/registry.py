"""Finds models in `shared/models/<name>/<version>/`, checks them, and keeps what was loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from salon.platform.inference.domain import NAME, VERSION, Artefact, FeatureSchema, ModelInfo
from salon.platform.inference.errors import FeatureSchemaMismatch, ModelFailed, ModelNotFound, ModelVersionNotFound
from salon.platform.inference.linear import KIND, HashedLinear
from salon.platform.inference.ports import Model
from salon.platform.shared_data import shared_path

DESCRIPTION = "model.json"
SERVED = {KIND: HashedLinear}
"""The kinds of model that answer here; another kind (a speech checkpoint) has its own runtime and is not listed."""

Load = Callable[[Artefact, Path], Model]


class Registry:
    """The models of one folder; each is loaded at its first use, once."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        pinned: Mapping[str, str] | None = None,
        kinds: Mapping[str, Load] | None = None,
    ) -> None:
        """Nothing is read yet.

        Args:
            folder: where the models are; the shared data's own when None.
            pinned: the version of a model that answers when none is asked for; the newest where nothing is said.
            kinds: how each kind of model is loaded.
        """
        self._folder = folder
        self._pinned = dict(pinned or {})
        self._kinds: Mapping[str, Load] = kinds or SERVED
        self._loaded: dict[tuple[str, str], tuple[Artefact, Model]] = {}

    def load(self, name: str, version: str | None = None, *, schema: FeatureSchema | None = None) -> Model:
        """A model, checked.

        Raises:
            ModelNotFound, ModelVersionNotFound: there is none.
            FeatureSchemaMismatch: it reads other features.
            ModelFailed: its files are not what they were when it was made.
        """
        if not NAME.fullmatch(name):
            raise ModelNotFound(name[:64])
        chosen = version or self._pinned.get(name) or self._newest(name)
        key = (name, chosen)
        if key not in self._loaded:
            artefact = self.describe(name, chosen)
            self._loaded[key] = (artefact, self._open(artefact))
        artefact, model = self._loaded[key]
        if schema is not None and schema != artefact.schema:
            raise FeatureSchemaMismatch(name, chosen, wanted=str(schema), found=str(artefact.schema))
        return model

    def describe(self, name: str, version: str) -> Artefact:
        """What `model.json` says.

        Raises:
            ModelNotFound, ModelVersionNotFound: there is none.
            ModelFailed: it cannot be read.
        """
        if not VERSION.fullmatch(version) or version not in self._versions(name):
            raise ModelVersionNotFound(name, version[:16])
        try:
            return _artefact(json.loads((self._root() / name / version / DESCRIPTION).read_bytes()), name, version)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelFailed(
                f"{DESCRIPTION} of {name} {version} cannot be read: {error!r}", version=version
            ) from error

    def models(self) -> tuple[ModelInfo, ...]:
        """Every model of a kind that is served here."""
        return tuple(
            ModelInfo(folder.name, versions, self._pinned.get(folder.name) or versions[-1])
            for folder in sorted(self._root().iterdir())
            if NAME.fullmatch(folder.name) and (versions := self._served(folder.name))
        )

    def _root(self) -> Path:
        return self._folder or shared_path("models")

    def _newest(self, name: str) -> str:
        return self._versions(name)[-1]

    def _versions(self, name: str) -> tuple[str, ...]:
        folder = self._root() / name
        versions = [path.parent.name for path in folder.glob(f"*/{DESCRIPTION}") if VERSION.fullmatch(path.parent.name)]
        if not versions:
            raise ModelNotFound(name)
        return tuple(sorted(versions, key=int))

    def _served(self, name: str) -> tuple[str, ...]:
        try:
            return tuple(one for one in self._versions(name) if self.describe(name, one).kind in self._kinds)
        except (ModelNotFound, ModelFailed):
            return ()  # a description in another format is some other runtime's

    def _open(self, artefact: Artefact) -> Model:
        name, version = artefact.name, artefact.version
        folder = self._root() / name / version
        try:
            for file, digest in artefact.files.items():
                if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
                    raise ModelFailed(f"{file} of {name} {version} is not what it was made as.", version=version)
            return self._kinds[artefact.kind](artefact, folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelFailed(f"{name} {version} cannot be loaded: {error!r}", version=version) from error


def _artefact(data: Any, name: str, version: str) -> Artefact:
    schema = data["feature_schema"]
    if (data["name"], data["version"]) != (name, version):
        raise ValueError(f"it calls itself {data['name']} {data['version']}")
    return Artefact(
        name=name,
        version=version,
        kind=str(data["kind"]),
        schema=FeatureSchema(str(schema["name"]), int(schema["version"])),
        labels=tuple(data["labels"]),
        files=dict(data["files"]),
        parameters=dict(data["parameters"]),
        metrics=dict(data.get("metrics", {})),
        training=dict(data.get("training", {})),
    )
