import { type SyntheticEvent, useCallback, useState } from "react";
import { Link, useParams } from "react-router";
import { ApiError } from "../api/errors";
import {
  type Batch,
  listBatches,
  listItems,
  listLocations,
  listMinimums,
  listMovements,
  listOnHand,
  type Location,
  type Minimum,
  type Movement,
  setMinimum,
  type Undone,
  undoMovement,
  undoneOf,
} from "../api/stock";
import { type Act, amountOf, type Lot, MoveStock, StockActs } from "../components/MoveStock";
import { More } from "../components/More";
import { Button, Card, Empty, Failure, Field, PageTitle, Waiting } from "../components/ui";
import { useAction } from "../hooks/useAction";
import { useLoad } from "../hooks/useLoad";
import { usePages } from "../hooks/usePages";
import { useTitle } from "../hooks/useTitle";
import { showDay, showMoment } from "../lib/dates";
import { editDecimal, parseDecimal, showDecimal, toWire } from "../lib/decimal";
import { showMoney } from "../lib/money";
import { categoryWords, movementWords, reasonWords, unitWords } from "../lib/words";

async function load(itemId: string) {
  const [items, locations, onHand, minimums, batches] = await Promise.all([
    listItems(),
    listLocations(),
    listOnHand(),
    listMinimums(),
    listBatches(itemId),
  ]);
  const item = items.find((one) => one.id === itemId);
  return {
    item,
    locations,
    onHand: onHand.filter((one) => one.item_id === itemId),
    minimums: minimums.filter((one) => one.item_id === itemId),
    batches,
  };
}

function MinimumForm({ itemId, unit, place, known, saved }: {
  itemId: string;
  unit: string;
  place: Location;
  known: Minimum | undefined;
  saved: () => void;
}) {
  const [minimum, setLow] = useState(editDecimal(known?.minimum));
  const [target, setTarget] = useState(editDecimal(known?.target));
  const [low, high] = [parseDecimal(minimum), parseDecimal(target)];
  const wrong = low === null || high === null ? "Нужны два числа" : high < low ? "«Закупать до» не меньше минимума" : null;
  const save = useAction(async () => {
    if (low === null || high === null) return;
    await setMinimum({ item_id: itemId, location_id: place.id, minimum: toWire(low), target: toWire(high) });
    saved();
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (wrong === null) void save.run();
  };
  return (
    <form onSubmit={submit} className="grid grid-cols-2 items-end gap-3 sm:grid-cols-[1fr_1fr_auto]">
      <Field label={`Минимум, ${unitWords(unit)}`} inputMode="decimal" value={minimum} onChange={(event) => setLow(event.target.value)} />
      <Field label={`Закупать до, ${unitWords(unit)}`} inputMode="decimal" value={target} onChange={(event) => setTarget(event.target.value)} />
      <Button type="submit" busy={save.busy} disabled={wrong !== null} title={wrong ?? undefined} className="col-span-2 sm:col-span-1">
        Сохранить
      </Button>
      <div className="col-span-full">
        <Failure error={save.error} />
      </div>
    </form>
  );
}

const LINK = "font-semibold text-accent underline underline-offset-4";

/** Takes a whole transfer or write-off back, with a reason. */
function Undo({ what, movement, undone }: { what: Undone; movement: Movement; undone: () => void }) {
  const [reason, setReason] = useState<string | null>(null);
  const act = useAction(async (despiteCount: boolean) => {
    await undoMovement(what, movement.source_id, (reason ?? "").trim(), despiteCount);
    undone();
  });
  const isCounted = act.error instanceof ApiError && act.error.problem.code === "MOVED_AND_COUNTED";
  const name = what === "transfer" ? "перемещение" : "списание";
  if (reason === null) {
    return (
      <button type="button" className={`${LINK} text-sm`} onClick={() => setReason("")}>
        Отменить {name}
      </button>
    );
  }
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (reason.trim()) void act.run(isCounted);
  };
  return (
    <form onSubmit={submit} className="mt-2 grid max-w-sm gap-2">
      <Field
        label={`Почему отменяем ${name} целиком`}
        required
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <Failure error={act.error} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="danger" busy={act.busy}>
          {isCounted ? "Всё равно отменить" : "Да, отменить"}
        </Button>
        <Button
          onClick={() => {
            act.forget();
            setReason(null);
          }}
        >
          Нет
        </Button>
      </div>
    </form>
  );
}

