import { useEffect, useRef } from "react";
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

export function Layout() {
  const who = useLoad(getAccount);
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const places = who.data?.permissions.includes("users.write") ? [...PLACES, USERS] : PLACES;
  useEffect(() => {
    // on a phone not every place fits: the current one is brought into sight
    nav.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [pathname, places.length]);
  return (
    <>
      <a
        href="#content"
        className="sr-only rounded-lg bg-card px-4 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-30"
      >
        К содержанию
      </a>
      <header className="sticky top-0 z-20 border-b border-line bg-card/95 backdrop-blur">
        <div className="mx-auto flex max-w-[100rem] items-center gap-1 px-2 sm:px-4">
          <img src="/console/favicon.svg" alt="" className="mr-1 hidden size-7 sm:block" />
          <nav ref={nav} aria-label="Разделы" className="flex min-w-0 flex-1 overflow-x-auto">
            {places.map((place) => (
              <NavLink
                key={place.to}
                to={place.to}
                className="border-b-2 border-transparent px-2 py-3.5 font-medium whitespace-nowrap max-sm:text-sm text-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink sm:px-3"
              >
                {place.text}
              </NavLink>
            ))}
          </nav>
          <button
            type="button"
            onClick={() => void leave()}
            className="shrink-0 rounded-lg px-2.5 py-2 text-soft hover:bg-sunk hover:text-ink"
          >
            <span className="max-sm:sr-only">Выйти</span>
            <svg
              viewBox="0 0 24 24"
              aria-hidden="true"
              className="size-5 fill-none stroke-current stroke-2 sm:hidden"
              strokeLinecap="round"
              strokeLinejoin="round"
            >
              <path d="M10 4H5v16h5M14 8l4 4-4 4M18 12H9" />
            </svg>
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-[100rem] px-3 py-5 outline-none sm:px-6">
        <Outlet />
      </main>
    </>
  );
}
