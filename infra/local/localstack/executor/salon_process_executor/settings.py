"""What the executor is told: a JSON file written before LocalStack starts and completed by the deployment."""

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

SETTINGS_VARIABLE = "SALON_EXECUTOR_SETTINGS"
# What a function inherits beside what Lambda gives it. Everything else of the parent's environment stays out. In the
# cloud a function has a core at most: here OpenMP's threads (Tesseract's) would only take the others' cores away.
BASE_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": ":UTC", "OMP_THREAD_LIMIT": "1"}


@dataclasses.dataclass(frozen=True)
class Settings:
    """How functions run on this machine. A function is named after its folder.

    Attributes:
        state: Folder for logs (`logs/<function>.log`) and process ids (`functions/<function>/<pid>`).
        guard: The program that ties a child's life to ours (infra/local/guard.py).
        interpreter: Python of functions that have no other.
        interpreters: Function → Python.
        images: Image URI → folder of the function's code.
        image_paths: Folders on the import path of image functions: their Dockerfile copies the layer.
        max_instances: Most processes of a function at a time; further invocations wait.
        instances: Function → its own cap.
        prewarm: Functions that get one process as soon as they are created.
        init_seconds: How long a process may take until it asks for its first event.
        return_logs: Whether LocalStack gets an invocation's output too (CloudWatch Logs, `LogType=Tail`).
    """

    state: str
    guard: str
    interpreter: str
    interpreters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    images: Mapping[str, str] = dataclasses.field(default_factory=dict)
    image_paths: Sequence[str] = ()
    max_instances: int = 4
    instances: Mapping[str, int] = dataclasses.field(default_factory=dict)
    prewarm: Sequence[str] = ()
    init_seconds: float = 60.0
    return_logs: bool = True

    def write(self, file: Path) -> None:
        """Replace the file in one step: a running executor may read it at any time."""
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(dataclasses.asdict(self), indent=1))
        fresh.replace(file)

    @classmethod
    def read(cls, file: Path) -> "Settings":
        """Read the file.

        Raises:
            FileNotFoundError: It is not there.
            TypeError: It has an unknown key or lacks a required one.
        """
        return cls(**json.loads(file.read_text()))

    @classmethod
    def current(cls) -> "Settings":
        """The settings of this process.

        Raises:
            KeyError: The variable that names the file is not set.
        """
        return cls.read(Path(os.environ[SETTINGS_VARIABLE]))

    def interpreter_of(self, function: str) -> str:
        """The Python that runs a function."""
        return self.interpreters.get(function, self.interpreter)

    def cap_of(self, function: str) -> int:
        """The most processes that a function may have."""
        return max(1, self.instances.get(function, self.max_instances))
