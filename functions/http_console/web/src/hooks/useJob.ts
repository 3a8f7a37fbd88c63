import { useCallback, useEffect, useState } from "react";
import { type Job, getJob, isOver } from "../api/intake";
import { delayMs } from "../lib/backoff";

export interface Watched {
  job: Job | null;
  error: unknown;
  /** Ask at once, and often again: something has been done about it. */
  look: () => void;
}

/** A job until it is over; a hidden page does not ask, and asks at once when it is shown again. */
export function useJob(id: string): Watched {
  const [job, setJob] = useState<Job | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const look = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    let timer = 0;
    let turn = 0; // an answer to an earlier turn comes too late
    let asked = 0;
    const ask = async () => {
      const mine = turn;
      try {
        const found = await getJob(id);
        if (mine !== turn) return;
        setJob(found);
        setError(null);
        if (isOver(found)) return;
      } catch (failure) {
        if (mine !== turn) return;
        setError(failure);
      }
      timer = window.setTimeout(() => void ask(), delayMs(asked++));
    };
    const turned = () => {
      window.clearTimeout(timer);
      turn += 1;
      asked = 0;
      if (!document.hidden) void ask();
    };
    void ask();
    document.addEventListener("visibilitychange", turned);
    return () => {
      turn += 1;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", turned);
    };
  }, [id, round]);
  return { job: job?.id === id ? job : null, error, look };
}
