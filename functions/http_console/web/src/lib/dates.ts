const DAY = new Intl.DateTimeFormat("ru", { day: "numeric", month: "long", year: "numeric" });
const MOMENT = new Intl.DateTimeFormat("ru", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** `11 марта 2026 г.` of an ISO date. */
export function showDay(iso: string | null | undefined): string {
  return iso ? DAY.format(new Date(`${iso}T12:00:00`)) : "—";
}

/** `11 мар., 10:30` of an instant, by the clock of whoever looks. */
export function showMoment(iso: string | null | undefined): string {
  return iso ? MOMENT.format(new Date(iso)) : "—";
}
