/** Who is signed in: in memory, and in this tab's storage so that a reload does not sign anybody out. */

export interface Session {
  accessToken: string;
  renewalToken: string | null;
}

const PLACE = "salon.session";
const listeners = new Set<() => void>();
let current: Session | null = restore();
let cutOff = false;

function restore(): Session | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    if (typeof kept !== "object" || kept === null || !("accessToken" in kept)) return null;
    const { accessToken, renewalToken } = kept as Record<string, unknown>;
    if (typeof accessToken !== "string") return null;
    return { accessToken, renewalToken: typeof renewalToken === "string" ? renewalToken : null };
  } catch {
    return null; // storage is off, or holds something else
  }
}

export const session = {
  get: (): Session | null => current,
  /** Whether the last session ended without its person having wished so. */
  wasCutOff: (): boolean => cutOff,
  set: (next: Session | null, why: "signed" | "left" | "ended" = "signed"): void => {
    current = next;
    cutOff = why === "ended";
    try {
      if (next) sessionStorage.setItem(PLACE, JSON.stringify(next));
      else sessionStorage.removeItem(PLACE);
    } catch {
      // without storage the session lives as long as the page
    }
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
