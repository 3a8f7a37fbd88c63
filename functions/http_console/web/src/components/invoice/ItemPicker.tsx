import { type KeyboardEvent, useId, useRef, useState } from "react";
import type { InvoiceLine } from "../../api/invoices";
import type { Item } from "../../api/stock";
import { searchNames } from "../../lib/search";
import { unitWords } from "../../lib/words";

export type Choice = { kind: "item"; itemId: string } | { kind: "new"; name: string } | { kind: "none" };

interface Option {
  key: string;
  text: string;
  hint: string;
  choice: Choice;
}

export type Items = ReadonlyMap<string, Item>;

const MOST = 8;

function optionsOf(line: InvoiceLine, query: string, all: Items): Option[] {
  const known = query.trim()
    ? searchNames([...all.values()], query, MOST)
    : line.candidates.map((one) => ({ ...one, id: one.item_id }));
  const items = known.map((item): Option => ({
    key: item.id,
    text: item.name,
    hint: `учёт в ${unitWords(item.base_unit)}`,
    choice: { kind: "item", itemId: item.id },
  }));
  const name = query.trim() || (line.proposal?.name ?? line.name);
  return [
    ...items,
    { key: "new", text: `Новый товар: ${name}`, hint: "появится на складе", choice: { kind: "new", name } },
    { key: "none", text: "Не приходовать", hint: "доставка, услуга, тара", choice: { kind: "none" } },
  ];
}

export function nameOfMatch(line: InvoiceLine): string {
  if (line.is_excluded) return "Не приходовать";
  if (line.item) return line.item.name;
  return line.takes_new && line.proposal ? line.proposal.name : "";
}

interface Props {
  line: InvoiceLine;
  items: Items;
  pick: (choice: Choice) => void;
  disabled: boolean;
  focused: () => void;
}

/** Which item of the stock a line is: those that are likely, those that are searched for, a new one, or none. */
export function ItemPicker({ line, items, pick, disabled, focused }: Props) {
  const id = useId();
  const [query, setQuery] = useState<string | null>(null); // null: not being typed
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const options = optionsOf(line, query ?? "", items);
  const close = () => {
    setOpen(false);
    setQuery(null);
    setActive(-1);
  };
  const take = (option: Option) => {
    close();
    pick(option.choice);
    input.current?.focus();
  };
  const keyed = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.altKey) return;
      event.preventDefault();
      if (!isOpen) setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((before) => (before + step + options.length) % options.length);
    } else if (event.key === "Enter" && isOpen && !event.ctrlKey) {
      const chosen = options[active] ?? (query ? options[0] : undefined);
      if (!chosen) {
        close(); // and the key goes on to the next field
        return;
      }
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      close();
    }
  };
  const shown = nameOfMatch(line);
  return (
    <div className="relative min-w-0 flex-1 basis-52">
      <input
        ref={input}
        data-step
        data-asks="item"
        role="combobox"
        aria-label={`Товар на складе, строка ${line.position}`}
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-activedescendant={active >= 0 && isOpen ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        disabled={disabled}
        placeholder="Выберите товар"
        className={`w-full rounded-lg border bg-transparent px-2 py-1.5 font-medium placeholder:font-normal placeholder:text-warn ${shown ? "border-transparent hover:border-edge focus:border-edge" : "border-warn"}`}
        value={query ?? shown}
        onFocus={(event) => {
          focused();
          event.target.select();
        }}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setQuery(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={keyed}
        onBlur={close}
      />
      {isOpen && (
        <ul
          id={`${id}-list`}
          role="listbox"
          aria-label="Товары"
          className="absolute top-full left-0 z-10 mt-1 max-h-72 w-full min-w-64 overflow-auto rounded-xl border border-line bg-card p-1 shadow-xl"
        >
          {options.map((option, place) => (
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the input has the keys
            <li
              key={option.key}
              id={`${id}-${place}`}
              role="option"
              aria-selected={place === active}
              className={`cursor-pointer rounded-lg px-2.5 py-2 ${place === active ? "bg-sunk" : "hover:bg-sunk"}`}
              onMouseDown={(event) => event.preventDefault()} // else the input loses focus before the click
              onClick={() => take(option)}
            >
              <span className="block font-medium">{option.text}</span>
              <span className="block text-sm text-soft">{option.hint}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
