import { type Ref, useImperativeHandle, useRef, useState } from "react";
import { Link } from "react-router";
import { ApiError } from "../../api/errors";
import type { ConfirmWords, Invoice, InvoiceLine } from "../../api/invoices";
import type { Location } from "../../api/stock";
import { useAction } from "../../hooks/useAction";
import { showDay, showMoment } from "../../lib/dates";
import { showMoney } from "../../lib/money";
import { plural } from "../../lib/plural";
import { checkSums } from "../../lib/sums";
import { Badge, Button, Failure, INPUT } from "../ui";
import { needsAttention } from "./attention";

export interface EndingHandle {
  confirm: () => void;
}

interface Props {
  invoice: Invoice;
  locations: readonly Location[];
  pending: number;
  handle: Ref<EndingHandle>;
  goTo: (line: InvoiceLine) => void;
  /** There is no location yet: the form that adds one. */
  askForPlace: () => void;
  confirm: (words: ConfirmWords) => Promise<void>;
  discard: () => Promise<void>;
  reverse: (despiteCount: boolean) => Promise<void>;
  /** Begin anew with what was read. */
  draftAgain: () => Promise<void>;
}

const NAMED = 5;
const amountOf = (line: Invoice["lines"][number]) => line.sum_with_vat_minor ?? line.sum_minor;

function Sums({ invoice }: { invoice: Invoice }) {
  const check = checkSums(invoice.lines.map(amountOf), invoice.total_minor);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <span className="tabular-nums">
        Строки: <b className="font-semibold">{showMoney(check.sumMinor)}</b>
      </span>
      <span className="tabular-nums">
        Итог: <b className="font-semibold">{showMoney(invoice.total_minor)}</b>
      </span>
      {check.gapMinor === 0 && <Badge tone="good">сходится</Badge>}
      {check.gapMinor !== null && check.gapMinor !== 0 && (
        <Badge tone="bad">расходится на {showMoney(Math.abs(check.gapMinor))}</Badge>
      )}
      {check.gapMinor === null && <Badge tone="warn">не с чем сверить</Badge>}
    </div>
  );
}

/** Some of it was counted since its day: what is known of that, and a word that it was counted without these goods. */
function Counted({ counted, agreed, agree, tick }: {
  counted: Invoice["counted"];
  agreed: boolean;
  agree: (agreed: boolean) => void;
  tick: Ref<HTMLInputElement>;
}) {
  const [first] = counted;
  if (!first) return null;
  const names = counted.slice(0, NAMED).map((one) => one.name);
  const rest = counted.length - names.length;
  return (
    <span className="grid gap-1">
      <span>
        Эти товары{" "}
        <Link to={`/counts/${first.count_id}`} className="font-semibold underline underline-offset-4">
          пересчитали {showDay(first.counted_on)}
        </Link>
        , а накладная не новее: {names.join(", ")}
        {rest > 0 && ` и ещё ${plural(rest, "товар", "товара", "товаров")}`}. Если то, что в ней, тогда уже стояло на полке,
        остаток удвоится: сначала отмените пересчёт.
      </span>
      <label className="flex items-start gap-2 font-semibold">
        <input
          ref={tick}
          type="checkbox"
          className="mt-1 size-4"
          checked={agreed}
          onChange={(event) => agree(event.target.checked)}
        />
        Когда считали, этого товара ещё не было
      </label>
    </span>
  );
}

