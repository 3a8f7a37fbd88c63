import { useCallback } from "react";
import { Link, useSearchParams } from "react-router";
import { type InvoiceRow, listInvoices } from "../api/invoices";
import { More } from "../components/More";
import { Tabs } from "../components/Tabs";
import { ButtonLink, Card, Empty, Failure, PageTitle, Waiting } from "../components/ui";
import { usePages } from "../hooks/usePages";
import { useTitle } from "../hooks/useTitle";
import { showDay, showMoment } from "../lib/dates";
import { showMoney } from "../lib/money";
import { kindWords } from "../lib/words";

const TABS = [
  { id: "draft", text: "Ждут проверки" },
  { id: "confirmed", text: "Проведены" },
  { id: "reversed", text: "Отменены" },
  { id: "discarded", text: "Отклонены" },
] as const;

const NOTHING: Readonly<Record<string, string>> = {
  draft: "Все накладные проверены. Новая появится здесь, как только её прочитают.",
};

function Row({ invoice }: { invoice: InvoiceRow }) {
  return (
    <li className="border-b border-line last:border-0">
      <Link to={`/invoices/${invoice.id}`} className="flex items-baseline gap-4 py-3 hover:text-accent">
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{invoice.supplier_name || "Поставщик не указан"}</span>
          <span className="block text-sm text-soft wrap-anywhere">
            {kindWords(invoice.kind)}
            {invoice.number && ` № ${invoice.number}`}
            {invoice.issued_on && ` от ${showDay(invoice.issued_on)}`}
          </span>
        </span>
        <span className="text-right">
          <b className="font-semibold whitespace-nowrap tabular-nums">{showMoney(invoice.total_minor)}</b>
          <span className="block text-sm text-soft">{showMoment(invoice.closed_at ?? invoice.created_at)}</span>
        </span>
      </Link>
    </li>
  );
}

export function InvoicesPage() {
  useTitle("Накладные");
  const [query] = useSearchParams();
  const status = TABS.find((one) => one.id === query.get("status"))?.id ?? "draft";
  const invoices = usePages(useCallback((cursor: string | null) => listInvoices(status, cursor), [status]));
  return (
    <div className="mx-auto grid max-w-3xl gap-4">
      <PageTitle aside={<ButtonLink to="/upload">Загрузить</ButtonLink>}>Накладные</PageTitle>
      <Tabs label="Какие накладные" name="status" tabs={TABS} />
      <Failure error={invoices.error} again={invoices.reload} />
      {invoices.loading && <Waiting />}
      {invoices.items?.length === 0 && <Empty>{NOTHING[status] ?? "Здесь пусто."}</Empty>}
      {invoices.items && invoices.items.length > 0 && (
        <Card className="py-1 sm:py-1">
          <ul>
            {invoices.items.map((one) => (
              <Row key={one.id} invoice={one} />
            ))}
          </ul>
          <More of={invoices} />
        </Card>
      )}
    </div>
  );
}
