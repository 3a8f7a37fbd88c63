import { useCallback, useEffect, useState } from "react";

export interface Loaded<T> {
  data: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
  /** Put what an action answered in place of what was loaded. */
  replace: (data: T) => void;
}

interface Kept<T> {
  ask: () => Promise<T>;
  data: T | null;
  error: unknown;
}

/** Ask when `ask` changes (wrap it in `useCallback`) and at `reload`; while asking again the old answer stays. */
export function useLoad<T>(ask: () => Promise<T>): Loaded<T> {
  const [kept, setKept] = useState<Kept<T> | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    ask().then(
      (data) => {
        if (current) setKept({ ask, data, error: null });
      },
      (error: unknown) => {
        if (current) setKept((before) => ({ ask, data: before?.ask === ask ? before.data : null, error }));
      },
    );
    return () => {
      current = false;
    };
  }, [ask, round]);
  const fresh = kept?.ask === ask ? kept : null;
  return {
    data: fresh?.data ?? null,
    error: fresh?.error ?? null,
    loading: fresh === null,
    reload: useCallback(() => setRound((before) => before + 1), []),
    replace: useCallback((data: T) => setKept({ ask, data, error: null }), [ask]),
  };
}
