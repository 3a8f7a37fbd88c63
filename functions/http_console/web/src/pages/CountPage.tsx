import { type KeyboardEvent, useCallback, useRef, useState } from "react";
import { useParams } from "react-router";
import { closeCount, type Count, enterCount, getReport, getSheet, postCount, reopenCount, reverseCount, type SheetLine } from "../api/counts";
import { ApiError, inWords } from "../api/errors";
import { step } from "../components/invoice/steps";
import { Badge, Button, Card, Empty, Failure, Field, INPUT, PageTitle, Waiting } from "../components/ui";
import { useAction } from "../hooks/useAction";
import { useLoad } from "../hooks/useLoad";
import { useTitle } from "../hooks/useTitle";
import { editDecimal, parseDecimal, showDecimal, toWire } from "../lib/decimal";
import { showMoney } from "../lib/money";
import { countWords, hintWords, sentence, unitWords } from "../lib/words";

export function CountPage() {
  useTitle("Пересчёт");
  const { countId = "" } = useParams();
  const sheet = useLoad(useCallback(() => getSheet(countId), [countId]));
  if (!sheet.data) return sheet.error ? <Failure error={sheet.error} again={sheet.reload} /> : <Waiting />;
  const { count, lines } = sheet.data;
  return (
    <div className="mx-auto grid max-w-3xl gap-4">
      <PageTitle aside={<Badge tone={count.status === "posted" ? "good" : "warn"}>{countWords(count.status)}</Badge>}>
        Пересчёт
      </PageTitle>
      {count.status === "open" ? (
        <Counting count={count} lines={lines} reload={sheet.reload} />
      ) : (
        <Found count={count} reload={sheet.reload} />
      )}
    </div>
  );
}

const figure = (text: string) => (text.trim() === "" ? 0n : parseDecimal(text));

/** One item: closed packs, and what is left in opened ones; saved when the line is left. */
function Entry({ countId, line }: { countId: string; line: SheetLine }) {
  const [packs, setPacks] = useState(editDecimal(line.mine?.packs));
  const [rest, setRest] = useState(editDecimal(line.mine && line.mine.remainder !== "0" ? line.mine.remainder : ""));
  const [state, setState] = useState<"empty" | "saved" | "saving" | "failed">(line.mine ? "saved" : "empty");
  const [failure, setFailure] = useState<unknown>(null);
  const sent = useRef(line.mine ? `${packs}|${rest}` : "|");
  const [whole, loose] = [figure(packs), figure(rest)];
  const isWrong = whole === null || loose === null || whole < 0n || loose < 0n;
  const isPieces = line.base_unit === "pcs" && parseDecimal(line.pack_quantity) === parseDecimal("1");
  const save = async () => {
    const said = `${packs}|${rest}`;
    if (isWrong || said === "|" || said === sent.current) return;
    sent.current = said;
    setState("saving");
    try {
      await enterCount(countId, line.item_id, toWire(whole), toWire(loose));
      setState("saved");
    } catch (error) {
      sent.current = "";
      setFailure(error);
      setState("failed");
    }
  };
  return (
    <li className="grid grid-cols-[1fr_auto_auto] items-end gap-3 border-b border-line py-3 last:border-0">
      <span className="min-w-0 self-center">
        <span className="block font-medium wrap-anywhere">{line.name}</span>
        <span className="block text-sm text-soft">
          {[line.shelf, isPieces ? "" : `в упаковке ${showDecimal(line.pack_quantity)} ${unitWords(line.base_unit)}`]
            .filter(Boolean)
            .join(" · ")}{" "}
          {line.is_to_recount && <Badge tone="warn">пересчитайте</Badge>}
          {state === "saved" && <Badge tone="good">записано</Badge>}
          {state === "saving" && "записываем…"}
        </span>
        {state === "failed" && (
          <span role="alert" className="block text-sm text-bad">
            {inWords(failure)}
          </span>
        )}
      </span>
      <label className="grid gap-0.5">
        <span className="text-xs text-soft">{isPieces ? "Штук" : "Упаковок"}</span>
        <input
          data-step
          aria-label={`${isPieces ? "Штук" : "Упаковок"}: ${line.name}`}
          aria-invalid={isWrong || undefined}
          inputMode="decimal"
          autoComplete="off"
          className={`${INPUT} w-20 text-right tabular-nums`}
          value={packs}
          onChange={(event) => setPacks(event.target.value)}
          onBlur={() => void save()}
        />
      </label>
      {isPieces ? (
        <span />
      ) : (
        <label className="grid gap-0.5">
          <span className="text-xs text-soft">И ещё, {unitWords(line.base_unit)}</span>
          <input
            data-step
            aria-label={`В открытых, ${unitWords(line.base_unit)}: ${line.name}`}
            aria-invalid={isWrong || undefined}
            inputMode="decimal"
            autoComplete="off"
            className={`${INPUT} w-20 text-right tabular-nums`}
            value={rest}
            onChange={(event) => setRest(event.target.value)}
            onBlur={() => void save()}
          />
        </label>
      )}
    </li>
  );
}