/** What is left of each batch at a location, the first to expire first. */
function Batches({ batches, unit }: { batches: readonly Batch[]; unit: string }) {
  if (batches.length === 0) return null;
  return (
    <ul aria-label="Партии" className="grid gap-1 text-sm">
      {batches.map((one) => (
        <li key={one.batch_id} className="flex flex-wrap justify-between gap-x-4">
          <span className="text-soft">
            {[one.lot && `партия ${one.lot}`, one.expires_on && `годен до ${showDay(one.expires_on)}`]
              .filter(Boolean)
              .join(", ")}
          </span>
          <span className="tabular-nums">
            {one.quantity === null ? "идёт пересчёт" : `${showDecimal(one.quantity)} ${unitWords(unit)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface HistoryProps {
  itemId: string;
  unit: string;
  places: ReadonlyMap<string, string>;
  /** Something was taken back: there is another quantity now. */
  changed: () => void;
}

function History({ itemId, unit, places, changed }: HistoryProps) {
  const movements = usePages(useCallback((cursor: string | null) => listMovements(itemId, cursor), [itemId]));
  const rows = movements.items;
  if (!rows) return movements.error ? <Failure error={movements.error} again={movements.reload} /> : <Waiting />;
  if (rows.length === 0) return <Empty>Движений ещё не было.</Empty>;
  return (
    <Card className="overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">Движения товара</caption>
        <thead className="text-left text-sm text-soft">
          <tr>
            <th scope="col" className="pr-3 pb-2 font-normal">Когда</th>
            <th scope="col" className="pr-3 pb-2 font-normal">Что</th>
            <th scope="col" className="pr-3 pb-2 text-right font-normal">Количество</th>
            <th scope="col" className="pb-2 text-right font-normal max-sm:hidden">Сумма</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const what = undoneOf(row);
            return (
              <tr key={row.id} className="border-t border-line align-top">
                <td className="py-2.5 pr-3 whitespace-nowrap text-soft">{showMoment(row.occurred_at)}</td>
                <td className="py-2.5 pr-3">
                  {row.source_kind === "invoice_draft" ? (
                    <Link to={`/invoices/${row.source_id}`} className="hover:text-accent hover:underline">
                      {movementWords(row.kind)} по накладной
                    </Link>
                  ) : (
                    movementWords(row.kind)
                  )}
                  <span className="block text-sm text-soft">
                    {[
                      places.size > 1 ? places.get(row.location_id) : null,
                      row.kind === "write_off" && row.reason ? reasonWords(row.reason) : null,
                      row.note,
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                  {row.is_reversed && <span className="block text-sm text-soft">отменено</span>}
                  {what !== null && (
                    <Undo
                      what={what}
                      movement={row}
                      undone={() => {
                        movements.reload();
                        changed();
                      }}
                    />
                  )}
                </td>
                <td className={`py-2.5 pr-3 text-right font-medium whitespace-nowrap tabular-nums ${row.quantity === null || row.quantity.startsWith("-") ? "" : "text-good"}`}>
                  {row.quantity === null ? (
                    "идёт пересчёт"
                  ) : (
                    <>
                      {row.quantity.startsWith("-") ? "" : "+"}
                      {showDecimal(row.quantity)} {unitWords(unit)}
                    </>
                  )}
                </td>
                <td className="py-2.5 text-right tabular-nums max-sm:hidden">{showMoney(row.value_minor)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <More of={movements} text="Показать раньше" />
    </Card>
  );
}

export function ItemPage() {
  const { itemId = "" } = useParams();
  const stock = useLoad(useCallback(() => load(itemId), [itemId]));
  const [moving, setMoving] = useState<{ placeId: string; act: Act } | null>(null);
  useTitle(stock.data?.item?.name ?? "Товар");
  if (!stock.data) return stock.error ? <Failure error={stock.error} again={stock.reload} /> : <Waiting />;
  const { item, locations, onHand, minimums, batches } = stock.data;
  if (!item) return <Empty>Такого товара нет, или он в архиве.</Empty>;
  const places = new Map(locations.map((one) => [one.id, one.name]));
  const lotAt = (placeId: string): Lot => ({
    itemId,
    locationId: placeId,
    name: item.name,
    unit: item.base_unit,
    quantity: (onHand.find((one) => one.location_id === placeId) ?? { quantity: "0" }).quantity,
  });
  const about = [categoryWords(item.category), item.brand, item.sku && `артикул ${item.sku}`].filter(Boolean).join(" · ");
  return (
    <div className="mx-auto grid max-w-3xl gap-5">
      <div>
        <Link to="/stock" className="text-soft hover:text-ink">
          ← Склад
        </Link>
        <PageTitle>{item.name}</PageTitle>
        {about && <p className="text-soft">{about}</p>}
      </div>
      {locations.map((place) => {
        const lot = lotAt(place.id);
        const minimum = minimums.find((one) => one.location_id === place.id);
        return (
          <Card key={place.id} aria-label={place.name} className="grid gap-4">
            <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
              <h2 className="flex-1 text-lg font-semibold">{place.name}</h2>
              <span className="flex gap-4 max-sm:order-last max-sm:basis-full max-sm:empty:hidden">
                <StockActs lot={lot} locations={locations} choose={(act) => setMoving({ placeId: place.id, act })} />
              </span>
              <span className="text-xl font-semibold tabular-nums">
                {amountOf(lot)}
              </span>
            </div>
            <Batches batches={batches.filter((one) => one.location_id === place.id)} unit={item.base_unit} />
            <MinimumForm itemId={item.id} unit={item.base_unit} place={place} known={minimum} saved={stock.reload} />
          </Card>
        );
      })}
      <section aria-labelledby="history" className="grid gap-2">
        <h2 id="history" className="text-lg font-semibold">
          Движения
        </h2>
        <History
          key={onHand.map((one) => one.quantity).join()}
          itemId={item.id}
          unit={item.base_unit}
          places={places}
          changed={stock.reload}
        />
      </section>
      {moving && (
        <MoveStock
          act={moving.act}
          lot={lotAt(moving.placeId)}
          locations={locations}
          close={() => setMoving(null)}
          changed={stock.reload}
        />
      )}
    </div>
  );
}
