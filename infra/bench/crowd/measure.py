"""Messages: from the messenger's webhook to the answer in its hands, through the real functions, many at once.

2,000 messages of 200 people to twenty bots of two salons, as fast as the webhooks take them: `http_webhooks`, the
inbound queue, `queue_inbound`, the transactional queue, `queue_outbound`, Telegram's `sendMessage`. Every function has
several instances at the same time, each a process of its own. Deliveries are shuffled between people, a tenth of them
comes twice, half of these at the same moment; the queues keep no order and hand over one message in twenty twice. The
queues and the messenger are doubles in the bench's own process, which shares the cores. Afterwards the database and the
messenger are asked, apart from each other, whether anything was lost, doubled, or answered out of order.

`messages.per_core` is what the functions' processes and PostgreSQL's together answer in a second of one core's work:
messages ÷ their CPU time, whatever else the machine does. `messages.rate` is by the clock, doubles and all.
"""

from __future__ import annotations

from infra.bench.crowd.plan import Crowd, plan
from infra.bench.crowd.salons import furnish
from infra.bench.crowd.serving import FLEET, Served, serve_crowd
from infra.bench.crowd.verdict import Findings, judge_answers, judge_books, read_books
from infra.bench.figures import Figure, Measured
from infra.bench.salon import MASTER_KEYS, Server, autocommit, postgres_seconds

QUESTIONS = 10
REPEATED = 0.1
TEMPLATE = "crowd"


def measure(server: Server, *, people: int) -> Measured:
    """Serve a crowd of so many people, each of whom writes ten times."""
    accounts = server.template(TEMPLATE, furnish)
    with server.copy_of(TEMPLATE, accounts, "messages") as place:
        crowd = plan(place.world, people=people, questions=QUESTIONS, repeated=REPEATED)
        variables = {"DATABASE_URL": place.url, "MASTER_KEYS": MASTER_KEYS}
        served = serve_crowd(crowd, variables, postgres_s=lambda: postgres_seconds(place.owner_url))
        answers = judge_answers(crowd, served.messenger.answers)
        with autocommit(place.owner_url) as owner:
            books = judge_books(crowd, read_books(owner))
    return Measured([*_figures(crowd, served), *_faults(answers, books)], _notes(crowd, served, answers, books))


def _figures(crowd: Crowd, served: Served) -> list[Figure]:
    number = crowd.messages
    core_s = served.functions_s + (served.postgres_s or 0.0)
    instances = sum(FLEET.values())
    figures = [
        Figure(name="messages.rate", measured=number / served.seconds, unit="1/s", peer=f"{instances} instances"),
        Figure(
            name="messages.per_core",
            measured=number / core_s,
            unit="1/s",
            peer="functions and PostgreSQL" if served.postgres_s else "functions alone",
        ),
        Figure(name="messages.accepted", measured=number / served.accepted_seconds, unit="1/s", peer="by the webhooks"),
    ]
    for name, worked in served.worked.items():
        cost_ms = sum(one.cpu_s for one in worked) / number * 1000
        figures.append(Figure(name=f"messages.{name}.cpu", measured=cost_ms, unit="ms"))
    if served.postgres_s:
        figures.append(Figure(name="messages.postgres_cpu", measured=served.postgres_s / number * 1000, unit="ms"))
    memory = max(one.memory_mb for worked in served.worked.values() for one in worked)
    return [*figures, Figure(name="messages.memory", measured=memory, unit="MB", target=512.0)] if memory else figures


def _faults(answers: Findings, books: Findings) -> list[Figure]:
    kinds = [
        (f"messages.{kind.replace(' ', '_')}", answers.counts[kind]) for kind in ("lost", "doubled", "out of order")
    ]
    kinds.append(("messages.other_faults", answers.counts["foreign"] + books.counts.total()))
    return [Figure(name=name, measured=float(count), unit="", target=0.0) for name, count in kinds]


def _notes(crowd: Crowd, served: Served, answers: Findings, books: Findings) -> list[str]:
    fleet = ", ".join(f"{number} {name}" for name, number in FLEET.items())
    notes = [
        f"{crowd.messages} messages of {len(crowd.chats)} people, {crowd.deliveries} deliveries; {fleet}",
        f"refused and repeated: {sum(served.refused.values())}; queue messages: {dict(served.nudges)}",
    ]
    if not served.is_finished:
        notes.append("it did not come to rest: what was missing when the patience ended is counted as lost")
    notes += [f"wrong: {found}" for found in (answers, books) if found.counts]
    notes += [f"raised: {what}" for what in served.raised[:3]]
    return notes
