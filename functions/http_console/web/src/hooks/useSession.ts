import { useSyncExternalStore } from "react";
import { session, type Session } from "../api/session";

export const useSession = (): Session | null => useSyncExternalStore(session.subscribe, session.get);
