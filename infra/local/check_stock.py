"""The second half of `make demo-check`: an invoice photographed at the front desk becomes stock, and a visit uses it.

Everything is done as people do it: in the messenger, and in the console's own API with a password. What the sample
invoice says is `tests/support/documents/demo_invoice.json`, written by whatever has drawn the picture.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx

from infra.local.checking import CheckFailed, require, wait_until
from infra.local.demo_people import OWNER_EMAIL
from infra.local.localstack.server import PROJECT
from infra.local.salon_cloud import SalonCloud
from salon.integrations.telegram.fake import Message
from salon.inventory.ledger.use_cases import verify_ledger
from salon.platform.ids import new_id

TRUTH = PROJECT / "tests" / "support" / "documents" / "demo_invoice.json"
PLACE = "Берёзка на Придуманной"
COMES_IN = {
    "Крем-краска Vestrana 7.1 русый пепельный": Decimal(720),
    "Крем-краска Vestrana 8.0 светло-русый": Decimal(720),
    "Оксидант Vestrana 6%": Decimal(3000),
    "Шампунь Vestrana Pure для окрашенных волос": Decimal(2000),
    "Перчатки нитриловые чёрные M": Decimal(400),
}
"""Of the goods that the demo salon knows, in base units; the box is twelve tubes, the pack a hundred gloves."""
NEW_COMES_IN = Decimal(60)
"""Of the one that it does not know: six bottles of 10 ml."""
SERVICE = "Маникюр с покрытием"
USES = {
    "Гель-лак Naelys №001": Decimal("0.6"),
    "База каучуковая Naelys": Decimal("0.4"),
    "Пилка одноразовая": Decimal(1),
    "Перчатки нитриловые чёрные M": Decimal(2),
}
"""By the norms of `shared/demo/stock.json`."""
RUNS_OUT = "База каучуковая"
"""There was exactly the minimum of it."""
READ_WITHIN_S = 120.0
TOLD_WITHIN_S = 60.0
Shelf = dict[str, Decimal]
_Found = TypeVar("_Found")


class Console:
    """The owner at the console: signs in, and does what the pages do."""

    def __init__(self, salon: SalonCloud) -> None:
        require(salon.people is not None, "nobody of the salon has a password")
        self._http = httpx.Client(base_url=salon.cloud.http_url, trust_env=False, timeout=60)
        password = salon.people.password if salon.people is not None else ""
        signed_in = self.change("POST", "/v1/login", {"email": OWNER_EMAIL, "password": password})
        self._http.headers["Authorization"] = f"Bearer {signed_in['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def read(self, path: str, **query: str) -> Any:
        """What the API answers."""
        return _answer(self._http.get(path, params=query))

    def change(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """What the API answers to a change."""
        return _answer(self._http.request(method, path, json=body, headers={"Idempotency-Key": str(new_id())}))

    def disturb_at_night(self) -> None:
        """No quiet hours: the check may be played at any time of the day, and waits for what they would put off."""
        business = self.read("/admin/v1/tenant")
        self.change("PUT", "/admin/v1/tenant", {**business, "quiet_hours": {"start_min": 0, "end_min": 0}})

    def location(self) -> str:
        """The id of the salon where the goods are."""
        return next(str(each["id"]) for each in self.read("/admin/v1/locations")["items"] if each["name"] == PLACE)

    def shelf(self, location_id: str) -> Shelf:
        """What lies there, by name."""
        found = self.read("/admin/v1/stock/on-hand", location_id=location_id)["items"]
        return {each["name"]: Decimal(each["quantity"]) for each in found}

    def invoices(self) -> list[dict[str, Any]]:
        """Every invoice, the latest first."""
        found: list[dict[str, Any]] = self.read("/admin/v1/invoices")["items"]
        return found


def play_invoice(salon: SalonCloud) -> None:
    """Photograph, draft, correct, confirm, and photograph once more: one invoice, one receipt."""
    with Console(salon) as console:
        place = console.location()
        before = console.shelf(place)
        known = {each["id"] for each in console.invoices()}
        _photograph(salon, expecting="Черновик накладной ждёт")
        (invoice_id,) = {each["id"] for each in console.invoices()} - known
        require(console.shelf(place) == before, "nothing may reach the stock before somebody confirms it")
        invoice = console.read(f"/admin/v1/invoices/{invoice_id}")
        check_reading(invoice)
        _look_at_the_picture(invoice)
        settled = settle(console, invoice)
        new = next(line["proposal"]["name"] for line in settled["lines"] if line["takes_new"])
        agreed = {"version": settled["version"], "location_id": place}
        confirmed = console.change("POST", f"/admin/v1/invoices/{invoice_id}/confirm", agreed)
        require(confirmed["status"] == "confirmed", f"the invoice is {confirmed['status']}")
        _require_change(before, console.shelf(place), {**COMES_IN, new: NEW_COMES_IN})
        _photograph(salon, expecting="у меня уже есть")
        require(len(console.invoices()) == len(known) + 1, "the same photograph has made another draft")
        jobs = console.read("/v1/jobs")["jobs"]
        require(jobs[0]["same_as"] == jobs[1]["id"], f"the second photograph is a job of its own: {jobs[:2]}")
    check_ledger(salon)


def play_visit(salon: SalonCloud) -> None:
    """A visit of the demo's past is opened and completed again: what it uses leaves the shelf, and the owner hears."""
    owner = salon.owner_person
    seen = max((message.message_id for message in salon.fake.chat_of(owner).messages), default=0)
    with Console(salon) as console:
        console.disturb_at_night()
        place = console.location()
        before = console.shelf(place)
        visit = f"/admin/v1/bookings/{_past_visit(salon)}"
        console.change("PATCH", visit, {"status": "confirmed"})
        console.change("PATCH", visit, {"status": "completed"})
        used = {name: -quantity for name, quantity in USES.items()}
        wait_until(lambda: _require_change(before, console.shelf(place), used), TOLD_WITHIN_S)
    _heard(lambda: salon.fake.wait_for_message(owner, RUNS_OUT, after=seen, timeout_s=TOLD_WITHIN_S))
    check_ledger(salon)


