"""The cost model against the figures of the fact sheet, and its command."""

import json
from decimal import Decimal

import pytest

from salon.platform.shared_data import shared_path
from salon.understanding.speech.__main__ import main
from salon.understanding.speech.costs import Limits, Load, choose, cost_of, list_price_a_minute
from salon.understanding.speech.prices import PricesUnreadable, engines_of, read_prices

PATH = shared_path("speech/prices.json")
ENGINES = {engine.name: engine for engine in engines_of(read_prices(PATH))}
NO_LIMITS = Limits()


def a_minute(name, clip_s=8, cold_share="0"):
    price = list_price_a_minute(ENGINES[name], clip_s=Decimal(clip_s), cold_share=Decimal(cold_share))
    return price.quantize(Decimal("0.01"))


class TestTheFormula:
    @pytest.mark.parametrize(
        ("name", "clip_s", "cold_share", "expected"),
        [
            ("whisper-small", 8, "0", "0.18"), ("whisper-turbo", 8, "0", "0.71"), ("gigaam-v3-rnnt", 8, "0", "0.05"),
            ("whisper-small", 8, "1", "0.82"),
            ("speechkit", 5, "0", "1.92"), ("speechkit", 8, "0", "1.20"), ("speechkit", 15, "0", "0.64"),
        ],
    )  # fmt: skip
    def test_the_sample_figures_of_the_fact_sheet(self, name, clip_s, cold_share, expected):
        assert a_minute(name, clip_s, cold_share) == Decimal(expected)

    def test_a_started_unit_and_a_started_window_count_whole(self):
        assert a_minute("speechkit", 16) == Decimal("1.20")  # two units, 3.75 clips
        assert a_minute("speechkit", 31) == (Decimal("0.16") * 3 * 60 / 31).quantize(Decimal("0.01"))  # cut at 30 s
        assert (a_minute("whisper-small", 30), a_minute("whisper-small", 31)) == (Decimal("0.05"), Decimal("0.09"))

    def test_what_is_free_covers_the_first_notes_of_a_month(self):
        """Five vCPU-hours are 1,323 notes of whisper small on four vCPU."""
        free = Load(minutes=Decimal(1323 * 8) / 60, cold_share=Decimal(0))
        assert cost_of(ENGINES["whisper-small"], free, NO_LIMITS).a_month == 0
        more = Load(minutes=Decimal(1324 * 8) / 60, cold_share=Decimal(0))
        assert cost_of(ENGINES["whisper-small"], more, NO_LIMITS).a_month > 0

    def test_a_salons_volume(self):
        """300 notes a day of 8 s: the fact sheet has some 1,450 RUB of SpeechKit and 220 of whisper small."""
        load = Load(minutes=Decimal(1200), cold_share=Decimal(0))
        assert cost_of(ENGINES["speechkit"], load, NO_LIMITS).a_month == Decimal(1440)
        small = cost_of(ENGINES["whisper-small"], load, NO_LIMITS)
        assert round(small.list_a_minute * 1200) == 218
        assert small.a_month < Decimal(218)

    def test_what_messengers_wrote_down_costs_nothing(self):
        half = Load(minutes=Decimal(1000), messenger_share=Decimal("0.5"))
        found = cost_of(ENGINES["speechkit"], half, NO_LIMITS)
        assert (found.a_month, found.a_minute) == (Decimal(600), Decimal("0.6"))


class TestTheRule:
    def chosen(self, *names, max_wer=None, max_p95=None, **load):
        limits = Limits(max_wer_percent=max_wer, max_p95_s=max_p95)
        return choose([ENGINES[name] for name in names or ENGINES], Load(minutes=Decimal(30_000), **load), limits)

    def test_the_cheapest_of_those_within_the_limits(self):
        assert self.chosen().chosen.engine.name == "gigaam-v3-rnnt"
        without = self.chosen("whisper-turbo", "speechkit", "whisper-small")
        assert without.chosen.engine.name == "whisper-small"
        assert "whisper-turbo, the next, costs" in without.reason
        assert [cost.engine.name for cost in without.costs] == ["whisper-small", "whisper-turbo", "speechkit"]

    def test_an_error_rate_above_the_ceiling_or_unknown_is_out(self):
        found = self.chosen("whisper-small", "speechkit", max_wer=Decimal(15))
        assert found.chosen is None
        assert "a word error rate of 21.0 %" in found.reason
        assert "speechkit: its word error rate is not known" in found.reason

    def test_cold_starts_count_as_slow_once_one_call_in_twenty_is_one(self):
        limit = {"max_p95": Decimal(6)}
        assert self.chosen("whisper-small", **limit, cold_share=Decimal("0.05")).chosen is not None
        assert self.chosen("whisper-small", **limit, cold_share=Decimal("0.06")).chosen is None

    def test_of_two_at_one_price_the_more_accurate(self):
        small = cost_of(ENGINES["whisper-small"], Load(minutes=Decimal(1)), NO_LIMITS)
        assert small.a_minute == 0  # everything is free at such a volume
        both = choose([ENGINES["whisper-small"], ENGINES["gigaam-v3-rnnt"]], Load(minutes=Decimal(1)), NO_LIMITS)
        assert both.chosen.engine.name == "gigaam-v3-rnnt"

    def test_a_choice_owns_up_to_its_guesses(self):
        assert "Assumed, not measured: its time for a clip" in self.chosen().reason


