import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { InvoiceLine, LineDetails } from "../../api/invoices";
import { inWords } from "../../api/errors";
import { showDecimal } from "../../lib/decimal";
import { differs, type FieldName, newItemOf, priceBefore, READ_AS, shownOf, type Typed, withTyped, wrongWith } from "../../lib/lines";
import { editMoney, showAmount, showMoney } from "../../lib/money";
import { lineGap, product } from "../../lib/sums";
import { confidenceWords, flagWords, sentence, unitWords } from "../../lib/words";
import { Badge, Button } from "../ui";
import { type Choice, ItemPicker, type Items } from "./ItemPicker";
import { needsAttention } from "./attention";
import { around, type Area } from "./view";

interface Props {
  line: InvoiceLine;
  items: Items;
  editable: boolean;
  save: (lineId: string, change: (details: LineDetails) => LineDetails) => Promise<void>;
  remove: (lineId: string) => Promise<void>;
  show: (field: Area | null, line: Area | null) => void;
  /** On to the field after this one. */
  onward: (from: Element) => void;
}

const AUTOSAVE_MS = 900;
const UNSURE = 0.75;
const BASE_UNITS = ["g", "ml", "pcs"] as const;
const SMALL = "min-h-9! px-3 py-1 text-sm";
const NEW_ITEM = { base_unit: "pcs", category: "", brand: "", pack_quantity: null } as const;

/** A new item counted in another unit: how much of it comes in is said anew. */
function inUnit(details: LineDetails, base_unit: (typeof BASE_UNITS)[number]): LineDetails {
  if (!details.new_item) return details;
  return { ...details, new_item: { ...details.new_item, base_unit, pack_quantity: null }, base_per_unit: null };
}

function tone(line: InvoiceLine): string {
  if (line.is_excluded) return "border-l-line opacity-75";
  if (needsAttention(line)) return "border-l-warn";
  return "border-l-good";
}

