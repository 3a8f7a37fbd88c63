import { useCallback, useRef } from "react";
import { useParams } from "react-router";
import { type DocumentJson, type ItemJson, kopecks } from "../api/document";
import { ApiError, inWords } from "../api/errors";
import { getResult } from "../api/intake";
import { Picture, type PictureHandle } from "../components/invoice/Picture";
import { areaOf, around } from "../components/invoice/view";
import { Badge, Card, Failure, Notice, PageTitle, Waiting } from "../components/ui";
import { useLoad } from "../hooks/useLoad";
import { useTitle } from "../hooks/useTitle";
import { showDecimal, showPrice } from "../lib/decimal";
import { showMoney } from "../lib/money";
import { plural } from "../lib/plural";
import { checkSums } from "../lib/sums";
import { confidenceWords, flagWords, kindWords, sentence, sourceWords } from "../lib/words";

const flagsOf = (item: ItemJson): string[] => [
  ...new Set([...item.flags, ...Object.values(item.field_flags).flat()]),
];

function Line({ item, show }: { item: ItemJson; show: (() => void) | null }) {
  const flags = flagsOf(item);
  const least = Math.min(1, ...Object.values(item.confidence));
  return (
    <tr className="border-t border-line align-top max-md:grid max-md:grid-cols-3 max-md:gap-x-3 max-md:py-3">
      <td className="text-soft tabular-nums max-md:hidden md:py-2.5 md:pr-3">{item.n}</td>
      <td className="max-md:col-span-3 md:py-2.5 md:pr-3">
        {show ? (
          <button type="button" onClick={show} className="text-left font-medium hover:text-accent" title="Показать на картинке">
            {item.name || "—"}
          </button>
        ) : (
          <span className="font-medium">{item.name || "—"}</span>
        )}
        {flags.length > 0 && (
          <span className="block text-sm text-warn">{sentence(flags.map(flagWords).join("; "))}</span>
        )}
        {flags.length === 0 && least < 0.9 && <span className="block text-sm text-soft">{confidenceWords(least)}</span>}
      </td>
      <td className="tabular-nums md:py-2.5 md:pr-3 md:text-right">
        {item.qty === null ? "—" : showDecimal(String(item.qty))} {item.unit}
      </td>
      <td className="tabular-nums md:py-2.5 md:pr-3 md:text-right">
        <span className="text-soft md:hidden">× </span>
        {item.price === null ? "—" : showPrice(String(item.price))}
      </td>
      <td className="text-right font-medium tabular-nums md:py-2.5">{showMoney(kopecks(item.sum_vat ?? item.sum))}</td>
    </tr>
  );
}

function Head({ document }: { document: DocumentJson }) {
  const rows = [
    ["Поставщик", [document.supplier.name || "—", document.supplier.inn && `ИНН ${document.supplier.inn}`].filter(Boolean).join(", ")],
    ["Номер", document.number ?? "—"],
    ["Дата", document.date ?? "—"],
    ["Прочитано", `${sourceWords(document.source)}, ${plural(document.pages.length || 1, "страница", "страницы", "страниц")}`],
  ] as const;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Totals({ document }: { document: DocumentJson }) {
  const total = kopecks(document.total);
  const check = checkSums(document.items.map((item) => kopecks(item.sum_vat ?? item.sum)), total);
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-3">
      <span>
        {check.gapMinor === 0 && <Badge tone="good">Суммы строк сходятся с итогом</Badge>}
        {check.gapMinor !== null && check.gapMinor !== 0 && (
          <Badge tone="bad">Строки и итог расходятся на {showMoney(Math.abs(check.gapMinor))}</Badge>
        )}
        {check.gapMinor === null && <Badge tone="warn">Итог не с чем сверить</Badge>}
      </span>
      <span className="text-lg font-semibold tabular-nums">Итого {showMoney(total)}</span>
    </div>
  );
}

export function ResultPage() {
  useTitle("Что прочитано");
  const { resultId = "" } = useParams();
  const picture = useRef<PictureHandle>(null);
  const result = useLoad(useCallback(() => getResult(resultId), [resultId]));
  if (result.error instanceof ApiError && result.error.problem.code === "RESULT_CLOSED") {
    return <Notice>{inWords(result.error)}</Notice>; // trying again changes nothing
  }
  if (result.error) return <Failure error={result.error} again={result.reload} />;
  if (!result.data) return <Waiting />;
  const { document } = result.data;
  const pictures = result.data.pages.map((page) => page.url);
  const show = (item: ItemJson) => picture.current?.show(null, around(Object.values(item.boxes).map(areaOf)));
  const flagged = document.items.filter((item) => !item.accepted).length;
  return (
    <div className="mx-auto grid max-w-4xl gap-4">
      <PageTitle
        aside={
          flagged > 0 ? (
            <Badge tone="warn">Посмотрите {plural(flagged, "строку", "строки", "строк")}</Badge>
          ) : (
            <Badge tone="good">Всё прочитано уверенно</Badge>
          )
        }
      >
        {kindWords(document.doc_type)}
      </PageTitle>
      {pictures.length > 0 && (
        <div className="h-[42dvh]">
          <Picture pages={pictures} handle={picture} onLost={result.reload} />
        </div>
      )}
      <Card className="grid gap-4">
        <Head document={document} />
        {document.flags.length > 0 && (
          <Notice tone="warn">{sentence(document.flags.map(flagWords).join("; "))}.</Notice>
        )}
        <table className="w-full max-md:block">
          <caption className="sr-only">Строки документа</caption>
          <thead className="text-left text-sm text-soft max-md:hidden">
            <tr>
              <th scope="col" className="pr-3 pb-2 font-normal">№</th>
              <th scope="col" className="pr-3 pb-2 font-normal">Название</th>
              <th scope="col" className="pr-3 pb-2 text-right font-normal">Количество</th>
              <th scope="col" className="pr-3 pb-2 text-right font-normal">Цена, ₽</th>
              <th scope="col" className="pb-2 text-right font-normal">Сумма</th>
            </tr>
          </thead>
          <tbody className="max-md:block">
            {document.items.map((item, place) => (
              <Line key={place} item={item} show={pictures.length > 0 ? () => show(item) : null} />
            ))}
          </tbody>
        </table>
        <Totals document={document} />
        <details className="text-sm text-soft">
          <summary>Как прочитано</summary>
          <p className="mt-2">
            {document.engine} {document.engine_version}, правила {document.reader_version}
          </p>
          <pre className="mt-2 max-h-80 overflow-auto rounded-xl bg-sunk p-3 whitespace-pre-wrap">{document.full_text}</pre>
        </details>
      </Card>
    </div>
  );
}
