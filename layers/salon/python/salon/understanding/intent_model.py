"""Decides what the writer wants: a trained model that also hears the rules, and the rules alone when it fails."""

from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import NamedTuple

from salon.platform.errors import SalonError
from salon.platform.inference.domain import Prediction
from salon.platform.inference.errors import ModelFailed, version_of
from salon.platform.inference.in_process import default_inference
from salon.platform.inference.ports import InferencePort
from salon.platform.logs import logger
from salon.platform.metrics import MODEL_CONFIDENCE, MODEL_DOUBT, MODEL_FAILED, MODEL_LATENCY_MS, Metrics
from salon.understanding.domain import Intent
from salon.understanding.intent_features import SCHEMA, Features, Spans, families_of, make_features
from salon.understanding.intents import Evidence, hear, judge_by_rules
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared

log = logger(__name__)

MODEL = "intent"
RULES = "rules"
"""Stands for the model's version where the model could not answer."""

# The bounds are choices of ours, not measured optima. With them three of the 792 phrases that another hand wrote
# (tests/unit/understanding/intents_independent.jsonl) are asked about, all of them rightly; with 0.55 instead of 0.65
# two, with 0.75 and 0.2 five.
ASK_BELOW = 0.65
"""A reading that is less likely than this is asked about where another one comes near it."""

_COMES_NEAR = 0.3
"""So likely the other reading has to be."""

_COSTLY = {Intent.CANCEL, Intent.RESCHEDULE}
_ASK_BELOW_COSTLY = 0.85
_NEAR_COSTLY = 0.1
"""Somebody who only wanted to move a visit is not to lose it: between these two it is asked sooner."""

_CONFIDENCE_OUTRIGHT = 0.9
"""What words that mean one thing only (`intents.MEANS_ONE_THING`) are taken for: surer than whatever is asked about."""

_EVIDENCE_SHARE = 0.35
"""A word that speaks for the intent with this much of the strongest word's weight belongs to its evidence."""

_TOLD: set[str] = set()
"""Codes of failures that this process has logged."""


class LabelUnknown(ModelFailed):
    """The model answers with a word that is no intent."""

    code = "LABEL_UNKNOWN"


class Judgement(NamedTuple):
    """What the writer wants, how sure that is, by which words, and which other reading has to be asked about."""

    intent: Intent
    confidence: float
    span: tuple[int, int] | None
    alternatives: tuple[Intent, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Judge:
    """What decides, and where it is counted.

    Attributes:
        inference: where the model is; in this process when None.
        metrics: uncounted when None.
        told: codes of the failures that have been logged; the process's own unless a test brings its own.
    """

    inference: InferencePort | None = None
    metrics: Metrics | None = None
    told: set[str] = field(default_factory=lambda: _TOLD, compare=False)

    def judge(self, prepared: Prepared, lexicon: Lexicon, evidence: Evidence, spans: Spans) -> Judgement:
        """Decide one message. A model that fails is counted, and logged once; the rules decide alone."""
        heard = hear(prepared, lexicon, evidence)
        features = make_features(prepared, spans, heard.scores, _signs(evidence), families_of(lexicon))
        try:
            prediction = self._predict(features)
            intent = _intent_of(prediction)
        except SalonError as error:
            self._tell(error)
            intent, confidence = judge_by_rules(heard.scores)
            return Judgement(intent, confidence, None, (), RULES)
        is_overruled = heard.outright is not None and heard.outright is not intent
        if heard.outright is not None and is_overruled:
            intent = heard.outright
            prediction = replace(prediction, label=intent.value, confidence=_CONFIDENCE_OUTRIGHT, alternatives=())
        alternatives = _alternatives(prediction)
        if not is_overruled:  # a constant would say nothing about the model
            self._count(prediction, is_doubtful=bool(alternatives))
        return Judgement(
            intent,
            round(prediction.confidence, 3),
            _evidence_span(prepared, features, prediction),
            alternatives,
            prediction.version,
        )

    def _predict(self, features: Features) -> Prediction:
        inference = self.inference or default_inference()
        started = perf_counter()
        prediction = inference.predict(MODEL, (features.values,), schema=SCHEMA)[0]
        if self.metrics is not None:
            took = (perf_counter() - started) * 1000
            self.metrics.timing_ms(MODEL_LATENCY_MS, took, model=MODEL, version=prediction.version)
        return prediction

    def _tell(self, error: SalonError) -> None:
        """Count each failure; log each kind once, for a broken model breaks on every message."""
        code = error.code
        if code not in self.told:
            self.told.add(code)
            log.warning("model.failed", error=error, model=MODEL, code=code)
        if self.metrics is not None:
            self.metrics.count(MODEL_FAILED, model=MODEL, version=version_of(error), reason=code)

    def _count(self, prediction: Prediction, *, is_doubtful: bool) -> None:
        if self.metrics is None:
            return
        self.metrics.gauge(MODEL_CONFIDENCE, prediction.confidence, model=MODEL, version=prediction.version)
        if is_doubtful:
            self.metrics.count(MODEL_DOUBT, model=MODEL, version=prediction.version)


def _intent_of(prediction: Prediction) -> Intent:
    """The intent that the model names.

    Raises:
        LabelUnknown: there is none of that name.
    """
    try:
        return Intent(prediction.label)
    except ValueError:
        raise LabelUnknown(f"{prediction.label!r} is no intent.", version=prediction.version) from None


def _signs(evidence: Evidence) -> dict[str, float]:
    signs = {
        "services": min(evidence.services, 2) / 2,
        "when": float(evidence.when),
        "staff": float(evidence.staff),
        "shift": float(evidence.shift),
        "unable": float(evidence.unable),
        "wish": float(evidence.wish),
        "off topic": float(evidence.off_topic),
    }
    if evidence.expecting:
        answers = {"service": evidence.services, "when": evidence.when, "staff": evidence.staff}
        signs[f"asked {evidence.expecting}"] = 1.0
        signs["answers"] = float(bool(answers.get(evidence.expecting)))
    return signs


def _alternatives(prediction: Prediction) -> tuple[Intent, ...]:
    """The two readings to ask about, the likelier first; none when the first is likely enough."""
    if not prediction.alternatives:
        return ()
    second = prediction.alternatives[0]
    pair = (Intent(prediction.label), Intent(second.label))
    below, near = (_ASK_BELOW_COSTLY, _NEAR_COSTLY) if set(pair) == _COSTLY else (ASK_BELOW, _COMES_NEAR)
    if Intent.OTHER in pair or prediction.confidence >= below or second.confidence < near:
        return ()
    return pair


def _evidence_span(prepared: Prepared, features: Features, prediction: Prediction) -> tuple[int, int] | None:
    """The words that spoke most for the intent, from the first to the last of them."""
    weights: dict[int, float] = {}
    for name, weight in prediction.diagnostics.get("contributions", ()):
        places = features.places.get(name, ())
        for place in places:
            weights[place] = weights.get(place, 0.0) + weight / len(places)
    if not weights:
        return None
    most = max(weights.values())
    strong = [place for place, weight in weights.items() if weight >= _EVIDENCE_SHARE * most]
    core = max(weights, key=lambda place: (weights[place], -place))
    first = last = core
    while first - 1 in strong:
        first -= 1
    while last + 1 in strong:
        last += 1
    return prepared.words[first].start, prepared.words[last].end
