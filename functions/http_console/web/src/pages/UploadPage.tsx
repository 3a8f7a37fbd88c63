import { type DragEvent, useId, useState } from "react";
import { Link } from "react-router";
import { listJobs } from "../api/intake";
import { JobBadge, JobLine } from "../components/job";
import { More } from "../components/More";
import { Button, Card, Failure, PageTitle, Progress } from "../components/ui";
import { usePages } from "../hooks/usePages";
import { useTitle } from "../hooks/useTitle";
import { type Upload, useUploads } from "../hooks/useUploads";
import { showMoment } from "../lib/dates";
import { ACCEPT, MAX_BYTES, refusalOf, showSize } from "../lib/files";

const PICK =
  "inline-flex min-h-11 items-center justify-center rounded-xl border px-4 py-2 font-semibold has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent";

function Picker({ add }: { add: (files: Iterable<File>) => void }) {
  const [isOver, setOver] = useState(false);
  const hint = useId();
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  };
  const picked = (event: { target: HTMLInputElement }) => {
    add(event.target.files ?? []);
    event.target.value = ""; // the same file may be picked again
  };
  return (
    <Card
      aria-label="Выбор файлов"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`grid justify-items-center gap-4 border-2 border-dashed py-10 text-center ${isOver ? "border-accent bg-sunk" : ""}`}
    >
      <div className="grid gap-1">
        <p className="text-lg font-semibold">
          <span className="pointer-coarse:hidden">Перетащите сюда накладную или чек</span>
          <span className="not-pointer-coarse:hidden">Снимите накладную или чек</span>
        </p>
        <p id={hint} className="text-soft">
          Фото, PDF или УПД в XML, до {showSize(MAX_BYTES)}. Можно сразу несколько.
        </p>
      </div>
      <div className="flex flex-wrap justify-center gap-3">
        <label className={`${PICK} border-transparent bg-accent text-accent-ink hover:bg-accent-strong not-pointer-coarse:hidden`}>
          <input
            type="file"
            accept="image/*"
            capture="environment"
            className="sr-only"
            aria-describedby={hint}
            onChange={picked}
          />
          Снять камерой
        </label>
        <label className={`${PICK} border-line bg-card hover:bg-sunk pointer-fine:border-transparent pointer-fine:bg-accent pointer-fine:text-accent-ink pointer-fine:hover:bg-accent-strong`}>
          <input type="file" multiple accept={ACCEPT} className="sr-only" aria-describedby={hint} onChange={picked} />
          Выбрать файлы
        </label>
      </div>
      <p className="max-w-prose text-sm text-soft">
        Документ целиком в кадре, без тени от руки. Лучше чуть сверху, при хорошем свете.
      </p>
    </Card>
  );
}

function Row({ upload, again, remove }: { upload: Upload; again: () => void; remove: () => void }) {
  const { file, state, jobId } = upload;
  const tried = state === "refused" && refusalOf(file) === null;
  return (
    <li className="grid gap-2 border-b border-line py-3 last:border-0">
      <div className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{file.name}</span>
        <span className="shrink-0 text-sm text-soft">{showSize(file.size)}</span>
      </div>
      {state === "waiting" && <p className="text-sm text-soft">Ждёт очереди</p>}
      {state === "sending" && (
        <div className="flex items-center gap-3">
          <div className="flex-1">
            <Progress value={upload.share * 100} label={`Загрузка: ${file.name}`} />
          </div>
          <span className="w-12 text-right text-sm text-soft tabular-nums">{Math.round(upload.share * 100)} %</span>
          <Button onClick={remove} className="min-h-9! py-1 text-sm">
            Прервать
          </Button>
        </div>
      )}
      {state === "sent" && jobId && <JobLine id={jobId} />}
      {state === "refused" && (
        <div className="flex flex-wrap items-center gap-3">
          <p className="flex-1 text-bad" role="alert">
            {upload.reason}
          </p>
          {tried && (
            <Button onClick={again} className="min-h-9! py-1 text-sm">
              Ещё раз
            </Button>
          )}
          <Button onClick={remove} className="min-h-9! py-1 text-sm">
            Убрать
          </Button>
        </div>
      )}
    </li>
  );
}

function Recent() {
  const jobs = usePages(listJobs);
  if (jobs.error) return <Failure error={jobs.error} again={jobs.reload} />;
  if (!jobs.items?.length) return null;
  return (
    <section aria-labelledby="recent" className="grid min-w-0 gap-2">
      <h2 id="recent" className="text-lg font-semibold">
        Недавние
      </h2>
      <Card className="py-1 sm:py-1">
        <ul>
          {jobs.items.map((job) => (
            <li key={job.id} className="border-b border-line last:border-0">
              <Link to={`/jobs/${job.id}`} className="flex items-center gap-3 py-3 hover:text-accent">
                <span className="min-w-0 flex-1 truncate font-medium">{job.file_name || "Фото из мессенджера"}</span>
                <span className="hidden text-sm text-soft sm:inline">{showMoment(job.created_at)}</span>
                <JobBadge job={job} />
              </Link>
            </li>
          ))}
        </ul>
        <More of={jobs} />
      </Card>
    </section>
  );
}

export function UploadPage() {
  useTitle("Загрузить");
  const { uploads, add, again, remove } = useUploads();
  return (
    <div className="mx-auto grid max-w-3xl gap-6">
      <PageTitle>Загрузить документ</PageTitle>
      <Picker add={add} />
      {uploads.length > 0 && (
        <Card aria-label="Файлы" className="py-1 sm:py-1">
          <ul>
            {uploads.map((one) => (
              <Row key={one.key} upload={one} again={() => again(one)} remove={() => remove(one)} />
            ))}
          </ul>
        </Card>
      )}
      <Recent />
    </div>
  );
}
