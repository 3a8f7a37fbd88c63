import { type SyntheticEvent, useEffect, useId, useRef, useState } from "react";
import { ApiError } from "../api/errors";
import { type Location, transferStock, WRITE_OFF_REASONS, writeOffStock, type WriteOffReason } from "../api/stock";
import { useAction } from "../hooks/useAction";
import { editDecimal, parseDecimal, showDecimal, toWire } from "../lib/decimal";
import { reasonWords, unitWords } from "../lib/words";
import { Button, Failure, Field, INPUT, Notice } from "./ui";

export type Act = "writeOff" | "transfer";

/** Where something lies, and how much of it. */
export interface Lot {
  itemId: string;
  locationId: string;
  name: string;
  unit: string;
  /** Null while it is counted blindly. */
  quantity: string | null;
}

interface Props {
  act: Act;
  lot: Lot;
  locations: readonly Location[];
  close: () => void;
  /** Something was moved, or there is less than was thought: ask again how much there is. */
  changed: () => void;
}

const isShort = (error: unknown): boolean => error instanceof ApiError && error.problem.code === "NOT_ENOUGH_STOCK";
const LINK = "font-semibold text-accent underline underline-offset-4";

/** What may be done with what lies there; nothing where nothing lies. */
export function StockActs({ lot, locations, choose }: Pick<Props, "lot" | "locations"> & { choose: (act: Act) => void }) {
  if ((parseDecimal(lot.quantity ?? "") ?? 0n) <= 0n) return null;
  return (
    <>
      <button type="button" className={LINK} aria-label={`Списать: ${lot.name}`} onClick={() => choose("writeOff")}>
        Списать
      </button>
      {locations.length > 1 && (
        <button type="button" className={LINK} aria-label={`Переместить: ${lot.name}`} onClick={() => choose("transfer")}>
          Переместить
        </button>
      )}
    </>
  );
}

export const amountOf = (lot: Lot): string =>
  lot.quantity === null ? "идёт пересчёт" : `${showDecimal(lot.quantity)} ${unitWords(lot.unit)}`;

/** What is wrong with how much is to be taken; null when nothing is. */
function wrongWith(text: string, lot: Lot): string | null {
  const wanted = parseDecimal(text);
  if (wanted === null || wanted <= 0n) return "Сколько?";
  const there = parseDecimal(lot.quantity ?? "");
  return there !== null && wanted > there ? `Здесь только ${amountOf(lot)}` : null;
}

/** Takes something out of the books, or to another location. */
export function MoveStock({ act, lot, locations, close, changed }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [reason, setReason] = useState<WriteOffReason>("expired");
  const others = locations.filter((one) => one.id !== lot.locationId);
  const [to, setTo] = useState(others[0]?.id ?? "");
  const [note, setNote] = useState("");
  const [isTried, setTried] = useState(false);
  const heading = useId();
  const choice = useId();
  const isTransfer = act === "transfer";
  const wrong = wrongWith(text, lot);
  const needsNote = !isTransfer && reason === "other";
  const send = useAction(async () => {
    const quantity = toWire(parseDecimal(text) ?? 0n);
    try {
      if (isTransfer) await transferStock(lot, to, quantity, note.trim());
      else await writeOffStock(lot, reason, quantity, note.trim());
    } catch (error) {
      if (isShort(error)) changed();
      throw error;
    }
    changed();
    close();
  });
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong === null) void send.run();
  };
  const place = locations.find((one) => one.id === lot.locationId)?.name ?? "";
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={close}
      className="m-auto w-[min(30rem,calc(100vw-1.5rem))] rounded-2xl border border-line bg-card p-5 text-ink shadow-xl backdrop:bg-night/60"
    >
      <form onSubmit={submit} className="grid gap-4">
        <div className="grid gap-1">
          <h2 id={heading} className="text-xl font-semibold">
            {isTransfer ? "Переместить" : "Списать"}: {lot.name}
          </h2>
          <p className="text-soft">
            {place}: {amountOf(lot)}
          </p>
        </div>
        <Field
          label={`Сколько, ${unitWords(lot.unit)}`}
          inputMode="decimal"
          autoComplete="off"
          value={text}
          error={isTried || parseDecimal(text) !== null ? wrong : null}
          hint={
            <button type="button" className={LINK} onClick={() => setText(editDecimal(lot.quantity))}>
              Всё, что есть
            </button>
          }
          onChange={(event) => setText(event.target.value)}
        />
        <div className="grid gap-1.5">
          <label htmlFor={choice} className="font-medium">
            {isTransfer ? "Куда" : "Почему"}
          </label>
          {isTransfer ? (
            <select id={choice} className={INPUT} value={to} onChange={(event) => setTo(event.target.value)}>
              {others.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          ) : (
            <select
              id={choice}
              className={INPUT}
              value={reason}
              onChange={(event) => setReason(event.target.value as WriteOffReason)}
            >
              {WRITE_OFF_REASONS.map((one) => (
                <option key={one} value={one}>
                  {reasonWords(one)}
                </option>
              ))}
            </select>
          )}
        </div>
        <Field
          label="Примечание"
          maxLength={1000}
          required={needsNote}
          hint={needsNote ? "Напишите, что случилось" : "Можно не заполнять"}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {isShort(send.error) ? (
          <Notice tone="bad" role="alert">
            Столько уже нет: здесь осталось {amountOf(lot)}. Проверьте количество.
          </Notice>
        ) : (
          <Failure error={send.error} />
        )}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={() => dialog.current?.close()}>Отмена</Button>
          <Button type="submit" look="primary" busy={send.busy}>
            {isTransfer ? "Переместить" : "Списать"}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
