import type { ComponentProps, ReactNode } from "react";
import { useTitle } from "../hooks/useTitle";
import { Field } from "./ui";

/** A page before the console: somebody comes in. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center gap-5 px-4 py-8">
      <div className="flex items-center gap-3">
        <img src="/console/favicon.svg" alt="" className="size-11" />
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      </div>
      {children}
    </main>
  );
}

const MIN_PASSWORD = 10;

/** A password that is chosen; the browser does not let a shorter one through. */
export function NewPassword(props: Pick<ComponentProps<"input">, "value" | "onChange">) {
  return (
    <Field
      label="Пароль"
      type="password"
      autoComplete="new-password"
      required
      minLength={MIN_PASSWORD}
      hint={`Хотя бы ${MIN_PASSWORD} знаков`}
      {...props}
    />
  );
}
