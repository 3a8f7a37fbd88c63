import { useEffect, useRef, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { account, told } from "../api/client";
import { session } from "../api/session";
import { getAccount } from "../api/users";
import { useLoad } from "../hooks/useLoad";

const PLACES = [
  { to: "/upload", text: "Загрузить" },
  { to: "/invoices", text: "Накладные" },
  { to: "/stock", text: "Склад" },
  { to: "/counts", text: "Пересчёт" },
];

/** For those who let others in. */
const USERS = { to: "/users", text: "Сотрудники" };

async function leave(): Promise<void> {
  try {
    await told(account.POST("/v1/logout"));
  } catch {
    // signed out here all the same
  }
  session.set(null, "left");
}

function Drawn({ path }: { path: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      className="size-5 shrink-0 fill-none stroke-current stroke-2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={path} />
    </svg>
  );
}

/** Where a phone has no room for all places side by side they unfold; anything done elsewhere folds them. */
function useUnfolding() {
  const [isOpen, setOpen] = useState(false);
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const fold = (event: Event) => {
      const isElsewhere = event.target instanceof Node && !bar.current?.contains(event.target);
      if (event instanceof KeyboardEvent ? event.key === "Escape" : isElsewhere) setOpen(false);
    };
    const kinds = ["keydown", "pointerdown", "focusin"] as const;
    kinds.forEach((kind) => document.addEventListener(kind, fold));
    return () => kinds.forEach((kind) => document.removeEventListener(kind, fold));
  }, [isOpen]);
  return { isOpen, setOpen, bar };
}

export function Layout() {
  const who = useLoad(getAccount);
  const { isOpen, setOpen, bar } = useUnfolding();
  const { pathname } = useLocation();
  const places = who.data?.permissions.includes("users.write") ? [...PLACES, USERS] : PLACES;
  const here = places.find((place) => pathname === place.to || pathname.startsWith(`${place.to}/`));
  return (
    <>
      <a
        href="#content"
        className="sr-only rounded-lg bg-card px-4 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-30"
      >
        К содержанию
      </a>
      <header ref={bar} className="sticky top-0 z-20 border-b border-line bg-card">
        <div className="mx-auto flex max-w-[100rem] items-center gap-1 px-2 sm:px-4">
          <img src="/console/favicon.svg" alt="" className="mr-1 size-7 max-md:hidden" />
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls="places"
            onClick={() => setOpen(!isOpen)}
            className="flex min-h-12 min-w-0 flex-1 items-center gap-3 px-2 text-left font-semibold md:hidden"
          >
            <Drawn path={isOpen ? "M6 6l12 12M18 6L6 18" : "M4 7h16M4 12h16M4 17h16"} />
            <span className="truncate">
              <span className={here ? "sr-only" : ""}>Меню</span>
              {here && ` ${here.text}`}
            </span>
          </button>
          <nav
            id="places"
            aria-label="Разделы"
            className={`min-w-0 flex-1 md:flex ${isOpen ? "max-md:absolute max-md:inset-x-0 max-md:top-full max-md:grid max-md:border-y max-md:border-line max-md:bg-card max-md:py-1 max-md:shadow-lg" : "max-md:hidden"}`}
          >
            {places.map((place) => (
              <NavLink
                key={place.to}
                to={place.to}
                onClick={() => setOpen(false)}
                className="border-transparent px-3 py-3.5 font-medium whitespace-nowrap text-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink max-md:border-l-4 max-md:px-4 md:border-b-2"
              >
                {place.text}
              </NavLink>
            ))}
          </nav>
          <button
            type="button"
            onClick={() => void leave()}
            className="flex shrink-0 items-center rounded-lg px-2.5 py-2 text-soft hover:bg-sunk hover:text-ink max-md:min-h-11 max-md:min-w-11 max-md:justify-center"
          >
            <span className="max-md:sr-only">Выйти</span>
            <span className="md:hidden">
              <Drawn path="M10 4H5v16h5M14 8l4 4-4 4M18 12H9" />
            </span>
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-[100rem] px-3 py-5 outline-none sm:px-6">
        <Outlet />
      </main>
    </>
  );
}
