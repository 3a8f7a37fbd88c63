/** Drafts of invoices: the calls. Every change says which version it saw, and is answered with the whole invoice. */
import { admin, once, told } from "./client";
import type { paths } from "./generated/admin";

// By paths, not by the names of schemas: those change when another route has one of the same name.
interface Said<Body> {
  content: { "application/json": Body };
}
type BodyOf<Operation> = Operation extends { requestBody: Said<infer Body> } ? Body : never;
type AnswerOf<Operation> = Operation extends { responses: { 200: Said<infer Body> } } ? Body : never;

export type Invoice = AnswerOf<paths["/admin/v1/invoices/{invoice_id}"]["get"]>;
export type InvoiceLine = Invoice["lines"][number];
export type InvoiceStatus = Invoice["status"];
export type InvoiceRow = AnswerOf<paths["/admin/v1/invoices"]["get"]>["items"][number];
export type HeaderDetails = Required<Omit<BodyOf<paths["/admin/v1/invoices/{invoice_id}"]["put"]>, "version">>;
export type ConfirmWords = Required<Omit<BodyOf<paths["/admin/v1/invoices/{invoice_id}/confirm"]["post"]>, "version">>;
type LineBody = BodyOf<paths["/admin/v1/invoices/{invoice_id}/lines/{line_id}"]["put"]>;
export type NewItem = Required<Omit<NonNullable<LineBody["new_item"]>, "pack_quantity">> & {
  pack_quantity: string | null;
};
/** A line as it is to stand; figures as texts, never as floating-point numbers. */
export type LineDetails = Required<Omit<LineBody, "version" | keyof Figures | "new_item">> &
  Figures & { new_item: NewItem | null };

interface Figures {
  quantity: string | null;
  price: string | null;
  base_per_unit: string | null;
}

const at = (invoice: Pick<Invoice, "id">) => ({ path: { invoice_id: invoice.id }, header: once() });

/** Addresses of pictures are not in answers to changes: those that are known stay. */
const withPictures = (before: Invoice, after: Invoice): Invoice => ({
  ...after,
  pages: after.pages.map((page) => ({
    ...page,
    url: page.url ?? before.pages.find((one) => one.page === page.page)?.url ?? null,
  })),
});

export const listInvoices = (status: InvoiceStatus, cursor: string | null) =>
  told(
    admin.GET("/admin/v1/invoices", { params: { query: { status, limit: 50, ...(cursor ? { cursor } : {}) } } }),
  );

const listOfJob = async (id: string): Promise<InvoiceRow[]> =>
  (await told(admin.GET("/admin/v1/invoices", { params: { query: { job_id: id } } }))).items;

/** The invoice that came of a job, or of the job whose work it shares; rather one that stands. Null: there is none. */
export async function findInvoiceOf(jobIds: readonly string[]): Promise<InvoiceRow | null> {
  const found = (await Promise.all(jobIds.map(listOfJob))).flat();
  return found.find((one) => one.status === "draft" || one.status === "confirmed") ?? found[0] ?? null;
}

export const getInvoice = (id: string): Promise<Invoice> =>
  told(admin.GET("/admin/v1/invoices/{invoice_id}", { params: { path: { invoice_id: id } } }));

export async function changeHeader(invoice: Invoice, details: HeaderDetails): Promise<Invoice> {
  const body = { ...details, version: invoice.version };
  const asked = admin.PUT("/admin/v1/invoices/{invoice_id}", { body, params: at(invoice) });
  return withPictures(invoice, await told(asked));
}

export async function changeLine(invoice: Invoice, lineId: string, details: LineDetails): Promise<Invoice> {
  const { path, header } = at(invoice);
  const asked = admin.PUT("/admin/v1/invoices/{invoice_id}/lines/{line_id}", {
    body: { ...details, version: invoice.version },
    params: { path: { ...path, line_id: lineId }, header },
  });
  return withPictures(invoice, await told(asked));
}

export async function addLine(invoice: Invoice, name: string): Promise<Invoice> {
  const body = { name, unit: "шт", lot: "", is_checked: true, is_excluded: false, version: invoice.version };
  const asked = admin.POST("/admin/v1/invoices/{invoice_id}/lines", { body, params: at(invoice) });
  return withPictures(invoice, await told(asked));
}

export async function removeLine(invoice: Invoice, lineId: string): Promise<Invoice> {
  const { path, header } = at(invoice);
  const asked = admin.DELETE("/admin/v1/invoices/{invoice_id}/lines/{line_id}", {
    params: { path: { ...path, line_id: lineId }, header, query: { version: invoice.version } },
  });
  return withPictures(invoice, await told(asked));
}

export async function confirmInvoice(invoice: Invoice, words: ConfirmWords): Promise<Invoice> {
  const body = { ...words, version: invoice.version };
  const asked = admin.POST("/admin/v1/invoices/{invoice_id}/confirm", { body, params: at(invoice) });
  return withPictures(invoice, await told(asked));
}

export async function discardInvoice(invoice: Invoice): Promise<Invoice> {
  const body = { version: invoice.version };
  const asked = admin.POST("/admin/v1/invoices/{invoice_id}/discard", { body, params: at(invoice) });
  return withPictures(invoice, await told(asked));
}

/** `despiteCount`: although a count has corrected some of its goods since. */
export async function reverseInvoice(invoice: Invoice, despiteCount: boolean): Promise<Invoice> {
  const body = { despite_count: despiteCount };
  const asked = admin.POST("/admin/v1/invoices/{invoice_id}/reverse", { body, params: at(invoice) });
  return withPictures(invoice, await told(asked));
}

/** Begin anew with what was read; the id of the new draft. */
export async function draftAgain(invoice: Invoice): Promise<string> {
  return (await told(admin.POST("/admin/v1/invoices/{invoice_id}/draft-again", { params: at(invoice) }))).id;
}
