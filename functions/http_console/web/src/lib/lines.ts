/** What a person types into a line, and what is sent of it. */
import type { InvoiceLine, LineDetails, NewItem } from "../api/invoices";
import { editDecimal, editPrice, parseDecimal, toWire } from "./decimal";
import { editMoney, parseMoney } from "./money";

export type FieldName = "name" | "quantity" | "unit" | "price" | "sum" | "sumVat" | "perUnit" | "newName" | "lot" | "expires";
export type Typed = Partial<Record<FieldName, string>>;

/** The API's name of a field, for its confidence and its box. */
export const READ_AS: Readonly<Partial<Record<FieldName, string>>> = {
  name: "name",
  quantity: "quantity",
  unit: "unit",
  price: "price",
  sum: "sum_minor",
  sumVat: "sum_with_vat_minor",
};

/** A price may have more places than a quantity (УПД): the text itself is sent. */
const PRICE = /^\d{1,10}([.,]\d{0,6})?$/;
const parsePrice = (text: string): string | null => {
  const plain = text.replace(/\s/g, "");
  return PRICE.test(plain) ? plain.replace(",", ".").replace(/\.$/, "") : null;
};
const parseQuantity = (text: string): string | null => {
  const value = parseDecimal(text);
  return value === null || value <= 0n ? null : toWire(value);
};

/** While somebody types, a field of a date says «0002-03-01», then «0020-…». */
const DAY = /^20\d\d-\d\d-\d\d$/;

/** What the field shows while nobody types. */
export function shownOf(line: InvoiceLine, field: FieldName): string {
  const texts: Record<FieldName, () => string> = {
    name: () => line.name,
    quantity: () => editDecimal(line.quantity),
    unit: () => line.unit,
    price: () => editPrice(line.price),
    sum: () => editMoney(line.sum_minor),
    sumVat: () => editMoney(line.sum_with_vat_minor),
    perUnit: () => editDecimal(line.base_per_unit),
    newName: () => line.proposal?.name ?? "",
    lot: () => line.lot,
    expires: () => line.expires_on ?? "",
  };
  return texts[field]();
}

/** What is wrong with a text; null when it may be sent. An empty figure is not known yet, which may be sent. */
export function wrongWith(field: FieldName, text: string): string | null {
  if (field === "name" || field === "newName") return text.trim() ? null : "Нужно название";
  if (text.trim() === "" || field === "unit" || field === "lot") return null;
  if (field === "expires") return DAY.test(text) ? null : "Проверьте год";
  if (field === "sum" || field === "sumVat") {
    const minor = parseMoney(text);
    return minor === null || minor < 0 ? "Это не сумма" : null;
  }
  if (field === "price") return parsePrice(text) === null ? "Это не цена" : null;
  return parseQuantity(text) === null ? "Это не количество" : null;
}

/** Whether anything was typed that is not there yet. */
export const differs = (line: InvoiceLine, field: FieldName, text: string): boolean =>
  text.trim() !== shownOf(line, field).trim();

/** What one unit of the document cost the last time and costs now, kopecks; null where nothing is known of it. */
export function priceBefore(line: InvoiceLine): { before: number; now: number } | null {
  const of = (unitCost: string) => {
    const [cost, units] = [parseDecimal(unitCost), parseDecimal(line.base_per_unit ?? "")];
    return cost === null || units === null ? null : Number((cost * units + 50_000_000n) / 100_000_000n);
  };
  const [before, now] = line.price_hint
    ? [of(line.price_hint.last_unit_cost_minor), of(line.price_hint.unit_cost_minor)]
    : [null, null];
  return before === null || now === null ? null : { before, now };
}

/** As it is sent: without the model's confidence. */
export function newItemOf(proposal: NonNullable<InvoiceLine["proposal"]>): NewItem {
  const { name, base_unit, category, brand, pack_quantity } = proposal;
  return { name, base_unit, category, brand, pack_quantity };
}

/** The whole line as it stands: what the API wants to be told. */
export function detailsOf(line: InvoiceLine): LineDetails {
  return {
    name: line.name,
    unit: line.unit,
    quantity: line.quantity,
    price: line.price,
    sum_minor: line.sum_minor,
    vat_rate: line.vat_rate,
    vat_minor: line.vat_minor,
    sum_with_vat_minor: line.sum_with_vat_minor,
    item_id: line.item?.item_id ?? null,
    new_item: line.takes_new && line.proposal ? newItemOf(line.proposal) : null,
    base_per_unit: line.base_per_unit,
    is_checked: line.is_checked,
    is_excluded: line.is_excluded,
    lot: line.lot,
    expires_on: line.expires_on,
  };
}

/** The line with what was typed, as far as it makes sense. */
export function withTyped(details: LineDetails, typed: Typed): LineDetails {
  const next = { ...details };
  for (const [field, text] of Object.entries(typed) as [FieldName, string][]) {
    if (wrongWith(field, text) !== null) continue;
    const isEmpty = text.trim() === "";
    if (field === "name") next.name = text.trim();
    else if (field === "unit") {
      next.unit = text.trim();
      if (next.unit !== details.unit) next.base_per_unit = null; // of another unit; worked out anew
    } else if (field === "quantity") next.quantity = isEmpty ? null : parseQuantity(text);
    else if (field === "price") next.price = isEmpty ? null : parsePrice(text);
    else if (field === "sum") next.sum_minor = isEmpty ? null : parseMoney(text);
    else if (field === "sumVat") next.sum_with_vat_minor = isEmpty ? null : parseMoney(text);
    else if (field === "perUnit") next.base_per_unit = isEmpty ? null : parseQuantity(text);
    else if (field === "lot") next.lot = text.trim();
    else if (field === "expires") next.expires_on = isEmpty ? null : text;
    else if (next.new_item) next.new_item = { ...next.new_item, name: text.trim() };
  }
  return next;
}