class TestTheCommand:
    def test_the_table_and_the_choice(self, capsys):
        assert main(["costs", "--minutes", "30000"]) == 0
        shown = capsys.readouterr().out
        assert "* gigaam-v3-rnnt" in shown
        assert "0.16 RUB per started 15 s of audio, documented, as of 2026-11-20" in shown

    def test_one_object_of_figures(self, capsys):
        assert main(["costs", "--minutes", "1200", "--max-wer", "none", "--engines", "speechkit", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["chosen"], found["engines"][0]["per_month"]) == ("speechkit", 1440.0)
        assert found["engines"][0]["oldest_price"] == "2026-11-20"

    def test_nothing_fits(self, capsys):
        assert main(["costs", "--minutes", "100", "--max-wer", "1"]) == 1
        assert "No engine is within the limits" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--minutes", "0"], "a volume must be above 0"), (["--minutes", "nan"], "a volume must be"),
            (["--minutes", "many"], "'many' is not a number"), ([], "--minutes"),
            (["--minutes", "9", "--cold-share", "2"], "at most 1, not 2"),
            (["--minutes", "9", "--clip-seconds", "0"], "a length must be above 0"),
            (["--minutes", "9", "--max-wer", "low"], "'low' is not a number"),
        ],
    )  # fmt: skip
    def test_a_senseless_request_is_explained(self, capsys, arguments, message):
        with pytest.raises(SystemExit) as stopped:
            main(["costs", *arguments])
        assert stopped.value.code == 2
        assert message in capsys.readouterr().err

    def test_an_engine_that_is_not_there(self, capsys):
        assert main(["costs", "--minutes", "9", "--engines", "vosk"]) == 2
        assert "--engines names vosk; there are whisper-small" in capsys.readouterr().err

    def test_prices_of_ones_own(self, capsys, tmp_path):
        data = json.loads(PATH.read_text())
        data["prices"]["speechkit_sync"]["amount"] = 0
        file = tmp_path / "mine.json"
        file.write_text(json.dumps(data))
        assert main(["costs", "--minutes", "99999", "--max-wer", "none", "--prices", str(file), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["chosen"] == "speechkit"
        assert main(["costs", "--minutes", "9", "--prices", str(tmp_path / "none.json")]) == 2
        assert "none.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["engines"][0].update(host="moon"), "whisper-small: there is no host 'moon'"),
        (lambda data: data["engines"][3].update(price="gold"), "speechkit: there is no price 'gold'"),
        (lambda data: data["engines"].append(data["engines"][0]), "whisper-small stands twice"),
        (lambda data: data["prices"]["speechkit_sync"].update(amount=-1), "prices.speechkit_sync.amount"),
        (lambda data: data["prices"]["speechkit_sync"].pop("source"), "prices.speechkit_sync.source: Field required"),
        (lambda data: data["engines"][1]["compute_s"].update(provenance="guessed"), "compute_s.provenance"),
    ],
)
def test_a_broken_file_says_where(tmp_path, change, message):
    data = json.loads(PATH.read_text())
    change(data)
    file = tmp_path / "prices.json"
    file.write_text(json.dumps(data))
    with pytest.raises(PricesUnreadable, match=message):
        engines_of(read_prices(file))


def test_a_file_that_is_not_json(tmp_path):
    file = tmp_path / "prices.json"
    file.write_text("{")
    with pytest.raises(PricesUnreadable, match="is not JSON"):
        read_prices(file)
