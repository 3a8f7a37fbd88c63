import type { ButtonHTMLAttributes, ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { Link } from "react-router";
import { inWords, quoteOf } from "../api/errors";

type Look = "primary" | "quiet" | "danger";

const LOOKS: Readonly<Record<Look, string>> = {
  primary: "bg-accent text-accent-ink hover:bg-accent-strong border-transparent",
  quiet: "bg-card text-ink border-line hover:bg-sunk",
  danger: "bg-card text-bad border-line hover:bg-bad-bg",
};
const BUTTON =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-xl border px-4 py-2 font-semibold transition-colors disabled:opacity-55";

export function Button({
  look = "quiet",
  busy = false,
  children,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { look?: Look; busy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={busy || rest.disabled}
      aria-busy={busy}
      className={`${BUTTON} ${LOOKS[look]} ${className}`}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

export function ButtonLink({ look = "quiet", className = "", ...rest }: ComponentProps<typeof Link> & { look?: Look }) {
  return <Link {...rest} className={`${BUTTON} ${LOOKS[look]} ${className}`} />;
}

export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-4 shrink-0 animate-spin rounded-full border-2 border-current border-t-transparent"
    />
  );
}

export const INPUT =
  "min-w-0 rounded-xl border border-edge bg-card px-3 py-2.5 text-ink placeholder:text-soft aria-invalid:border-bad disabled:opacity-60";

export function Field({
  label,
  hint,
  error,
  ...rest
}: ComponentProps<"input"> & { label: string; hint?: ReactNode; error?: string | null | undefined }) {
  const id = useId();
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-hint` : undefined}
        className={`${INPUT} w-full`}
        {...rest}
      />
      {(error ?? hint) && (
        <p id={`${id}-hint`} className={`text-sm ${error ? "text-bad" : "text-soft"}`}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

export type Tone = "good" | "warn" | "bad" | "plain";

const TONES: Readonly<Record<Tone, string>> = {
  good: "bg-good-bg text-good",
  warn: "bg-warn-bg text-warn",
  bad: "bg-bad-bg text-bad",
  plain: "bg-sunk text-soft",
};

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={`inline-flex items-center rounded-full px-2.5 py-0.5 text-sm font-medium ${TONES[tone]}`}>
      {children}
    </span>
  );
}

export function Notice({ tone = "plain", children, ...rest }: { tone?: Tone } & ComponentProps<"div">) {
  return (
    <div {...rest} className={`rounded-xl px-4 py-3 ${TONES[tone]}`}>
      {children}
    </div>
  );
}

/** What went wrong, in words; nothing when nothing did. */
export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  if (!error) return null;
  const quote = quoteOf(error);
  return (
    <Notice tone="bad" role="alert">
      <p>{inWords(error)}</p>
      {quote && <p className="mt-1 text-sm">Номер обращения: {quote}</p>}
      {again && (
        <button className="mt-1 font-semibold underline underline-offset-4" onClick={again} type="button">
          Повторить
        </button>
      )}
    </Notice>
  );
}

export function Card({ children, className = "", ...rest }: ComponentProps<"section">) {
  return (
    <section {...rest} className={`min-w-0 rounded-2xl border border-line bg-card p-4 sm:p-5 ${className}`}>
      {children}
    </section>
  );
}

/** How far something is, 0 to 100; without a value it only says that something goes on. */
export function Progress({ value, label }: { value: number; label: string }) {
  const shown = Math.min(100, Math.max(0, Math.round(value)));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={shown}
      className="h-2 overflow-hidden rounded-full bg-sunk"
    >
      <div className="h-full rounded-full bg-accent transition-[width] duration-300" style={{ width: `${shown}%` }} />
    </div>
  );
}

export function PageTitle({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center justify-between gap-3">
      <h1 className="min-w-0 text-2xl font-semibold tracking-tight wrap-anywhere">{children}</h1>
      {aside}
    </div>
  );
}

export function Waiting({ text = "Загружаем…" }: { text?: string }) {
  return (
    <p role="status" className="flex items-center gap-3 py-8 text-soft">
      <Spinner /> {text}
    </p>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="rounded-2xl border border-dashed border-line px-4 py-10 text-center text-soft">{children}</p>;
}
