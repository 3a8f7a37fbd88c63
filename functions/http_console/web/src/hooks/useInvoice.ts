import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../api/errors";
import { getInvoice, type Invoice } from "../api/invoices";
import { type Loaded, useLoad } from "./useLoad";

/** A change to an invoice as it stands, and how it stands then. */
export type Change = (invoice: Invoice) => Promise<Invoice>;

export interface Editing extends Loaded<Invoice> {
  change: (change: Change) => Promise<void>;
  /** How many changes are under way. */
  pending: number;
}

const OUTDATED = "INVOICE_OUTDATED";

/** An invoice that is edited: one change at a time, each on what the one before came to. */
export function useInvoice(id: string): Editing {
  const loaded = useLoad(useCallback(() => getInvoice(id), [id]));
  const { data, replace } = loaded;
  const [pending, setPending] = useState(0);
  const latest = useRef<Invoice | null>(null);
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(() => {
    if (data && (latest.current?.id !== data.id || latest.current.version <= data.version)) latest.current = data;
  }, [data]);

  useEffect(() => {
    if (pending === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [pending]);

  const change = useCallback(
    (act: Change): Promise<void> => {
      const turn = async () => {
        const from = latest.current;
        if (!from) return;
        let next: Invoice;
        try {
          next = await act(from);
        } catch (error) {
          if (!(error instanceof ApiError) || error.problem.code !== OUTDATED) throw error;
          // somebody else was at it: their changes first, then this one, of this line alone, once more
          const theirs = await getInvoice(id);
          latest.current = theirs;
          replace(theirs);
          next = await act(theirs);
        }
        latest.current = next;
        replace(next);
      };
      setPending((before) => before + 1);
      const done = queue.current.then(turn, turn).finally(() => setPending((before) => before - 1));
      queue.current = done.catch(() => undefined);
      return done;
    },
    [id, replace],
  );
  return { ...loaded, change, pending };
}
