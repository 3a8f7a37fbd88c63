"""Asks the model of stock lines, and puts its answer together with what the grammar reads for certain."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from time import perf_counter

from salon.intake.inference.domain import (
    SCHEMA,
    Category,
    LinePrediction,
    LineText,
    clean_name,
    contents_of,
    find_brand,
    invoice_unit,
    make_features,
    read_pack,
    repaired,
    without,
)
from salon.platform.errors import SalonError
from salon.platform.inference.domain import Prediction
from salon.platform.inference.errors import version_of
from salon.platform.inference.ports import InferencePort
from salon.platform.logs import logger
from salon.platform.metrics import MODEL_CONFIDENCE, MODEL_DOUBT, MODEL_FAILED, MODEL_LATENCY_MS, Metrics

log = logger(__name__)

MODEL = "stock_item"
RULES = "rules"
"""Stands for the model's version where the model could not answer."""

SURE = 0.5
"""Below this confidence the category is `other`; a choice, see the metrics of the model for what it costs."""

_BATCH = 12  # http_inference takes half a megabyte, and a line of junk has a thousand features
_MOST_CHARS = 300
_CATEGORIES = frozenset(category.value for category in Category)


def predict_lines(
    port: InferencePort,
    lines: Sequence[LineText],
    *,
    known_brands: Collection[str] = (),
    metrics: Metrics | None = None,
) -> tuple[LinePrediction, ...]:
    """What each line is: item, unit, pack and category, in the order of the lines.

    A model that fails stops nothing: it is counted and logged, and the grammar answers alone, with category `other`,
    confidence 0 and version `rules`.

    Args:
        port: where the model is; which version answers, the setting MODEL_VERSIONS says.
        lines: as the document has them.
        known_brands: brands that the salon's items already have.
        metrics: uncounted when None.
    """
    texts = [repaired(line.name[:_MOST_CHARS]) for line in lines]
    packs = [read_pack(text) for text in texts]
    units = [invoice_unit(line.unit) for line in lines]
    inputs = [make_features(*one) for one in zip(texts, packs, units, strict=True)]
    answers: list[Prediction] = []
    for start in range(0, len(inputs), _BATCH):
        answers.extend(_ask(port, inputs[start : start + _BATCH], metrics))
    found = []
    for text, pack, unit, answer in zip(texts, packs, units, answers, strict=True):
        is_sure = answer.confidence >= SURE and answer.label in _CATEGORIES
        category = Category(answer.label) if is_sure else Category.OTHER
        contents = contents_of(pack, unit, category)
        bare = without(text, contents.spans)
        found.append(
            LinePrediction(
                item_name=clean_name(bare) or text,
                brand=find_brand(bare, known_brands),
                category=category,
                base_unit=contents.base_unit,
                pack_quantity=contents.pack_quantity,
                packs_per_unit=contents.packs_per_unit,
                is_pack_sure=contents.is_sure,
                confidence=answer.confidence if answer.label in _CATEGORIES else 0.0,
                model=MODEL,
                version=answer.version,
            )
        )
    return tuple(found)


def _ask(port: InferencePort, inputs: Sequence[dict[str, float]], metrics: Metrics | None) -> Iterator[Prediction]:
    started = perf_counter()
    try:
        answers = port.predict(MODEL, inputs, schema=SCHEMA)
    except SalonError as error:
        log.warning("model.failed", error=error, model=MODEL, code=error.code)
        if metrics is not None:
            metrics.count(MODEL_FAILED, model=MODEL, version=version_of(error), reason=error.code)
        yield from (Prediction(Category.OTHER.value, 0.0, MODEL, RULES) for _ in inputs)
        return
    if metrics is not None and answers:
        version = answers[0].version
        metrics.timing_ms(MODEL_LATENCY_MS, (perf_counter() - started) * 1000, model=MODEL, version=version)
        for one in answers:
            metrics.gauge(MODEL_CONFIDENCE, one.confidence, model=MODEL, version=version)
            if one.confidence < SURE:
                metrics.count(MODEL_DOUBT, model=MODEL, version=version)
    yield from answers
