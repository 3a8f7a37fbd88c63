import type { InvoiceLine } from "../../api/invoices";

/** Whether a person still has to say something of the line, or to look at it. */
export const needsAttention = (line: InvoiceLine): boolean => line.questions.length > 0;