function Counting({ count, lines, reload }: { count: Count; lines: SheetLine[]; reload: () => void }) {
  const form = useRef<HTMLDivElement>(null);
  const [unsettled, setUnsettled] = useState(false);
  const close = useAction(async () => {
    try {
      await closeCount(count.id, unsettled);
      reload();
    } catch (error) {
      if (error instanceof ApiError && error.problem.code === "COUNT_UNSETTLED") setUnsettled(true);
      throw error;
    }
  });
  const keyed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || !form.current) return;
    event.preventDefault();
    step(form.current, event.target, event.shiftKey ? -1 : 1);
  };
  if (lines.length === 0) return <Empty>На складе ещё нет товаров: считать нечего.</Empty>;
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Enter goes from field to field
    <div ref={form} onKeyDown={keyed} className="grid gap-4">
      <Card className="py-1 sm:py-1">
        <ul>
          {lines.map((line) => (
            <Entry key={line.item_id} countId={count.id} line={line} />
          ))}
        </ul>
      </Card>
      <Failure error={close.error} />
      <Button look="primary" className="justify-self-start" busy={close.busy} onClick={() => void close.run()}>
        {unsettled ? "Закрыть без того, что разошлось" : "Закрыть и сверить"}
      </Button>
    </div>
  );
}

/** Takes back what a posted count has corrected; whoever may not is told so. */
function Undo({ count, reload }: { count: Count; reload: () => void }) {
  const [reason, setReason] = useState<string | null>(null);
  const undo = useAction(async () => {
    await reverseCount(count.id, (reason ?? "").trim());
    reload();
  });
  if (reason === null) {
    return (
      <Button look="danger" className="justify-self-start" onClick={() => setReason("")}>
        Отменить пересчёт
      </Button>
    );
  }
  return (
    <Card className="grid gap-3">
      <Field label="Почему отменяем пересчёт" value={reason} onChange={(event) => setReason(event.target.value)} />
      <Failure error={undo.error} />
      <div className="flex flex-wrap gap-3">
        <Button look="danger" busy={undo.busy} disabled={!reason.trim()} onClick={() => void undo.run()}>
          Да, отменить
        </Button>
        <Button onClick={() => setReason(null)}>Нет</Button>
      </div>
    </Card>
  );
}

/** What was found, the dearest first; and correcting the ledger by it. */
function Found({ count, reload }: { count: Count; reload: () => void }) {
  const report = useLoad(useCallback(() => getReport(count.id), [count.id]));
  const [reason, setReason] = useState("");
  const post = useAction(async () => {
    await postCount(count.id, reason.trim());
    reload();
  });
  const reopen = useAction(async () => {
    await reopenCount(count.id);
    reload();
  });
  if (!report.data) return report.error ? <Failure error={report.error} again={report.reload} /> : <Waiting />;
  const { lines, shortage_minor: shortage, surplus_minor: surplus } = report.data;
  return (
    <>
      <Card className="overflow-x-auto">
        <table className="w-full">
          <caption className="sr-only">Расхождения</caption>
          <thead className="text-left text-sm text-soft">
            <tr>
              <th scope="col" className="pr-3 pb-2 font-normal">Товар</th>
              <th scope="col" className="pr-3 pb-2 text-right font-normal max-sm:hidden">По учёту</th>
              <th scope="col" className="pr-3 pb-2 text-right font-normal max-sm:hidden">По факту</th>
              <th scope="col" className="pr-3 pb-2 text-right font-normal">Разница</th>
              <th scope="col" className="pb-2 text-right font-normal max-sm:hidden">На сумму</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ name, base_unit: unit, found }) => (
              <tr key={found.item_id} className="border-t border-line align-top">
                <th scope="row" className="py-2.5 pr-3 text-left font-medium">
                  {name}
                  {found.variance !== null && parseDecimal(found.variance) !== 0n && (
                    <span className="block text-sm font-normal text-soft">
                      {sentence(found.causes.map((cause) => hintWords(cause.hint)).filter(Boolean).join("; "))}
                    </span>
                  )}
                </th>
                <td className="py-2.5 pr-3 text-right tabular-nums max-sm:hidden">{showDecimal(found.expected)}</td>
                <td className="py-2.5 pr-3 text-right tabular-nums max-sm:hidden">{showDecimal(found.counted)}</td>
                <td className={`py-2.5 pr-3 text-right font-semibold whitespace-nowrap tabular-nums ${found.is_flagged ? "text-bad" : ""}`}>
                  {found.variance === null ? "идёт пересчёт" : `${showDecimal(found.variance)} ${unitWords(unit)}`}
                </td>
                <td className="py-2.5 text-right tabular-nums max-sm:hidden">{showMoney(found.variance_minor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {(shortage != null || surplus != null) && (
          <p className="border-t border-line pt-3 text-right">
            Недостача {showMoney(shortage)}, излишек {showMoney(surplus)}
          </p>
        )}
      </Card>
      {count.status === "posted" && <Undo count={count} reload={reload} />}
      {count.status === "closed" && (
        <Card className="grid gap-3">
          <Field
            label="Почему исправляем остатки"
            placeholder="Плановый пересчёт"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Failure error={post.error ?? reopen.error} />
          <div className="flex flex-wrap gap-3">
            <Button look="primary" busy={post.busy} disabled={!reason.trim()} onClick={() => void post.run()}>
              Исправить остатки
            </Button>
            <Button busy={reopen.busy} onClick={() => void reopen.run()}>
              Досчитать
            </Button>
          </div>
        </Card>
      )}
    </>
  );
}