/** The sums against the total, and how the draft ends: into the stock, or not. */
export function Ending({ invoice, locations, pending, handle, goTo, askForPlace, ...acts }: Props) {
  const [chosen, setPlace] = useState(invoice.location_id);
  const place = chosen ?? locations[0]?.id ?? null;
  const [asks, setAsks] = useState<"nothing" | "consent" | "discard" | "reverse">("nothing");
  const open = invoice.lines.filter(needsAttention);
  const check = checkSums(invoice.lines.map(amountOf), invoice.total_minor);
  const differs = check.gapMinor !== null && check.gapMinor !== 0;
  const twin = invoice.duplicate_of;
  const counted = invoice.counted.filter((one) => one.location_id === place);
  const [agreedAt, setAgreedAt] = useState<string | null>(null);
  const isAgreed = agreedAt === place;
  const tick = useRef<HTMLInputElement>(null);
  const confirm = useAction(async () => {
    const isCountKnown = counted.length > 0 && isAgreed;
    const words = { despite_duplicate: twin !== null, despite_difference: differs, despite_count: isCountKnown };
    if (place === null) return;
    await acts.confirm({ location_id: place, ...words });
    setAsks("nothing");
  });
  const discard = useAction(async () => {
    await acts.discard();
    setAsks("nothing");
  });
  const reverse = useAction(async (despiteCount: boolean) => {
    await acts.reverse(despiteCount);
    setAsks("nothing");
  });
  const isCounted = reverse.error instanceof ApiError && reverse.error.problem.code === "INVOICE_COUNTED";
  const again = useAction(acts.draftAgain);
  const firstOpen = open[0];
  const tryConfirm = () => {
    if (invoice.status !== "draft" || confirm.busy) return;
    if (firstOpen) goTo(firstOpen);
    else if (place === null) askForPlace();
    else if ((differs || twin !== null || counted.length > 0) && asks !== "consent") setAsks("consent");
    else if (counted.length > 0 && !isAgreed) tick.current?.focus();
    else void confirm.run();
  };
  useImperativeHandle(handle, () => ({ confirm: tryConfirm }));

  if (invoice.status !== "draft") {
    return (
      <div className="grid gap-2">
        <Sums invoice={invoice} />
        <div className="flex flex-wrap items-center gap-3">
          {invoice.status === "confirmed" && (
            <>
              <p className="flex-1 text-good">Проведена {showMoment(invoice.closed_at)}. Остатки на складе обновились.</p>
              {asks === "reverse" ? (
                <>
                  <span>Отменить приход целиком?</span>
                  <Button look="danger" busy={reverse.busy} onClick={() => void reverse.run(isCounted)}>
                    {isCounted ? "Всё равно отменить" : "Да, отменить"}
                  </Button>
                  <Button
                    onClick={() => {
                      reverse.forget();
                      setAsks("nothing");
                    }}
                  >
                    Нет
                  </Button>
                </>
              ) : (
                <Button look="danger" onClick={() => setAsks("reverse")}>
                  Отменить приход
                </Button>
              )}
            </>
          )}
          {invoice.status === "reversed" && (
            <p className="flex-1 text-soft">Приход отменён {showMoment(invoice.closed_at)}.</p>
          )}
          {invoice.status === "discarded" && (
            <p className="flex-1 text-soft">Отклонена {showMoment(invoice.closed_at)}.</p>
          )}
          {invoice.status !== "confirmed" && (
            <Button busy={again.busy} onClick={() => void again.run()}>
              Завести черновик заново
            </Button>
          )}
        </div>
        <Failure error={reverse.error ?? again.error} />
      </div>
    );
  }
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Sums invoice={invoice} />
        <span role="status" className={`text-sm text-soft ${pending > 0 ? "" : "max-sm:sr-only"}`}>
          {pending > 0 ? "Сохраняем…" : "Всё сохранено"}
        </span>
      </div>
      {asks === "consent" && (
        <div role="alert" className="grid gap-1 rounded-xl bg-warn-bg px-3 py-2 text-warn">
          <Counted
            counted={counted}
            agreed={isAgreed}
            agree={(agreed) => setAgreedAt(agreed ? place : null)}
            tick={tick}
          />
          <p>
            {twin !== null && (
              <>
                Похоже, такая накладная{" "}
                <Link to={`/invoices/${twin}`} className="font-semibold underline underline-offset-4">
                  уже есть
                </Link>
                .{" "}
              </>
            )}
            {differs && "Строки не сходятся с итогом. "}
            Если всё верно, нажмите «Провести» ещё раз.
          </p>
        </div>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {locations.length === 0 && (
          <p className="basis-full text-warn">
            Чтобы провести,{" "}
            <button type="button" className="font-semibold underline underline-offset-4" onClick={askForPlace}>
              добавьте филиал
            </button>
            .
          </p>
        )}
        {locations.length > 1 && (
          <select aria-label="Куда приходуем" className={`${INPUT} max-w-48 py-2`} value={place ?? ""} onChange={(event) => setPlace(event.target.value)}>
            {locations.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
        <Button look="primary" busy={confirm.busy} onClick={tryConfirm} title="Ctrl+Enter">
          {firstOpen ? `Осталось: ${plural(open.length, "строка", "строки", "строк")}` : "Провести"}
        </Button>
        {asks === "discard" ? (
          <>
            <span>Отклонить?</span>
            <Button look="danger" busy={discard.busy} onClick={() => void discard.run()}>
              Да
            </Button>
            <Button onClick={() => setAsks("nothing")}>Нет</Button>
          </>
        ) : (
          <Button onClick={() => setAsks("discard")}>Отклонить</Button>
        )}
        <span className="ml-auto hidden text-xs text-soft lg:inline">
          <kbd>Enter</kbd> дальше, <kbd>Alt+↓</kbd> ниже, <kbd>Ctrl+Enter</kbd> провести
        </span>
      </div>
      <Failure error={confirm.error ?? discard.error} />
    </div>
  );
}
