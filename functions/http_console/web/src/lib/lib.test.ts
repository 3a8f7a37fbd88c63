import { describe, expect, it } from "vitest";
import { delayMs } from "./backoff";
import { editDecimal, editPrice, parseDecimal, showDecimal, toWire } from "./decimal";
import { contentTypeOf, refusalOf, showSize } from "./files";
import type { InvoiceLine, LineDetails } from "../api/invoices";
import { priceBefore, withTyped, wrongWith } from "./lines";
import { editMoney, parseMoney, showMoney } from "./money";
import { plural } from "./plural";
import { checkSums, lineGap, product } from "./sums";

const NBSP = "\u00a0";

describe("decimals", () => {
  it.each([
    ["1 234,5", "1234.5"],
    ["0.0001", "0.0001"],
    ["12,5000000", "12.5"],
    ["−3", "-3"],
    ["720,", "720"],
  ])("reads «%s» as %s", (typed, wire) => {
    const value = parseDecimal(typed);
    expect(value === null ? null : toWire(value)).toBe(wire);
  });
  it.each(["", "1,2,3", "12,00001", "abc", "1e5", "--1"])("refuses «%s»", (typed) =>
    expect(parseDecimal(typed)).toBeNull(),
  );
  it("shows thousands apart and a comma", () => {
    expect(showDecimal("1234567.5000")).toBe(`1${NBSP}234${NBSP}567,5`);
    expect(showDecimal("-0.2500")).toBe("−0,25");
    expect(showDecimal(null)).toBe("");
    expect(editDecimal("12.5000")).toBe("12,5");
    expect(editDecimal("100")).toBe("100");
    expect(editDecimal("7.0000")).toBe("7");
    expect(["1234.5", "7", "1041.666667", ""].map(editPrice)).toEqual(["1234,50", "7,00", "1041,666667", ""]);
  });
});

describe("money", () => {
  it("is kopecks, exactly", () => {
    expect(showMoney(123456)).toBe(`1${NBSP}234,56${NBSP}₽`);
    expect(showMoney(-5)).toBe(`−0,05${NBSP}₽`);
    expect(showMoney(null)).toBe("—");
    expect(parseMoney("1 234,56")).toBe(123456);
    expect(parseMoney("0,07")).toBe(7);
    expect(parseMoney("1,005")).toBeNull();
    expect(parseMoney(editMoney(98765432109))).toBe(98765432109);
  });
});

describe("sums", () => {
  it("multiplies without floating point", () => {
    expect(product("3", "0.1")).toBe(30);
    expect(product("1.5", "333.33")).toBe(50000); // 499,995 to the nearest kopeck
    expect(product("12", "1041.6667")).toBe(1250000);
    expect(product(null, "1")).toBeNull();
  });
  it("forgives a kopeck of rounding and no more", () => {
    expect(lineGap({ quantity: "3", price: "33.33", sumMinor: 10000 })).toBe(0);
    expect(lineGap({ quantity: "3", price: "33.33", sumMinor: 10002 })).toBe(3);
    expect(lineGap({ quantity: "3", price: null, sumMinor: 1 })).toBeNull();
  });
  it("compares the lines with the total", () => {
    expect(checkSums([100, 250], 350)).toEqual({ sumMinor: 350, gapMinor: 0, unknownLines: 0 });
    expect(checkSums([100, 250], 400).gapMinor).toBe(50);
    expect(checkSums([100, null], 400)).toEqual({ sumMinor: 100, gapMinor: null, unknownLines: 1 });
    expect(checkSums([], null).gapMinor).toBeNull();
  });
});

describe("files", () => {
  it("knows what can be read, by type and else by ending", () => {
    expect(contentTypeOf({ name: "IMG_1.HEIC", type: "" })).toBe("image/heic");
    expect(contentTypeOf({ name: "upd.xml", type: "text/xml" })).toBe("application/xml");
    expect(contentTypeOf({ name: "fake.pdf", type: "text/html" })).toBeNull();
    expect(refusalOf({ name: "a.docx", type: "", size: 5 })).toMatch("подойдут");
    expect(refusalOf({ name: "a.pdf", type: "application/pdf", size: 0 })).toMatch("пустой");
    expect(refusalOf({ name: "a.pdf", type: "application/pdf", size: 20_000_001 })).toBe("Файл больше 20 МБ");
    expect(refusalOf({ name: "a.pdf", type: "application/pdf", size: 20_000_000 })).toBeNull();
    expect(showSize(3_440_000)).toBe("3,4 МБ");
  });
});

it("asks ever more rarely, and never less than every eight seconds", () => {
  const waits = Array.from({ length: 30 }, (_, asked) => delayMs(asked));
  expect(waits[0]).toBe(500);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(Math.max(...waits)).toBe(8_000);
});

it("counts in Russian", () => {
  expect([1, 3, 11, 21, 100].map((count) => plural(count, "строка", "строки", "строк"))).toEqual(
    ["1 строка", "3 строки", "11 строк", "21 строка", "100 строк"].map((text) => text.replace(" ", NBSP)),
  );
});

it("says what a unit of the document cost before, to the kopeck", () => {
  const hint = { last_unit_cost_minor: "417.5000", unit_cost_minor: "666.6667", last_at: "", last_supplier_id: null };
  const line = (base_per_unit: string | null) => ({ base_per_unit, price_hint: hint }) as InvoiceLine;
  expect(priceBefore(line("60"))).toEqual({ before: 25_050, now: 40_000 });
  expect(priceBefore(line(null))).toBeNull();
  expect(priceBefore({ base_per_unit: "60", price_hint: null } as InvoiceLine)).toBeNull();
});

it("sends a batch when it makes sense, and takes it away again", () => {
  const details = { lot: "", expires_on: null } as unknown as LineDetails;
  const said = withTyped(details, { lot: " A-17 ", expires: "2027-03-01" });
  expect([said.lot, said.expires_on]).toEqual(["A-17", "2027-03-01"]);
  expect(wrongWith("expires", "0202-03-01")).toBe("Проверьте год"); // as it is typed
  expect(withTyped(said, { expires: "0202-03-01" }).expires_on).toBe("2027-03-01");
  const taken = withTyped(said, { lot: "", expires: "" });
  expect([taken.lot, taken.expires_on]).toEqual(["", null]);
});
