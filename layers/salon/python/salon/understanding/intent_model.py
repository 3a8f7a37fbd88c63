"""Decides what the writer wants: a trained model that also hears the rules, and the rules alone when it fails."""

from dataclasses import dataclass, replace
from time import perf_counter
from typing import NamedTuple

from salon.platform.errors import SalonError
from salon.platform.inference.domain import Prediction
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

ASK_BELOW = 0.65
"""A reading that is less likely than this is asked about where another one comes near it."""

_COMES_NEAR = 0.3

_COSTLY = {Intent.CANCEL, Intent.RESCHEDULE}
_ASK_BELOW_COSTLY = 0.85
_NEAR_COSTLY = 0.1
"""Somebody who only wanted to move a visit is not to lose it: between these two it is asked sooner."""

_OUTRIGHT = 0.9
_EVIDENCE_SHARE = 0.35


class Judgement(NamedTuple):
    """What the writer wants, how sure that is, by which words, and which other reading has to be asked about."""

    intent: Intent
    confidence: float
    span: tuple[int, int] | None
    alternatives: tuple[Intent, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Judge:
    """What decides, and where it is counted."""

    inference: InferencePort | None = None
    metrics: Metrics | None = None

    def judge(self, prepared: Prepared, lexicon: Lexicon, evidence: Evidence, spans: Spans) -> Judgement:
        """Decide one message. A model that fails is logged and counted, and the rules decide alone."""
        heard = hear(prepared, lexicon, evidence)
        features = make_features(prepared, spans, heard.scores, _signs(evidence), families_of(lexicon))
        try:
            prediction = self._predict(features)
            intent = Intent(prediction.label)
        except (SalonError, ValueError) as error:
            code = getattr(error, "code", "LABEL_UNKNOWN")
            log.warning("model.failed", error=error, model=MODEL, code=code)
            if self.metrics is not None:
                self.metrics.count(MODEL_FAILED, model=MODEL, reason=code)
            intent, confidence = judge_by_rules(heard.scores)
            return Judgement(intent, confidence, None, (), RULES)
        if heard.outright is not None and heard.outright is not intent:
            prediction = replace(prediction, label=heard.outright.value, confidence=_OUTRIGHT, alternatives=())
            intent = heard.outright
        alternatives = _alternatives(prediction)
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

    def _count(self, prediction: Prediction, *, is_doubtful: bool) -> None:
        if self.metrics is None:
            return
        self.metrics.gauge(MODEL_CONFIDENCE, prediction.confidence, model=MODEL, version=prediction.version)
        if is_doubtful:
            self.metrics.count(MODEL_DOUBT, model=MODEL, version=prediction.version)


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
