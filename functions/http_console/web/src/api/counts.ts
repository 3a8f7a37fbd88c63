/** Counts of the stock: the calls. */
import { admin, once, told } from "./client";
import type { Page } from "../hooks/usePages";
import type { components } from "./generated/admin";

type Schemas = components["schemas"];
export type Count = Schemas["CountView"];
export type Sheet = Schemas["SheetView"];
export type SheetLine = Schemas["SheetLineView"];
export type Report = Schemas["ReportView"];
export type Opening = Required<Pick<Schemas["OpenBody"], "location_id" | "people" | "is_blind">>;

const of = (id: string) => ({ path: { count_id: id } });
const change = (id: string) => ({ ...of(id), header: once() });

const PAGE = 30;

/** The cursor is the last count of the page before. */
export async function listCounts(cursor: string | null): Promise<Page<Count>> {
  const query = { limit: PAGE, ...(cursor ? { before: cursor } : {}) };
  const { items } = await told(admin.GET("/admin/v1/stock/counts", { params: { query } }));
  return { items, next_cursor: items.length < PAGE ? null : (items.at(-1)?.id ?? null) };
}

export const openCount = (opening: Opening): Promise<Count> =>
  told(admin.POST("/admin/v1/stock/counts", { body: { ...opening, note: "" }, params: { header: once() } }));

export const getSheet = (id: string): Promise<Sheet> =>
  told(admin.GET("/admin/v1/stock/counts/{count_id}/sheet", { params: of(id) }));

export const enterCount = (id: string, itemId: string, packs: string, remainder: string) =>
  told(
    admin.POST("/admin/v1/stock/counts/{count_id}/entries", {
      body: { item_id: itemId, packs, remainder },
      params: change(id),
    }),
  );

export const closeCount = (id: string, leaveOut: boolean): Promise<Report> =>
  told(
    admin.POST("/admin/v1/stock/counts/{count_id}/close", {
      body: { leave_out_unsettled: leaveOut },
      params: change(id),
    }),
  );

export const getReport = (id: string): Promise<Report> =>
  told(admin.GET("/admin/v1/stock/counts/{count_id}/report", { params: of(id) }));

export const postCount = (id: string, reason: string): Promise<Count> =>
  told(admin.POST("/admin/v1/stock/counts/{count_id}/post", { body: { reason }, params: change(id) }));

/** Takes back what a count has corrected. */
export const reverseCount = (id: string, reason: string): Promise<Count> =>
  told(admin.POST("/admin/v1/stock/counts/{count_id}/reverse", { body: { reason }, params: change(id) }));

export const reopenCount = (id: string): Promise<Count> =>
  told(admin.POST("/admin/v1/stock/counts/{count_id}/reopen", { params: change(id) }));
