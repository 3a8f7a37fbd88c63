import { useCallback } from "react";
import { useParams } from "react-router";
import { type Job, MOST_ATTEMPTS, retryJob } from "../api/intake";
import { findInvoiceOf } from "../api/invoices";
import { JobBadge, stageOf } from "../components/job";
import { Button, ButtonLink, Card, Failure, Notice, PageTitle, Progress, Waiting } from "../components/ui";
import { useAction } from "../hooks/useAction";
import { useJob } from "../hooks/useJob";
import { useLoad } from "../hooks/useLoad";
import { useTitle } from "../hooks/useTitle";
import { showMoment } from "../lib/dates";

/** Where to go from a document that was read: to its draft, which is made with its result, or to what was read. */
function WhatNow({ job }: { job: Job }) {
  const { id, same_as: same, result_id: result } = job;
  const draft = useLoad(useCallback(() => findInvoiceOf(same ? [id, same] : [id]), [id, same]));
  if (draft.loading) return null;
  return (
    <>
      {draft.data && (
        <ButtonLink look="primary" to={`/invoices/${draft.data.id}`}>
          {draft.data.status === "draft" ? "Проверить и провести" : "Открыть накладную"}
        </ButtonLink>
      )}
      {result && (
        <ButtonLink to={`/results/${result}`} look={draft.data ? "quiet" : "primary"}>
          Что прочитано
        </ButtonLink>
      )}
    </>
  );
}

export function JobPage() {
  useTitle("Чтение документа");
  const { jobId = "" } = useParams();
  const { job, error, look } = useJob(jobId);
  const retry = useAction(async () => {
    await retryJob(jobId);
    look();
  });
  if (!job) return error ? <Failure error={error} again={look} /> : <Waiting />;
  const { status, attempts } = job;
  return (
    <div className="mx-auto grid max-w-2xl gap-4">
      <PageTitle aside={<JobBadge job={job} />}>{job.file_name || "Документ"}</PageTitle>
      <Card className="grid gap-4">
        <div className="grid gap-2" aria-live="polite">
          <p className="text-lg font-medium">{stageOf(job)}</p>
          {status !== "failed" && <Progress value={status === "done" ? 100 : job.progress} label="Чтение документа" />}
          {status === "processing" && (
            <p className="text-soft">Обычно это занимает меньше минуты. Страницу можно закрыть: чтение не прервётся.</p>
          )}
        </div>
        {job.reason && (
          <Notice tone={status === "failed" ? "bad" : "warn"} role="alert">
            {job.reason}
          </Notice>
        )}
        <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-sm">
          <dt className="text-soft">Загружен</dt>
          <dd>{showMoment(job.created_at)}</dd>
          <dt className="text-soft">Попытка</dt>
          <dd>
            {Math.max(1, attempts)} из {MOST_ATTEMPTS}
          </dd>
        </dl>
        {job.same_as && !job.is_result_closed && (
          <Notice>Этот же файл уже загружали раньше: показываем то, что прочитали тогда.</Notice>
        )}
        {job.is_result_closed && (
          <Notice>
            В документе закупочные цены. Их сутки видит тот, кто его загрузил, а потом — владелец салона и администратор
            системы.
          </Notice>
        )}
        <Failure error={retry.error ?? error} />
        <div className="flex flex-wrap gap-3">
          {status === "done" && <WhatNow job={job} />}
          {status === "failed" && (
            <Button look="primary" busy={retry.busy} onClick={() => void retry.run()}>
              Попробовать ещё раз
            </Button>
          )}
          <ButtonLink to="/upload">Загрузить другой</ButtonLink>
        </div>
      </Card>
    </div>
  );
}
