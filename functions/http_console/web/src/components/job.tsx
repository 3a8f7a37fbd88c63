import { Link } from "react-router";
import type { Job } from "../api/intake";
import { useJob } from "../hooks/useJob";
import { Badge, Progress, Spinner, type Tone } from "./ui";

const STAGES: Readonly<Record<string, string>> = {
  fetching: "Открываем файл",
  reading: "Читаем строки",
  matching: "Узнаём товары",
  saving: "Записываем, что прочли",
};

const STATES: Readonly<Record<string, { text: string; tone: Tone }>> = {
  queued: { text: "В очереди", tone: "plain" },
  processing: { text: "Читаем", tone: "warn" },
  done: { text: "Готово", tone: "good" },
  failed: { text: "Не получилось", tone: "bad" },
};

export function JobBadge({ job }: { job: Job }) {
  const state = STATES[job.status];
  return <Badge tone={state?.tone ?? "plain"}>{state?.text ?? job.status}</Badge>;
}

/** Where the reading is, in words. */
export function stageOf(job: Job): string {
  if (job.status === "queued") {
    if (job.attempts > 0) return "Не вышло. Скоро попробуем ещё раз";
    return job.stage === "waiting" ? "Ждём, пока файл дойдёт" : "Файл у нас, скоро начнём";
  }
  if (job.status === "done") return "Документ прочитан";
  if (job.status === "failed") return "Прочитать не получилось";
  return STAGES[job.stage] ?? "Читаем документ";
}

/** One line about a job that is watched: for a list of files. */
export function JobLine({ id }: { id: string }) {
  const { job } = useJob(id);
  return (
    <div className="flex flex-wrap items-center gap-3" aria-live="polite">
      {job ? <JobBadge job={job} /> : <Spinner />}
      {job?.status === "processing" && (
        <div className="min-w-24 flex-1">
          <Progress value={job.progress} label="Чтение документа" />
        </div>
      )}
      {job?.reason && <span className="text-sm text-bad max-sm:order-last max-sm:basis-full sm:flex-1">{job.reason}</span>}
      <Link to={`/jobs/${id}`} className="ml-auto font-semibold text-accent underline underline-offset-4">
        Подробнее
      </Link>
    </div>
  );
}
