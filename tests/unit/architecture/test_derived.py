"""What is derived is up to date, and each deriver notices when it is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from infra.tools import build, checks, diagram, schemas
from infra.tools.checks import PROJECT


class TestSchemas:
    def test_are_up_to_date(self):
        assert schemas.differences(schemas.schemas()) == []

    def test_drift_is_noticed_and_mended(self, tmp_path):
        wanted = schemas.schemas()
        schemas.write(wanted, tmp_path)
        assert schemas.differences(wanted, tmp_path) == []
        (tmp_path / "queue" / "inbox_ref_message.json").write_text("{}")
        (tmp_path / "facts" / "booking.confirmed.json").unlink()
        (tmp_path / "facts" / "booking.dreamt.json").write_text("{}")
        assert schemas.differences(wanted, tmp_path) == [
            "facts/booking.confirmed.json: missing",
            "facts/booking.dreamt.json: nobody sends it",
            "queue/inbox_ref_message.json: out of date",
        ]
        schemas.write(wanted, tmp_path)
        assert schemas.differences(wanted, tmp_path) == []

    def test_queues_and_facts_carry_ids_states_and_instants_only(self):
        """DESIGN law 3: a text of free form could hold a name."""
        free = {
            f"{name}: {field}"
            for name, text in schemas.schemas().items()
            if name.startswith(("queue/", "facts/"))
            for field, kind in json.loads(text)["properties"].items()
            for each in kind.get("anyOf", [kind])
            if each.get("type") == "string" and not ({"format", "enum", "const"} & set(each))
        }
        assert free == set()


class TestDiagram:
    def test_draws_every_table_in_the_order_of_imports(self):
        drawn = diagram.render()
        assert drawn.index("<summary>identity:") < drawn.index("<summary>clients:") < drawn.index("<summary>booking:")
        for table in ("bookings", "slot_instances", "clients", "inbox", "audit_log"):
            assert f"\n  {table} {{\n" in drawn
        assert "clients ||--o{ bookings : client_id" in drawn
        assert "staff |o--o{ bookings : staff_id" in drawn

    def test_stands_between_its_markers(self):
        document = f"# Title\n\n{diagram.BEGIN}\nold\n{diagram.END}\n\nEnd\n"
        drawn = diagram.insert(document, "new")
        assert drawn == f"# Title\n\n{diagram.BEGIN}\n\nnew\n\n{diagram.END}\n\nEnd\n"
        assert diagram.insert(drawn, "new") == drawn

    def test_a_document_without_markers_is_refused(self):
        with pytest.raises(diagram.MarkersMissing):
            diagram.insert("# Title\n", "new")


class TestBuild:
    @pytest.fixture
    def project(self, tmp_path):
        """This project's layer, one function and the shared data, with what must stay behind."""
        for name in (*build.FILES, *build.TREES):
            source, target = PROJECT / name, tmp_path / "project" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy2(source, target)
        (tmp_path / "project" / "functions" / "http_webhooks" / "node_modules").mkdir()
        return tmp_path / "project"

    def test_a_packed_layer_finds_its_data(self, project, tmp_path):
        assert build.build(project, tmp_path / "build") > 100
        layer = tmp_path / "build" / "layers" / "salon" / "python"
        found = subprocess.run(
            [sys.executable, "-c", "from salon.platform.shared_data import shared_path; print(shared_path('texts'))"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(layer)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == str(layer / "salon_data" / "texts")
        assert not (tmp_path / "build" / "functions" / "http_webhooks" / "node_modules").exists()
        assert not list((tmp_path / "build").rglob("__pycache__/*.cpython-39.pyc"))

    def test_a_second_build_starts_from_nothing(self, project, tmp_path):
        first = build.build(project, tmp_path / "build")
        (tmp_path / "build" / "left.txt").write_text("from before")
        assert build.build(project, tmp_path / "build") == first


class TestChecks:
    def test_each_says_what_failed_and_stops_there(self):
        outcome = checks.run_check(
            "two", [(sys.executable, "-c", "print('no'); raise SystemExit(3)"), ("touch", "/nonexistent/never")]
        )
        assert (outcome.passed, outcome.output) == (False, "no\n")

    def test_every_function_is_typed_by_itself(self):
        typed = {step[-1] for step in checks.commands()["types"]}
        assert {f"functions/{path.parent.name}" for path in PROJECT.glob("functions/*/app.py")} <= typed

    def test_pre_commit_runs_every_check_of_ours(self):
        hooks = (PROJECT / ".pre-commit-config.yaml").read_text()
        entries = [line for line in hooks.splitlines() if "infra.tools.checks" in line]
        named = {word for line in entries for word in line.partition("infra.tools.checks")[2].split()}
        assert named == set(checks.commands())