def check_reading(invoice: Mapping[str, Any]) -> None:
    """Compare a draft with what the paper says: its head, and the figures of every line."""
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    day = ".".join(reversed(invoice["issued_on"].split("-")))
    head = (invoice["number"], day, invoice["supplier_inn"], invoice["total_minor"])
    told = (truth["number"], truth["date"], truth["supplier"]["inn"], _minor(truth["total"]))
    require(head == told, f"the head reads {head}, and the paper says {told}")
    read = [(Decimal(line["quantity"]), line["sum_minor"], line["sum_with_vat_minor"]) for line in invoice["lines"]]
    says = [(Decimal(str(one["qty"])), _minor(one["sum"]), _minor(one["sum_vat"])) for one in truth["items"]]
    require(read == says, f"the lines read {read}, and the paper says {says}")


def settle(console: Console, invoice: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer what a draft asks, as a person would: take the item that it offers, or agree to a new one."""
    one = f"/admin/v1/invoices/{invoice['id']}"
    for line in [each for each in invoice["lines"] if each["questions"]]:
        path, version = f"{one}/lines/{line['id']}", invoice["version"]
        if line["item"] is None and not line["candidates"]:
            invoice = console.change("POST", f"{path}/accept", {"version": version})
            continue
        plain = ("name", "unit", "quantity", "price", "sum_minor", "vat_rate", "vat_minor", "sum_with_vat_minor")
        chosen = line["item"] or line["candidates"][0]
        body = {name: line[name] for name in plain} | {name: chosen[name] for name in ("item_id", "base_per_unit")}
        invoice = console.change("PUT", path, {**body, "version": version})
    asked = {line["position"]: line["questions"] for line in invoice["lines"] if line["questions"]}
    require(not asked, f"the draft still asks {asked}")
    return invoice


def check_ledger(salon: SalonCloud) -> None:
    """Prove the ledger, as `python -m salon.inventory verify` does."""
    if salon.salon is None:
        raise CheckFailed("the demo salon is not loaded")
    database = salon.database()
    try:
        with database.read(salon.salon.tenant_id) as session:
            verdict = verify_ledger(session)
    finally:
        database.engine.dispose()
    require(verdict.broken is None, f"the ledger does not hold: {verdict.broken}")
    require(verdict.head.seq > 0, "the ledger is empty")


def _photograph(salon: SalonCloud, *, expecting: str) -> Message:
    sent = salon.fake.send_photo(salon.desk_person, salon.invoice_photo.read_bytes())
    return _heard(
        lambda: salon.fake.wait_for_message(
            salon.desk_person, expecting, after=sent.message_id, timeout_s=READ_WITHIN_S
        )
    )


def _heard(wait: Callable[[], _Found]) -> _Found:
    try:
        return wait()
    except TimeoutError as error:
        raise CheckFailed(str(error)) from None


def _look_at_the_picture(invoice: Mapping[str, Any]) -> None:
    """By the address that the page of the draft shows beside the fields."""
    picture = httpx.get(invoice["pages"][0]["url"], trust_env=False, timeout=60)
    require(picture.content.startswith(b"\xff\xd8"), f"the picture of the draft cannot be seen: {picture.status_code}")


def _past_visit(salon: SalonCloud) -> UUID:
    """A visit of the demo's past that was completed."""
    from sqlalchemy import text

    if salon.salon is None:
        raise CheckFailed("the demo salon is not loaded")
    query = (
        "SELECT b.id FROM bookings b JOIN services s ON s.id = b.service_id JOIN locations l ON l.id = b.location_id"
        " WHERE b.status = 'completed' AND s.name = :service AND l.name = :place ORDER BY b.starts_at DESC LIMIT 1"
    )
    database = salon.database()
    try:
        with database.read(salon.salon.tenant_id) as session:
            found: UUID | None = session.scalar(text(query), {"service": SERVICE, "place": PLACE})
    finally:
        database.engine.dispose()
    if found is None:
        raise CheckFailed(f"nobody had «{SERVICE}» last week")
    return found


def _require_change(before: Shelf, after: Shelf, expected: Mapping[str, Decimal]) -> None:
    names = before.keys() | after.keys()
    moved = {name: after.get(name, Decimal(0)) - before.get(name, Decimal(0)) for name in names}
    found = {name: quantity for name, quantity in moved.items() if quantity}
    require(found == dict(expected), f"the shelf changed by {_shown(found)} instead of {_shown(expected)}")


def _shown(quantities: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{name} {quantity.normalize():+f}" for name, quantity in sorted(quantities.items())) or "nothing"


def _minor(roubles: float) -> int:
    return int((Decimal(str(roubles)) * 100).to_integral_value())


def _answer(response: httpx.Response) -> Any:
    request = response.request
    require(response.is_success, f"{request.method} {request.url.path} answers {response.status_code}: {response.text}")
    return response.json()