export function LineRow({ line, items, editable, save, remove, show, onward }: Props) {
  const [typed, setTyped] = useState<Typed>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [asksBatch, setAsksBatch] = useState(false);
  const sending = useRef<Typed>({});

  const send = (change: (details: LineDetails) => LineDetails) => {
    setFailure(null);
    return save(line.id, change).catch((error: unknown) => setFailure(error));
  };
  const commit = async () => {
    const ready = Object.entries(typed) as [FieldName, string][];
    const sent: Typed = {};
    for (const [field, text] of ready) {
      const isNews = differs(line, field, text) && sending.current[field] !== text;
      if (wrongWith(field, text) === null && isNews) sent[field] = text;
    }
    if (Object.keys(sent).length > 0) {
      sending.current = { ...sending.current, ...sent };
      await send((details) => withTyped(details, sent));
      sending.current = {};
    }
    // what was typed meanwhile stays, and what cannot be sent stays to be mended
    setTyped((now) =>
      Object.fromEntries(
        Object.entries(now).filter(
          ([field, text]) => wrongWith(field as FieldName, text) !== null || text !== typed[field as FieldName],
        ),
      ),
    );
  };

  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  useEffect(() => {
    if (Object.keys(typed).length === 0) return;
    const timer = window.setTimeout(() => void latest.current(), AUTOSAVE_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);

  const whole = around(Object.values(line.boxes));
  const focused = (field: FieldName) => () => {
    const name = READ_AS[field];
    show(name ? (line.boxes[name] ?? null) : null, whole);
  };
  const pick = (choice: Choice) => {
    void send((details) => {
      const plain = { ...withTyped(details, typed), is_excluded: false, new_item: null, base_per_unit: null };
      if (choice.kind === "none") return { ...plain, item_id: null, is_excluded: true };
      if (choice.kind === "item") return { ...plain, item_id: choice.itemId };
      const base = line.proposal ? newItemOf(line.proposal) : NEW_ITEM;
      return { ...plain, item_id: null, new_item: { ...base, name: choice.name } };
    });
  };
  const keyed = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    setTyped({});
  };

  const field = (name: FieldName, label: string, className: string, numeric = true, type = "text") => {
    const text = typed[name] ?? shownOf(line, name);
    const wrong = typed[name] === undefined ? null : wrongWith(name, text);
    const readAs = READ_AS[name];
    const confidence = readAs ? (line.confidence[readAs] ?? 1) : 1;
    const isDoubtful = editable && !line.is_checked && confidence < UNSURE;
    const why = readAs && confidence < 1 ? `прочитано ${confidenceWords(confidence)}` : "";
    return (
      <label className={`grid min-w-0 gap-0.5 ${className}`}>
        <span className="truncate text-xs text-soft">{label}</span>
        <input
          data-step
          data-asks={name}
          aria-label={`${label}, строка ${line.position}`}
          aria-invalid={wrong ? true : undefined}
          title={wrong ?? (why ? sentence(why) : undefined)}
          type={type}
          maxLength={name === "lot" ? 100 : undefined}
          inputMode={numeric ? "decimal" : "text"}
          autoComplete="off"
          readOnly={!editable}
          className={`w-full min-w-0 rounded-lg border px-2 py-1.5 read-only:border-transparent aria-invalid:border-bad ${
            numeric ? "text-right tabular-nums" : ""
          } ${isDoubtful ? "border-warn bg-warn-bg" : "border-line bg-card"}`}
          value={text}
          onChange={(event) => setTyped((before) => ({ ...before, [name]: event.target.value }))}
          onFocus={(event) => {
            focused(name)();
            if (numeric && editable) event.target.select();
          }}
          onBlur={() => void commit()}
        />
        {wrong && <span className="text-xs text-bad">{wrong}</span>}
      </label>
    );
  };

  const gap = lineGap({ quantity: line.quantity, price: line.price, sumMinor: line.sum_minor });
  const counted = product(line.quantity, line.price);
  const unit = line.item ? line.item.base_unit : line.takes_new ? line.proposal?.base_unit : undefined;
  const isByHand = editable && line.read === null;
  const hasNotes = line.flags.length > 0 || (gap ?? 0) !== 0 || isByHand;
  const check = () => void send((details) => ({ ...withTyped(details, typed), is_checked: true }));
  const paid = priceBefore(line);
  const showsBatch = asksBatch || line.lot !== "" || line.expires_on !== null;
  const isNew = line.takes_new && line.item === null && !line.is_excluded;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape in any of its fields
    <li
      id={`line-${line.id}`}
      data-line={line.position}
      className={`grid gap-2 rounded-xl border border-l-4 border-line bg-card p-3 ${tone(line)}`}
      onKeyDown={keyed}
    >
      <div className="grid grid-cols-6 gap-2 @2xl:grid-cols-[5.5rem_4.5rem_repeat(3,minmax(0,1fr))]">
        {field("name", `${line.position}. Название в документе`, "col-span-full", false)}
        {field("quantity", "Кол-во", "col-span-2 @2xl:col-span-1")}
        {field("unit", "Ед.", "col-span-1 @2xl:col-span-1", false)}
        {field("price", "Цена, ₽", "col-span-3 @2xl:col-span-1")}
        {field("sum", "Сумма, ₽", `${line.sum_with_vat_minor === null ? "col-span-6" : "col-span-3"} @2xl:col-span-1`)}
        {line.sum_with_vat_minor !== null && field("sumVat", "С НДС, ₽", "col-span-3 @2xl:col-span-1")}
      </div>
      <div className="flex flex-wrap items-center justify-end gap-x-2 gap-y-1">
        <span aria-hidden="true" className="text-soft">
          →
        </span>
        <ItemPicker line={line} items={items} pick={pick} disabled={!editable} focused={focused("name")} />
        {isNew && <Badge tone="plain">новый товар</Badge>}
        {!line.is_excluded && unit && (
          <span className="flex items-center gap-1.5 text-sm whitespace-nowrap">
            <span className="text-soft">1 {line.unit || "ед."} =</span>
            <input
              data-step
              data-asks="base_quantity"
              aria-label={`Сколько ${unitWords(unit)} в одной единице, строка ${line.position}`}
              inputMode="decimal"
              autoComplete="off"
              readOnly={!editable}
              className={`w-20 rounded-lg border px-2 py-1 text-right tabular-nums ${line.base_per_unit === null ? "border-warn bg-warn-bg" : "border-line bg-card"}`}
              value={typed.perUnit ?? shownOf(line, "perUnit")}
              onChange={(event) => setTyped((before) => ({ ...before, perUnit: event.target.value }))}
              onFocus={focused("name")}
              onBlur={() => void commit()}
            />
            {isNew && editable ? (
              <select
                data-step
                aria-label={`В чём вести учёт, строка ${line.position}`}
                className="rounded-lg border border-line bg-card px-1 py-1"
                value={unit}
                onChange={(event) => {
                  const base = BASE_UNITS.find((one) => one === event.target.value);
                  if (base) void send((details) => inUnit(withTyped(details, typed), base));
                }}
              >
                {BASE_UNITS.map((one) => (
                  <option key={one} value={one}>
                    {unitWords(one)}
                  </option>
                ))}
              </select>
            ) : (
              <span className="text-soft">{unitWords(unit)}</span>
            )}
            {line.base_quantity !== null && (
              <b className="font-semibold tabular-nums">
                придёт {showDecimal(line.base_quantity)} {unitWords(unit)}
              </b>
            )}
          </span>
        )}
        {editable && !showsBatch && !line.is_excluded && (
          <button
            type="button"
            aria-label={`Указать партию и срок, строка ${line.position}`}
            className="text-sm text-accent underline underline-offset-4"
            onClick={() => setAsksBatch(true)}
          >
            партия, срок
          </button>
        )}
      </div>
      {showsBatch && (
        <div className="grid grid-cols-2 gap-2 @2xl:justify-self-end">
          {field("lot", "Партия", "", false)}
          {field("expires", "Годен до", "", false, "date")}
        </div>
      )}
      {hasNotes && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
          <p className={`min-w-48 flex-1 ${line.is_checked ? "text-soft" : "text-warn"}`}>
            {sentence(line.flags.map(flagWords).join("; "))}
            {line.flags.includes("price_jumped") && paid && (
              <>
                {": "}
                <span className="whitespace-nowrap">
                  было <b className="font-semibold tabular-nums">{showMoney(paid.before)}</b> за {line.unit || "ед."}
                </span>
                , стало <b className="font-semibold whitespace-nowrap tabular-nums">{showMoney(paid.now)}</b>
              </>
            )}
            {gap !== null && gap !== 0 && counted !== null && (
              <>
                {line.flags.length > 0 ? ". " : ""}
                По расчёту {showAmount(counted)}{" "}
                {editable && (
                  <button
                    type="button"
                    className="font-semibold text-accent underline underline-offset-4"
                    onClick={() => void send((details) => withTyped(details, { sum: editMoney(counted) }))}
                  >
                    поставить
                  </button>
                )}
              </>
            )}
          </p>
          {line.is_checked && line.flags.length > 0 && <Badge tone="good">проверено</Badge>}
          {isByHand && (
            <Button className={SMALL} look="danger" onClick={() => void remove(line.id)}>
              Удалить строку
            </Button>
          )}
          {editable && line.questions.includes("check") && (
            <Button
              data-step
              data-asks="check"
              className={SMALL}
              onFocus={() => show(null, whole)}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || event.ctrlKey) return;
                event.preventDefault(); // or the button that takes its place would be pressed as well
                onward(event.currentTarget);
                check();
              }}
              onClick={check}
            >
              Проверено
            </Button>
          )}
        </div>
      )}
      {failure !== null && (
        <p role="alert" className="text-sm text-bad">
          Не сохранилось. {inWords(failure)}{" "}
          <button type="button" className="font-semibold underline" onClick={() => void commit()}>
            Ещё раз
          </button>
        </p>
      )}
    </li>
  );
}
