import { type KeyboardEvent, useCallback, useRef } from "react";
import { useNavigate, useParams } from "react-router";
import {
  addLine,
  changeHeader,
  changeLine,
  confirmInvoice,
  discardInvoice,
  draftAgain,
  type HeaderDetails,
  type Invoice,
  type InvoiceLine,
  type LineDetails,
  removeLine,
  reverseInvoice,
} from "../api/invoices";
import { type Item, listItems, listLocations, type Location } from "../api/stock";
import { FirstLocation } from "../components/FirstLocation";
import { Ending, type EndingHandle } from "../components/invoice/Ending";
import { HeaderForm, headerOf } from "../components/invoice/HeaderForm";
import { LineRow } from "../components/invoice/LineRow";
import { Picture, type PictureHandle } from "../components/invoice/Picture";
import { step, stepLine } from "../components/invoice/steps";
import type { Area } from "../components/invoice/view";
import { Badge, Button, Failure, Notice, type Tone, Waiting } from "../components/ui";
import { useAction } from "../hooks/useAction";
import { type Editing, useInvoice } from "../hooks/useInvoice";
import { useLoad } from "../hooks/useLoad";
import { useTitle } from "../hooks/useTitle";
import { detailsOf } from "../lib/lines";
import { draftWords, flagWords, kindWords, sentence } from "../lib/words";

const TONES: Readonly<Record<Invoice["status"], Tone>> = {
  draft: "warn",
  confirmed: "good",
  reversed: "plain",
  discarded: "plain",
};

const PLACE = "first-location";

interface Around {
  items: ReadonlyMap<string, Item>;
  locations: Location[];
}

async function loadAround(): Promise<Around> {
  const [items, locations] = await Promise.all([listItems(), listLocations()]);
  return { items: new Map(items.map((one) => [one.id, one])), locations };
}

export function InvoicePage() {
  const { invoiceId = "" } = useParams();
  const editing = useInvoice(invoiceId);
  const around = useLoad(useCallback(() => loadAround(), []));
  useTitle("Накладная");
  const error = editing.data ? null : (editing.error ?? around.error);
  if (error) return <Failure error={error} again={editing.reload} />;
  if (!editing.data || !around.data) return <Waiting />;
  return <Editor key={invoiceId} invoice={editing.data} editing={editing} around={around.data} reloadAround={around.reload} />;
}

interface EditorProps {
  invoice: Invoice;
  editing: Editing;
  around: Around;
  reloadAround: () => void;
}

function Editor({ invoice, editing, around, reloadAround }: EditorProps) {
  const editable = invoice.status === "draft";
  const pictures = invoice.pages.map((page) => page.url).filter((url) => url !== null);
  const go = useNavigate();
  const form = useRef<HTMLDivElement>(null);
  const picture = useRef<PictureHandle>(null);
  const ending = useRef<EndingHandle>(null);
  const show = (field: Area | null, line: Area | null) => picture.current?.show(field, line);

  const saveHeader = (change: (details: HeaderDetails) => HeaderDetails) =>
    editing.change((now) => changeHeader(now, change(headerOf(now))));
  const saveLine = (lineId: string, change: (details: LineDetails) => LineDetails) =>
    editing.change((now) => {
      const line = now.lines.find((one) => one.id === lineId);
      return line ? changeLine(now, lineId, change(detailsOf(line))) : Promise.resolve(now);
    });
  const add = useAction(async () => {
    await editing.change((now) => addLine(now, "Новая строка"));
  });
  const goTo = ({ id, questions }: InvoiceLine) => {
    const line = document.getElementById(`line-${id}`);
    const asked = line?.querySelector<HTMLElement>(`[data-asks="${questions[0] ?? ""}"]`);
    (asked ?? line?.querySelector<HTMLElement>("[data-step]"))?.focus();
    line?.scrollIntoView({ block: "nearest" });
  };
  const keyed = (event: KeyboardEvent<HTMLDivElement>) => {
    const from = event.target;
    if (event.defaultPrevented || !form.current || !(from instanceof HTMLElement) || from.closest("form")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      from.blur(); // what was typed is saved first
      ending.current?.confirm();
    } else if (event.key === "Enter" && from instanceof HTMLInputElement) {
      event.preventDefault();
      step(form.current, from, event.shiftKey ? -1 : 1);
    } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      stepLine(form.current, from, event.key === "ArrowDown" ? 1 : -1);
    }
  };

  return (
    <div
      className={`grid gap-4 ${pictures.length > 0 ? "lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]" : "mx-auto max-w-5xl"}`}
    >
      {pictures.length > 0 && (
        <div className="z-10 h-[38dvh] max-lg:sticky max-lg:top-14 lg:sticky lg:top-19 lg:h-[calc(100dvh-6.5rem)]">
          <Picture pages={pictures} handle={picture} onLost={editing.reload} />
        </div>
      )}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys that go from field to field */}
      <div ref={form} onKeyDown={keyed} className="@container grid min-w-0 content-start gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h1 className="text-xl font-semibold tracking-tight">{kindWords(invoice.kind)}</h1>
          <Badge tone={TONES[invoice.status]}>{draftWords(invoice.status)}</Badge>
        </div>
        {editable && invoice.flags.length > 0 && (
          <Notice tone="warn">{sentence(invoice.flags.map(flagWords).join("; "))}.</Notice>
        )}
        <HeaderForm invoice={invoice} editable={editable} save={saveHeader} show={show} />
        <ol aria-label="Строки накладной" className="grid gap-2">
          {invoice.lines.map((line) => (
            <LineRow
              key={line.id}
              line={line}
              items={around.items}
              editable={editable}
              save={saveLine}
              remove={(lineId) => editing.change((now) => removeLine(now, lineId))}
              show={show}
              onward={(from) => form.current && step(form.current, from, 1)}
            />
          ))}
        </ol>
        {editable && (
          <div className="grid gap-2">
            <Button className="justify-self-start" busy={add.busy} onClick={() => void add.run()}>
              Добавить строку
            </Button>
            <Failure error={add.error} />
          </div>
        )}
        {editable && around.locations.length === 0 && <FirstLocation id={PLACE} added={reloadAround} />}
        <div className="sticky bottom-0 -mx-3 border-t border-line bg-page/95 px-3 py-3 backdrop-blur sm:mx-0 sm:rounded-t-2xl sm:border sm:px-4">
          <Ending
            invoice={invoice}
            locations={around.locations}
            pending={editing.pending}
            handle={ending}
            goTo={goTo}
            askForPlace={() => {
              const card = document.getElementById(PLACE);
              card?.querySelector("input")?.focus({ preventScroll: true });
              card?.scrollIntoView({ block: "center" });
            }}
            confirm={async (words) => {
              await editing.change((now) => confirmInvoice(now, words));
              reloadAround(); // new items have come into being
            }}
            discard={() => editing.change((now) => discardInvoice(now))}
            reverse={(despiteCount) => editing.change((now) => reverseInvoice(now, despiteCount))}
            draftAgain={async () => {
              await go(`/invoices/${await draftAgain(invoice)}`);
            }}
          />
        </div>
      </div>
    </div>
  );
}
