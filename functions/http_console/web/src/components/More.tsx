import type { Pages } from "../hooks/usePages";
import { Button, Failure } from "./ui";

/** Below a list: what comes after, when there is any. */
export function More({ of, text = "Показать ещё" }: { of: Pages<unknown>; text?: string }) {
  if (!of.more) return null;
  return (
    <div className="my-3 grid justify-items-center gap-3">
      <Failure error={of.more.error} />
      <Button busy={of.more.busy} onClick={of.more.run}>
        {text}
      </Button>
    </div>
  );
}
