"""What is here needs torch, onnxruntime and PyAV: it runs in `.venv-speech`.

`make test` runs it there as a part of tests/integration/speech/test_environment.py; by hand:

    .venv-speech/bin/python -m pytest --confcutdir=tests/speech tests/speech
"""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if all(map(find_spec, ("av", "onnxruntime", "whisper"))) else ["test_*.py"]


def pytest_configure(config):
    # Whisper's tokeniser leaves the file of its vocabulary to the garbage collector.
    config.addinivalue_line("filterwarnings", "ignore:unclosed file.*tiktoken:ResourceWarning")
