/** Money is a whole number of kopecks, as the API has it. */
import { grouped, parseDecimal } from "./decimal";

/** `1 234,50 ₽`; an unknown sum is a dash. */
export function showMoney(minor: number | null | undefined): string {
  return minor === null || minor === undefined ? "—" : `${showAmount(minor)}\u00a0₽`;
}

/** `1 234,50`. */
export function showAmount(minor: number): string {
  const size = Math.abs(minor);
  const kopecks = String(size % 100).padStart(2, "0");
  return `${minor < 0 ? "−" : ""}${grouped(String(Math.trunc(size / 100)))},${kopecks}`;
}

/** For an input: `1234,50`, empty for an unknown sum. */
export function editMoney(minor: number | null | undefined): string {
  return minor === null || minor === undefined ? "" : showAmount(minor).replace(/[\s\u00a0]/g, "");
}

/** Kopecks of what a person typed; null when it is no sum of money. */
export function parseMoney(text: string): number | null {
  const value = parseDecimal(text);
  return value === null || value % 100n !== 0n ? null : Number(value / 100n);
}
