/** Exact decimals of at most four places, as the API writes quantities: never a floating-point number. */

const PLACES = 4;
const ONE = 10n ** BigInt(PLACES);
const THIN = "\u00a0";

/** Ten-thousandths of what a person typed («1 234,5»); null when that is no such number. */
export function parseDecimal(text: string): bigint | null {
  const plain = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".").replace("−", "-");
  const found = /^(-?)(\d{1,12})(?:\.(\d{0,}))?$/.exec(plain);
  if (!found) return null;
  const [, sign, whole = "0", given = ""] = found;
  const fraction = given.replace(/0+$/, "");
  if (fraction.length > PLACES) return null;
  const value = BigInt(whole) * ONE + BigInt(fraction.padEnd(PLACES, "0"));
  return sign ? -value : value;
}

/** As the API takes it: `12.5`. */
export function toWire(value: bigint): string {
  const size = value < 0n ? -value : value;
  const fraction = (size % ONE).toString().padStart(PLACES, "0").replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${size / ONE}${fraction && `.${fraction}`}`;
}

/** As a Russian reads it: `1 234,5`. A text that is no number is shown as it is. */
export function showDecimal(wire: string | null | undefined): string {
  if (wire === null || wire === undefined) return "";
  const value = parseDecimal(wire);
  if (value === null) return wire.replace(".", ",");
  const [whole = "", fraction] = toWire(value).split(".");
  return grouped(whole).replace("-", "−") + (fraction ? `,${fraction}` : "");
}

/** For an input: no spaces, which would be in the way of typing. */
export function editDecimal(wire: string | null | undefined): string {
  return (wire ?? "").replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "").replace(".", ",");
}

/** A price has kopecks, though they be noughts; and more places where the document has them. */
export function editPrice(wire: string | null | undefined): string {
  const text = editDecimal(wire);
  if (text === "") return "";
  const [whole = "", fraction = ""] = text.split(",");
  return `${whole},${fraction.padEnd(2, "0")}`;
}

/** The same with thousands apart. */
export function showPrice(wire: string): string {
  const [whole = "", fraction = ""] = editPrice(wire).split(",");
  return `${grouped(whole)},${fraction}`;
}

/** Thousands apart. */
export function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, THIN);
}
