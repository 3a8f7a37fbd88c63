import { expect, it } from "vitest";
import { searchNames } from "./search";
import { stockRows } from "./stock";

const hand = (item_id: string, name: string, quantity: string, is_overdrawn = false) => ({
  item_id,
  location_id: "L",
  name,
  category: "",
  base_unit: "ml" as const,
  quantity,
  is_overdrawn,
  value_minor: null,
  unit_cost_minor: null,
});

it("says of each item whether there is enough, exactly", () => {
  const minimum = (item_id: string, minimum: string) => ({ item_id, location_id: "L", minimum, target: minimum });
  const lacking = {
    item_id: "d",
    location_id: "L",
    name: "Воск",
    base_unit: "g" as const,
    pack_quantity: "100",
    on_hand: "0",
    minimum: "50",
    target: "200",
    packs: 2,
    quantity: "200",
    supplier_id: null,
    pack_cost_minor: null,
    cost_minor: null,
  };
  const rows = stockRows(
    [hand("a", "Оксид", "100.0000"), hand("b", "Краска", "99.9999"), hand("c", "Фольга", "-1", true)],
    [minimum("a", "100"), minimum("b", "100")],
    [lacking, { ...lacking, item_id: "b" }],
  );
  expect(rows.map((row) => [row.name, row.state])).toEqual([
    ["Воск", "low"],
    ["Краска", "low"],
    ["Оксид", "enough"],
    ["Фольга", "overdrawn"],
  ]);
});

it("finds by beginnings of words first, «ё» or not", () => {
  const all = ["Крем-маска", "Маска тёмная", "Шампунь"].map((name) => ({ name }));
  expect(searchNames(all, "маска", 5).map((one) => one.name)).toEqual(["Маска тёмная", "Крем-маска"]);
  expect(searchNames(all, "темн мас", 5).map((one) => one.name)).toEqual(["Маска тёмная"]);
  expect(searchNames(all, "а", 1)).toHaveLength(1);
  expect(searchNames(all, "воск", 5)).toEqual([]);
});
