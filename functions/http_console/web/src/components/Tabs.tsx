import { Link, useSearchParams } from "react-router";

interface Tab {
  id: string;
  text: string;
  count?: number | undefined;
}

/** Views of one page, kept in its address so that going back comes back to the same one. */
export function Tabs({ label, name, tabs }: { label: string; name: string; tabs: readonly Tab[] }) {
  const [query] = useSearchParams();
  const current = query.get(name) ?? tabs[0]?.id;
  return (
    <nav aria-label={label} className="flex flex-wrap gap-1 rounded-xl bg-sunk p-1">
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          to={{ search: new URLSearchParams({ ...Object.fromEntries(query), [name]: tab.id }).toString() }}
          aria-current={tab.id === current ? "true" : undefined}
          className="rounded-lg px-3 py-1.5 font-medium whitespace-nowrap text-soft hover:text-ink aria-[current=true]:bg-card aria-[current=true]:text-ink aria-[current=true]:shadow-sm"
        >
          {tab.text}
          {tab.count ? <span className="ml-1.5 text-sm text-soft tabular-nums">{tab.count}</span> : null}
        </Link>
      ))}
    </nav>
  );
}
