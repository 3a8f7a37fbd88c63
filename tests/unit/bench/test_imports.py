"""The libraries that a function is compared with: those it loads, no more and no less."""

import json
import os
import subprocess
import sys

import pytest

from infra.bench.blueprint import Function, functions, process_environment
from infra.bench.imports import FRESH, Bench, Libraries


@pytest.fixture
def toy(tmp_path):
    """A function over a layer over two libraries, of which parts are never used."""
    files = {
        "tree/functions/toy/app.py": "import bootstrap\n\nhandler = bootstrap.wire()\n",
        "tree/functions/toy/bootstrap.py": "import os\nimport ours\n\n"
        "def wire():\n    return ours.work(os.environ['STAGE'])\n",
        "tree/layers/salon/python/ours/__init__.py": "import json\nfrom lib.parts import deep\n\n"
        "def work(stage):\n    import lazily_loaded\n    return deep.VALUE, lazily_loaded, stage\n",
        "site/lib/__init__.py": "import sys\nimport types\nfrom lib import core\n"
        "sys.modules['lib.made_up'] = types.ModuleType('lib.made_up')\n",
        "site/lib/core.py": "",
        "site/lib/unused.py": "",
        "site/lib/parts/__init__.py": "",
        "site/lib/parts/deep.py": "from lib import core\nVALUE = 1\n",
        "site/lazily_loaded.py": "",
        "site/never_loaded.py": "",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "home").mkdir()
    return Bench(tmp_path / "tree", tmp_path / "home", tmp_path / "cache", [str(tmp_path / "site")])


FUNCTION = Function("toy", {"STAGE": "local"})
LOADED = ["lib.core", "lib", "lib.parts", "lib.parts.deep", "lazily_loaded"]


def test_the_libraries_of_a_function_are_those_it_loads_even_late(toy):
    assert toy.probe(FUNCTION) == Libraries(modules=LOADED, clients=[], resolver="none")
    assert toy.probe(FUNCTION).packages == ["lazily_loaded", "lib"]


def test_the_bare_process_loads_the_same_libraries_and_nothing_of_ours(toy):
    code = (
        f"import sys; sys.path[:0] = {toy.paths('toy').split(os.pathsep)!r}; sys.path.insert(0, {str(FRESH.parent)!r});"
        f"import fresh; fresh.bare({LOADED!r}, [], 'none'); import json;"
        f"print(json.dumps([fresh.third_party({list(toy.sites)!r}), 'ours' in sys.modules, 'app' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [LOADED, False, False]


def test_both_kinds_of_process_answer_with_a_time(toy):
    assert toy.time_ms(FUNCTION, "function") > 0
    assert toy.time_ms(FUNCTION, "bare", ",".join(LOADED), "", "none") > 0


def test_a_function_that_cannot_be_imported_is_named(toy):
    (toy.tree / "functions/toy/app.py").write_text("raise KeyError('DATABASE_URL')\n")
    with pytest.raises(RuntimeError, match=r"toy cannot be imported \(function\)[\s\S]*DATABASE_URL"):
        toy.time_ms(FUNCTION, "function")


def test_only_the_interpreter_s_own_library_stays_compiled(toy):
    toy.probe(FUNCTION)
    compiled = {file.name.partition(".")[0] for file in toy.cache.rglob("*.pyc")}
    assert {"app", "bootstrap", "deep", "lazily_loaded"} <= compiled
    toy.forget_compiled()
    left = {str(file) for file in toy.cache.rglob("*.pyc")}
    assert not [file for file in left if str(toy.tree) in file or toy.sites[0] in file]
    assert any("/json/" in file for file in left)


def test_each_function_gets_every_variable_of_the_template_and_nothing_of_this_process(tmp_path):
    known = {function.name: function for function in functions()}
    assert "http_webhooks" in known
    environment = process_environment(known["http_webhooks"], tmp_path, LOG_LEVEL="ERROR")
    assert {"DATABASE_URL", "MASTER_KEYS", "INBOUND_QUEUE_URL", "STAGE", "AWS_ACCESS_KEY_ID"} <= set(environment)
    assert environment["STAGE"] == "local"
    assert environment["LOG_LEVEL"] == "ERROR"
    assert environment["HOME"] == str(tmp_path)
    assert "PYTEST_CURRENT_TEST" not in environment
