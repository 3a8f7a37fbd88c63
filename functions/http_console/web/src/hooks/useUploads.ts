import { useCallback, useRef, useState } from "react";
import { announce } from "../api/intake";
import { BucketRefused, sendFile } from "../api/upload";
import { inWords } from "../api/errors";
import { contentTypeOf, refusalOf } from "../lib/files";

export interface Upload {
  key: number;
  file: File;
  /** 0 to 1. */
  share: number;
  state: "waiting" | "sending" | "sent" | "refused";
  jobId: string | null;
  reason: string | null;
}

const AT_ONCE = 2; // a phone's network is narrow

/** Files on their way; several one after another, each with its own progress and its own second try. */
export function useUploads() {
  const [uploads, setUploads] = useState<Upload[]>([]);
  const queue = useRef<Upload[]>([]);
  const running = useRef(0);
  const aborts = useRef(new Map<number, AbortController>());
  const nextKey = useRef(1);

  const change = useCallback((key: number, part: Partial<Upload>) => {
    setUploads((before) => before.map((one) => (one.key === key ? { ...one, ...part } : one)));
  }, []);

  const work = useCallback(
    async (upload: Upload) => {
      const abort = new AbortController();
      aborts.current.set(upload.key, abort);
      change(upload.key, { state: "sending", share: 0, reason: null });
      try {
        const announced = await announce(upload.file, contentTypeOf(upload.file) ?? upload.file.type);
        await sendFile(announced.form, upload.file, (share) => change(upload.key, { share }), abort.signal);
        change(upload.key, { state: "sent", share: 1, jobId: announced.jobId });
      } catch (error) {
        if (abort.signal.aborted) return;
        const reason =
          error instanceof BucketRefused ? "Хранилище не приняло файл. Попробуйте ещё раз." : inWords(error);
        change(upload.key, { state: "refused", reason });
      } finally {
        aborts.current.delete(upload.key);
      }
    },
    [change],
  );

  const pump = useCallback(() => {
    while (running.current < AT_ONCE) {
      const upload = queue.current.shift();
      if (!upload) return;
      running.current += 1;
      void work(upload).finally(() => {
        running.current -= 1;
        pumpLater.current();
      });
    }
  }, [work]);
  const pumpLater = useRef<() => void>(() => undefined);

  const enqueue = useCallback(
    (some: Upload[]) => {
      pumpLater.current = pump;
      queue.current.push(...some);
      pump();
    },
    [pump],
  );

  const add = useCallback(
    (files: Iterable<File>) => {
      const made = [...files].map((file): Upload => {
        const reason = refusalOf(file);
        return { key: nextKey.current++, file, share: 0, state: reason ? "refused" : "waiting", jobId: null, reason };
      });
      setUploads((before) => [...before, ...made]);
      enqueue(made.filter((one) => one.state === "waiting"));
    },
    [enqueue],
  );

  const again = useCallback(
    (upload: Upload) => {
      change(upload.key, { state: "waiting", reason: null });
      enqueue([upload]);
    },
    [change, enqueue],
  );

  const remove = useCallback((upload: Upload) => {
    aborts.current.get(upload.key)?.abort();
    queue.current = queue.current.filter((one) => one.key !== upload.key);
    setUploads((before) => before.filter((one) => one.key !== upload.key));
  }, []);

  return { uploads, add, again, remove };
}
