/** Arithmetic is the judge of what was read: quantity × price = sum, and the sums make the total. */
import { parseDecimal } from "./decimal";

export interface Figures {
  /** A decimal of the API. */
  quantity: string | null;
  /** Roubles, a decimal of the API; the УПД writes more than two places. */
  price: string | null;
  sumMinor: number | null;
}

/** Kopecks that quantity × price makes, to the nearest; null when one of them is not known. */
export function product(quantity: string | null, price: string | null): number | null {
  const [count, each] = [parseDecimal(quantity ?? ""), parseDecimal(price ?? "")];
  if (count === null || each === null) return null;
  const exact = count * each; // in units of 10⁻⁸ roubles, so 10⁶ of them make a kopeck
  const half = 500_000n;
  return Number((exact + (exact < 0n ? -half : half)) / 1_000_000n);
}

/** How far the line's sum is from what it should be, in kopecks; a kopeck is rounding. Null: cannot be said. */
export function lineGap(line: Figures): number | null {
  const wanted = product(line.quantity, line.price);
  if (wanted === null || line.sumMinor === null) return null;
  const gap = line.sumMinor - wanted;
  return Math.abs(gap) <= 1 ? 0 : gap;
}

export interface SumsCheck {
  /** Of all lines whose sum is known. */
  sumMinor: number;
  /** The document's total less that; null while a sum or the total is not known. */
  gapMinor: number | null;
  unknownLines: number;
}

/** The lines' sums against the document's total. */
export function checkSums(sums: readonly (number | null)[], totalMinor: number | null): SumsCheck {
  const sumMinor = sums.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const unknownLines = sums.filter((one) => one === null).length;
  return { sumMinor, unknownLines, gapMinor: totalMinor === null || unknownLines > 0 ? null : totalMinor - sumMinor };
}
