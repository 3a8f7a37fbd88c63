/** The stock: the calls. */
import { admin, once, told } from "./client";
import type { components } from "./generated/admin";

type Schemas = components["schemas"];
export type Item = Schemas["Item"];
export type OnHand = Schemas["OnHandView"];
export type Movement = Schemas["MovementView"];
export type Batch = Schemas["BatchView"];
export type Purchase = Schemas["PurchaseView"];
export type Minimum = Schemas["MinimumDetails"];
export type Location = Pick<Schemas["Location"], "id" | "name">;
export type NewLocation = Required<Pick<Schemas["LocationBody"], "name" | "address" | "timezone">>;

export const listItems = async (): Promise<Item[]> => (await told(admin.GET("/admin/v1/stock/items"))).items;

export const listLocations = async (): Promise<Location[]> => (await told(admin.GET("/admin/v1/locations"))).items;

export const addLocation = (place: NewLocation): Promise<Location> =>
  told(
    admin.POST("/admin/v1/locations", { body: { ...place, phone: "", travel_min: 0 }, params: { header: once() } }),
  );

export const listOnHand = async (): Promise<OnHand[]> => (await told(admin.GET("/admin/v1/stock/on-hand"))).items;

export const listMinimums = async (): Promise<Minimum[]> => (await told(admin.GET("/admin/v1/stock/minimums"))).items;

export const suggestPurchase = async (): Promise<Purchase[]> =>
  (await told(admin.GET("/admin/v1/stock/purchase-suggestion"))).items;

/** What is taken, and where it lies. */
interface Taken {
  itemId: string;
  locationId: string;
}

export type WriteOffReason = Schemas["WriteOffReason"];
export const WRITE_OFF_REASONS: readonly WriteOffReason[] = ["expired", "damaged", "used_uninvoiced", "lost", "other"];

export const writeOffStock = (from: Taken, reason: WriteOffReason, quantity: string, note: string) =>
  told(
    admin.POST("/admin/v1/stock/write-offs", {
      body: { location_id: from.locationId, reason, note: note || null, lines: [{ item_id: from.itemId, quantity }] },
      params: { header: once() },
    }),
  );

export const transferStock = (from: Taken, toId: string, quantity: string, note: string) =>
  told(
    admin.POST("/admin/v1/stock/transfers", {
      body: {
        from_location_id: from.locationId,
        to_location_id: toId,
        note: note || null,
        lines: [{ item_id: from.itemId, quantity }],
      },
      params: { header: once() },
    }),
  );

export const listMovements = (itemId: string, cursor: string | null) =>
  told(
    admin.GET("/admin/v1/stock/movements", {
      params: { query: { item_id: itemId, limit: 50, ...(cursor ? { cursor } : {}) } },
    }),
  );

/** What may be taken back, and the path of each. */
const UNDONE = {
  transfer: (id: string, body: UndoBody) =>
    admin.POST("/admin/v1/stock/transfers/{transfer_id}/reverse", {
      body,
      params: { path: { transfer_id: id }, header: once() },
    }),
  write_off: (id: string, body: UndoBody) =>
    admin.POST("/admin/v1/stock/write-offs/{write_off_id}/reverse", {
      body,
      params: { path: { write_off_id: id }, header: once() },
    }),
} as const;
type UndoBody = Schemas["UndoBody"];
export type Undone = keyof typeof UNDONE;

/** What a person may take back by a movement: a write-off, or a transfer by its outgoing half; null where it is none. */
export function undoneOf({ kind, is_reversed }: Pick<Movement, "kind" | "is_reversed">): Undone | null {
  if (is_reversed) return null;
  if (kind === "transfer_out") return "transfer";
  return kind === "write_off" ? kind : null;
}

/** All that it moved; `despiteCount`: although a count has corrected some of it since. */
export const undoMovement = (what: Undone, sourceId: string, reason: string, despiteCount: boolean) =>
  told(UNDONE[what](sourceId, { reason, despite_count: despiteCount }));

export const listBatches = async (itemId: string): Promise<Batch[]> =>
  (await told(admin.GET("/admin/v1/stock/batches", { params: { query: { item_id: itemId } } }))).items;

export const setMinimum = (body: Minimum): Promise<Minimum> =>
  told(admin.PUT("/admin/v1/stock/minimums", { body, params: { header: once() } }));
