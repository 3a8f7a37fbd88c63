import { useCallback, useState } from "react";

export interface Action<A extends unknown[]> {
  run: (...args: A) => Promise<boolean>;
  busy: boolean;
  error: unknown;
  forget: () => void;
}

/** Something a person does: while it is under way `busy`, and `error` when it did not work. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<void>): Action<A> {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const run = async (...args: A): Promise<boolean> => {
    setState({ busy: true, error: null });
    try {
      await act(...args);
      setState({ busy: false, error: null });
      return true;
    } catch (error) {
      setState({ busy: false, error });
      return false;
    }
  };
  return { run, ...state, forget: useCallback(() => setState({ busy: false, error: null }), []) };
}
