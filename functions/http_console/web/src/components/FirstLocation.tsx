import { type SyntheticEvent, useId, useState } from "react";
import { addLocation } from "../api/stock";
import { useAction } from "../hooks/useAction";
import { ZONES } from "../lib/zones";
import { Button, Card, Failure, Field, INPUT } from "./ui";

const HOME = "Europe/Moscow";

/** A salon that has just signed up has no location, and without one nothing can be received: three fields, and on. */
export function FirstLocation({ added, id }: { added: () => void; id?: string }) {
  const [form, setForm] = useState({ name: "", address: "", timezone: HOME });
  const zone = useId();
  const heading = useId();
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm((before) => ({ ...before, [field]: event.target.value }));
  const add = useAction(async () => {
    await addLocation({ ...form, name: form.name.trim(), address: form.address.trim() });
    added();
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (form.name.trim()) void add.run();
  };
  return (
    <Card id={id} aria-labelledby={heading} className="grid gap-3">
      <div className="grid gap-1">
        <h2 id={heading} className="text-lg font-semibold">
          Добавьте филиал
        </h2>
        <p className="text-soft">На его склад придут товары. Остальное о нём можно заполнить позже.</p>
      </div>
      <form onSubmit={submit} className="grid items-start gap-3 sm:grid-cols-2">
        <Field
          label="Название"
          required
          maxLength={200}
          placeholder="Салон на Лесной"
          value={form.name}
          onChange={set("name")}
        />
        <Field
          label="Адрес"
          autoComplete="street-address"
          maxLength={500}
          placeholder="ул. Лесная, 1"
          value={form.address}
          onChange={set("address")}
        />
        <div className="grid gap-1.5">
          <label htmlFor={zone} className="font-medium">
            Часовой пояс
          </label>
          <select id={zone} className={`${INPUT} w-full`} value={form.timezone} onChange={set("timezone")}>
            {ZONES.map((one) => (
              <option key={one.name} value={one.name}>
                {one.text}
              </option>
            ))}
          </select>
        </div>
        <Button type="submit" look="primary" busy={add.busy} className="self-end">
          Добавить филиал
        </Button>
        <div className="empty:hidden sm:col-span-2">
          <Failure error={add.error} />
        </div>
      </form>
    </Card>
  );
}
