import { useCallback, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { listLocations, listMinimums, listOnHand, type Location, type Purchase, suggestPurchase } from "../api/stock";
import { FirstLocation } from "../components/FirstLocation";
import { type Act, MoveStock, StockActs } from "../components/MoveStock";
import { Tabs } from "../components/Tabs";
import { Badge, ButtonLink, Card, Empty, Failure, INPUT, PageTitle, Waiting } from "../components/ui";
import { useLoad } from "../hooks/useLoad";
import { useTitle } from "../hooks/useTitle";
import { showDecimal } from "../lib/decimal";
import { showMoney } from "../lib/money";
import { plural } from "../lib/plural";
import { searchNames } from "../lib/search";
import { type StockRow, stockRows } from "../lib/stock";
import { categoryWords, unitWords } from "../lib/words";

async function load() {
  const [onHand, minimums, lacking, locations] = await Promise.all([
    listOnHand(),
    listMinimums(),
    suggestPurchase(),
    listLocations(),
  ]);
  return { rows: stockRows(onHand, minimums, lacking), lacking, locations };
}

function State({ row }: { row: StockRow }) {
  if (row.state === "overdrawn") return <Badge tone="bad">Списано больше, чем пришло</Badge>;
  if (row.state === "counted") return <Badge tone="plain">Идёт пересчёт</Badge>;
  if (row.state === "low") return <Badge tone="warn">Мало</Badge>;
  return null;
}

const named = (locations: readonly Location[]) => new Map(locations.map((one) => [one.id, one.name]));

const HEAD = "pb-2 pr-3 font-normal";
const CELL = "py-2.5 pr-3 align-top";

interface TableProps {
  rows: StockRow[];
  locations: readonly Location[];
  choose: (row: StockRow, act: Act) => void;
}

function Table({ rows, locations, choose }: TableProps) {
  const places = named(locations);
  return (
    <Card className="overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">Остатки</caption>
        <thead className="text-left text-sm text-soft">
          <tr>
            <th scope="col" className={HEAD}>Товар</th>
            {places.size > 1 && <th scope="col" className={`${HEAD} max-sm:hidden`}>Филиал</th>}
            <th scope="col" className={`${HEAD} text-right`}>Остаток</th>
            <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>Минимум</th>
            <th scope="col" className={`${HEAD} text-right max-md:hidden`}>На сумму</th>
            <td className="max-lg:hidden" />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} className="border-t border-line">
              <th scope="row" className={`${CELL} text-left font-normal`}>
                <Link to={`/stock/${row.itemId}`} className="font-medium hover:text-accent hover:underline">
                  {row.name}
                </Link>
                <span className="flex flex-wrap items-center gap-2 text-sm text-soft">
                  {categoryWords(row.category)}
                  {places.size > 1 && <span className="sm:hidden">{places.get(row.locationId)}</span>}
                  <State row={row} />
                </span>
                <span className="mt-1 flex gap-4 text-sm lg:hidden">
                  <StockActs lot={row} locations={locations} choose={(act) => choose(row, act)} />
                </span>
              </th>
              {places.size > 1 && <td className={`${CELL} text-soft max-sm:hidden`}>{places.get(row.locationId)}</td>}
              <td className={`${CELL} text-right font-medium whitespace-nowrap tabular-nums`}>
                {row.quantity === null ? "—" : `${showDecimal(row.quantity)} ${unitWords(row.unit)}`}
              </td>
              <td className={`${CELL} text-right text-soft tabular-nums max-sm:hidden`}>
                {row.minimum === null ? "—" : showDecimal(row.minimum)}
              </td>
              <td className={`${CELL} text-right tabular-nums max-md:hidden`}>{showMoney(row.valueMinor)}</td>
              <td className="py-2.5 align-top max-lg:hidden">
                <span className="flex justify-end gap-4 pl-3 text-sm">
                  <StockActs lot={row} locations={locations} choose={(act) => choose(row, act)} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Buying({ lines, places }: { lines: Purchase[]; places: ReadonlyMap<string, string> }) {
  if (lines.length === 0) return <Empty>Всего хватает: ничего не опустилось ниже минимума.</Empty>;
  const total = lines.reduce<number | null>((sum, one) => (one.cost_minor == null ? sum : (sum ?? 0) + one.cost_minor), null);
  return (
    <Card>
      <ul>
        {lines.map((one) => (
          <li key={`${one.item_id} ${one.location_id}`} className="flex items-baseline gap-4 border-b border-line py-2.5 last:border-0">
            <span className="min-w-0 flex-1">
              <Link to={`/stock/${one.item_id}`} className="font-medium hover:text-accent hover:underline">
                {one.name}
              </Link>
              <span className="block text-sm text-soft">
                {places.size > 1 && `${places.get(one.location_id) ?? ""}: `}
                есть {showDecimal(one.on_hand)} из {showDecimal(one.target)} {unitWords(one.base_unit)}
              </span>
            </span>
            <span className="text-right whitespace-nowrap">
              <b className="font-semibold">{plural(one.packs, "упаковка", "упаковки", "упаковок")}</b>
              <span className="block text-sm text-soft">
                {showDecimal(one.quantity)} {unitWords(one.base_unit)}
                {one.cost_minor != null && `, около ${showMoney(one.cost_minor)}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {total !== null && <p className="border-t border-line pt-3 text-right font-semibold">Всего около {showMoney(total)}</p>}
    </Card>
  );
}

export function StockPage() {
  useTitle("Склад");
  const stock = useLoad(useCallback(() => load(), []));
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState("");
  const [moving, setMoving] = useState<{ key: string; act: Act } | null>(null);
  const [address] = useSearchParams();
  if (!stock.data) return stock.error ? <Failure error={stock.error} again={stock.reload} /> : <Waiting />;
  const { lacking, locations } = stock.data;
  const places = named(locations);
  const here = stock.data.rows.filter((row) => !place || row.locationId === place);
  const moved = stock.data.rows.find((row) => row.key === moving?.key);
  const low = here.filter((row) => row.state === "low" || row.state === "overdrawn");
  const view = address.get("view") ?? "all";
  const chosen = view === "low" ? low : here;
  const shown = query.trim() ? searchNames(chosen, query, chosen.length) : chosen;
  return (
    <div className="mx-auto grid max-w-5xl gap-4">
      <PageTitle aside={<ButtonLink to="/upload">Оприходовать накладную</ButtonLink>}>Склад</PageTitle>
      {locations.length === 0 && <FirstLocation added={stock.reload} />}
      <div className="flex flex-wrap items-center gap-3">
        <Tabs
          label="Что показать"
          name="view"
          tabs={[
            { id: "all", text: "Остатки" },
            { id: "low", text: "Мало", count: low.length },
            { id: "buy", text: "Купить", count: lacking.length },
          ]}
        />
        {locations.length > 1 && (
          <select
            aria-label="Филиал"
            className={INPUT}
            value={place}
            onChange={(event) => setPlace(event.target.value)}
          >
            <option value="">Все филиалы</option>
            {locations.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
        {view !== "buy" && (
          <input
            type="search"
            aria-label="Найти товар"
            placeholder="Найти товар"
            className={`${INPUT} min-w-44 flex-1`}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        )}
      </div>
      {view === "buy" ? (
        <Buying lines={lacking.filter((one) => !place || one.location_id === place)} places={places} />
      ) : shown.length > 0 ? (
        <Table rows={shown} locations={locations} choose={({ key }, act) => setMoving({ key, act })} />
      ) : (
        <Empty>
          {query
            ? "Ничего не нашлось."
            : view === "low"
              ? "Всего хватает."
              : "Здесь пока пусто. Загрузите накладную, и товары появятся."}
        </Empty>
      )}
      {moving && moved && (
        <MoveStock
          act={moving.act}
          lot={moved}
          locations={locations}
          close={() => setMoving(null)}
          changed={stock.reload}
        />
      )}
    </div>
  );
}
