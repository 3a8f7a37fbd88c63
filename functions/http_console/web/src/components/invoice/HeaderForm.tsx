import { useEffect, useRef, useState } from "react";
import { inWords } from "../../api/errors";
import type { HeaderDetails, Invoice } from "../../api/invoices";
import { editMoney, parseMoney } from "../../lib/money";
import { confidenceWords } from "../../lib/words";
import type { Area } from "./view";

interface Props {
  invoice: Invoice;
  editable: boolean;
  save: (change: (details: HeaderDetails) => HeaderDetails) => Promise<void>;
  show: (field: Area | null, line: Area | null) => void;
}

type FieldName = "supplier_name" | "supplier_inn" | "number" | "issued_on" | "total";

const READ_AS: Readonly<Record<FieldName, string>> = {
  supplier_name: "supplier_name",
  supplier_inn: "supplier_inn",
  number: "number",
  issued_on: "issued_on",
  total: "total_minor",
};
const UNSURE = 0.75;
const INN = /^(\d{10}|\d{12})?$/;

export const headerOf = (invoice: Invoice): HeaderDetails => ({
  supplier_name: invoice.supplier_name,
  supplier_inn: invoice.supplier_inn,
  number: invoice.number,
  issued_on: invoice.issued_on,
  total_minor: invoice.total_minor,
});

function shownOf(invoice: Invoice, field: FieldName): string {
  if (field === "total") return editMoney(invoice.total_minor);
  return invoice[field] ?? "";
}

function wrongWith(field: FieldName, text: string): string | null {
  if (field === "supplier_inn") return INN.test(text.trim()) ? null : "В ИНН 10 или 12 цифр";
  if (field === "total") return text.trim() === "" || parseMoney(text) !== null ? null : "Это не сумма";
  return null;
}

function withField(details: HeaderDetails, field: FieldName, text: string): HeaderDetails {
  if (field === "total") return { ...details, total_minor: text.trim() === "" ? null : parseMoney(text) };
  if (field === "issued_on") return { ...details, issued_on: text || null };
  return { ...details, [field]: text.trim() };
}

const OTHERS = "@2xl:col-span-2 @4xl:col-span-1"; // beside or below the supplier

/** Who sold, under which number, when and for how much; each field is saved when it is left. */
export function HeaderForm({ invoice, editable, save, show }: Props) {
  const [typed, setTyped] = useState<Partial<Record<FieldName, string>>>({});
  const [failure, setFailure] = useState<unknown>(null);

  const commit = async (field: FieldName) => {
    const text = typed[field];
    if (text === undefined || wrongWith(field, text) !== null) return;
    if (text.trim() !== shownOf(invoice, field)) {
      setFailure(null);
      try {
        await save((details) => withField(details, field, text));
      } catch (error) {
        setFailure(error);
        return;
      }
    }
    setTyped((now) => (now[field] === text ? { ...now, [field]: undefined } : now));
  };
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  useEffect(() => {
    const timer = window.setTimeout(() => {
      for (const field of Object.keys(typed) as FieldName[]) void latest.current(field);
    }, 900);
    return () => window.clearTimeout(timer);
  }, [typed]);

  const input = (field: FieldName, label: string, className: string, type = "text") => {
    const text = typed[field] ?? shownOf(invoice, field);
    const wrong = typed[field] === undefined ? null : wrongWith(field, text);
    const confidence = invoice.confidence[READ_AS[field]] ?? 1;
    const isDoubtful = editable && confidence < UNSURE;
    return (
      <label className={`grid min-w-0 gap-0.5 ${className}`}>
        <span className="text-xs text-soft">{label}</span>
        <input
          data-step
          type={type}
          inputMode={field === "total" ? "decimal" : field === "supplier_inn" ? "numeric" : undefined}
          autoComplete="off"
          readOnly={!editable}
          aria-invalid={wrong ? true : undefined}
          title={wrong ?? (confidence < 1 ? `Прочитано ${confidenceWords(confidence)}` : undefined)}
          className={`w-full min-w-0 rounded-lg border px-2 py-1.5 read-only:border-transparent aria-invalid:border-bad ${
            field === "total" ? "text-right tabular-nums" : ""
          } ${isDoubtful ? "border-warn bg-warn-bg" : "border-line bg-card"}`}
          value={text}
          onChange={(event) => setTyped((before) => ({ ...before, [field]: event.target.value }))}
          onFocus={() => show(invoice.boxes[READ_AS[field]] ?? null, null)}
          onBlur={() => void commit(field)}
        />
        {wrong && <span className="text-xs text-bad">{wrong}</span>}
      </label>
    );
  };

  return (
    <section aria-label="О документе" className="grid gap-2 rounded-2xl border border-line bg-card p-3">
      <div className="grid grid-cols-2 gap-2 @2xl:grid-cols-6 @4xl:grid-cols-[minmax(12rem,1fr)_9rem_8rem_9.5rem_8.5rem]">
        {input("supplier_name", "Поставщик", "col-span-2 @2xl:col-span-4 @4xl:col-span-1")}
        {input("supplier_inn", "ИНН", OTHERS)}
        {input("number", "Номер", OTHERS)}
        {input("issued_on", "Дата", OTHERS, "date")}
        {input("total", "Итого, ₽", OTHERS)}
      </div>
      {failure !== null && (
        <p role="alert" className="text-sm text-bad">
          Не сохранилось. {inWords(failure)}
        </p>
      )}
    </section>
  );
}
