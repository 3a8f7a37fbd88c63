import { type SyntheticEvent, useState } from "react";
import { Link, useNavigate } from "react-router";
import { listCounts, openCount } from "../api/counts";
import { listLocations } from "../api/stock";
import { FirstLocation } from "../components/FirstLocation";
import { More } from "../components/More";
import { Badge, Button, Card, Empty, Failure, INPUT, PageTitle, Waiting } from "../components/ui";
import { useAction } from "../hooks/useAction";
import { useLoad } from "../hooks/useLoad";
import { usePages } from "../hooks/usePages";
import { useTitle } from "../hooks/useTitle";
import { showMoment } from "../lib/dates";
import { countWords } from "../lib/words";

export function CountsPage() {
  useTitle("Пересчёт");
  const known = useLoad(listLocations);
  const counts = usePages(listCounts);
  const [place, setPlace] = useState("");
  const [people, setPeople] = useState(1);
  const go = useNavigate();
  const locations = known.data ?? [];
  const chosen = place || locations[0]?.id;
  const open = useAction(async () => {
    if (!chosen) return;
    const made = await openCount({ location_id: chosen, people, is_blind: true });
    await go(`/counts/${made.id}`);
  });
  const error = known.error ?? counts.error;
  const again = () => {
    known.reload();
    counts.reload();
  };
  if (!known.data || !counts.items) return error ? <Failure error={error} again={again} /> : <Waiting />;
  const places = new Map(locations.map((one) => [one.id, one.name]));
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void open.run();
  };
  return (
    <div className="mx-auto grid max-w-3xl gap-4">
      <PageTitle>Пересчёт</PageTitle>
      {locations.length === 0 && <FirstLocation added={known.reload} />}
      <Card>
        <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
          <label className="grid flex-1 gap-1.5">
            <span className="font-medium">Где считаем</span>
            <select className={INPUT} value={chosen} onChange={(event) => setPlace(event.target.value)}>
              {locations.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
          <label className="grid gap-1.5">
            <span className="font-medium">Кто считает</span>
            <select className={INPUT} value={people} onChange={(event) => setPeople(Number(event.target.value))}>
              <option value={1}>Один человек</option>
              <option value={2}>Двое, независимо</option>
            </select>
          </label>
          <Button type="submit" look="primary" busy={open.busy} disabled={!chosen}>
            Начать
          </Button>
          <p className="basis-full text-sm text-soft">
            Считаем вслепую: сколько должно быть, видно только после закрытия. Салон может работать, расход учтётся.
          </p>
        </form>
        <Failure error={open.error} />
      </Card>
      {counts.items.length === 0 ? (
        <Empty>Пересчётов ещё не было.</Empty>
      ) : (
        <Card className="py-1 sm:py-1">
          <ul>
            {counts.items.map((one) => (
              <li key={one.id} className="border-b border-line last:border-0">
                <Link to={`/counts/${one.id}`} className="flex items-center gap-4 py-3 hover:text-accent">
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-medium">{places.get(one.location_id) ?? "Филиал"}</span>
                    <span className="block text-sm text-soft">{showMoment(one.opened_at)}</span>
                  </span>
                  <Badge tone={one.status === "open" || one.status === "closed" ? "warn" : "plain"}>
                    {countWords(one.status)}
                  </Badge>
                </Link>
              </li>
            ))}
          </ul>
          <More of={counts} />
        </Card>
      )}
    </div>
  );
}
