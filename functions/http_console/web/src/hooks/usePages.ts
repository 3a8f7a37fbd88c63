import { useState } from "react";
import { useAction } from "./useAction";
import { useLoad } from "./useLoad";

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Pages<T> {
  /** All that was asked for so far; null before the first page. */
  items: T[] | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
  /** Null after the last page. */
  more: { run: () => void; busy: boolean; error: unknown } | null;
}

/** A list page by page; it begins anew when `ask` changes (wrap it in `useCallback`) and at `reload`. */
export function usePages<T>(ask: (cursor: string | null) => Promise<Page<T>>): Pages<T> {
  const [asked, setAsked] = useState(() => ({ ask, first: () => ask(null) }));
  if (asked.ask !== ask) setAsked({ ask, first: () => ask(null) });
  const first = useLoad(asked.first);
  const [later, setLater] = useState<{ after: Page<T>; items: T[]; cursor: string | null } | null>(null);
  const head = first.data;
  const tail = later !== null && later.after === head ? later : null;
  const cursor = tail ? tail.cursor : (head?.next_cursor ?? null);
  const next = useAction(async () => {
    if (!head || cursor === null) return;
    const page = await ask(cursor);
    setLater({ after: head, items: [...(tail?.items ?? []), ...page.items], cursor: page.next_cursor ?? null });
  });
  return {
    items: head && [...head.items, ...(tail?.items ?? [])],
    error: first.error,
    loading: first.loading,
    reload: first.reload,
    more: cursor === null ? null : { run: () => void next.run(), busy: next.busy, error: next.error },
  };
}
