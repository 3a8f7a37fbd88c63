/** What lies where, beside what should: one row for each item and location. */
import type { Minimum, OnHand, Purchase } from "../api/stock";
import { parseDecimal } from "./decimal";

export interface StockRow {
  key: string;
  itemId: string;
  locationId: string;
  name: string;
  category: string;
  unit: string;
  /** Null while it is being counted blindly. */
  quantity: string | null;
  minimum: string | null;
  state: "enough" | "low" | "overdrawn" | "counted";
  valueMinor: number | null;
}

const less = (one: string, other: string): boolean => (parseDecimal(one) ?? 0n) < (parseDecimal(other) ?? 0n);

/** Rows by name; what should be there and was never received is named by the purchase suggestion. */
export function stockRows(onHand: readonly OnHand[], minimums: readonly Minimum[], lacking: readonly Purchase[]): StockRow[] {
  const wanted = new Map(minimums.map((one) => [`${one.item_id} ${one.location_id}`, one.minimum]));
  const rows = onHand.map((one): StockRow => {
    const key = `${one.item_id} ${one.location_id}`;
    const minimum = wanted.get(key) ?? null;
    const quantity = one.quantity ?? null;
    const isLow = quantity !== null && minimum !== null && less(quantity, minimum);
    return {
      key,
      itemId: one.item_id,
      locationId: one.location_id,
      name: one.name,
      category: one.category,
      unit: one.base_unit,
      quantity,
      minimum,
      state: quantity === null ? "counted" : one.is_overdrawn ? "overdrawn" : isLow ? "low" : "enough",
      valueMinor: one.value_minor ?? null,
    };
  });
  const known = new Set(rows.map((row) => row.key));
  for (const one of lacking) {
    const key = `${one.item_id} ${one.location_id}`;
    if (known.has(key)) continue;
    rows.push({
      key,
      itemId: one.item_id,
      locationId: one.location_id,
      name: one.name,
      category: "",
      unit: one.base_unit,
      quantity: one.on_hand,
      minimum: one.minimum,
      state: "low",
      valueMinor: null,
    });
  }
  return rows.sort((a, b) => a.name.localeCompare(b.name, "ru") || a.key.localeCompare(b.key));
}
