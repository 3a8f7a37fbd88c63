import { type PointerEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { Button } from "../ui";
import { type Area, clampView, fit, showArea, type Size, type View, zoomAt } from "./view";

export interface PictureHandle {
  /** Bring a field into sight: what is focused, and the whole line around it. */
  show: (field: Area | null, line: Area | null) => void;
}

interface Props {
  pages: readonly string[];
  handle: Ref<PictureHandle>;
  onLost: () => void;
}

interface Shown {
  field: Area | null;
  line: Area | null;
}

const ASK_AGAIN_MS = 60_000;

const style = (area: Area) => ({
  left: `${area.left * 100}%`,
  top: `${area.top * 100}%`,
  width: `${(area.right - area.left) * 100}%`,
  height: `${(area.bottom - area.top) * 100}%`,
});

/** The straightened picture of the document: zoomed and moved by fingers, mouse or keys, with the field in hand marked. */
export function Picture({ pages, handle, onLost }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [page, setPage] = useState(0);
  const [size, setSize] = useState<Size | null>(null); // of the picture when it fits the frame's width
  const [view, setView] = useState<View>(fit);
  const [shown, setShown] = useState<Shown>({ field: null, line: null });
  const lostAt = useRef(0);
  const [isLost, setLost] = useState(false);
  const pointers = useRef(new Map<number, { x: number; y: number }>());

  const box = (): Size => ({ width: frame.current?.clientWidth ?? 1, height: frame.current?.clientHeight ?? 1 });
  const change = (next: (before: View) => View) => {
    setView((before) => (size ? clampView(next(before), size, box()) : before));
  };
  const zoom = (factor: number) => {
    const { width, height } = box();
    change((before) => zoomAt(before, factor, { x: width / 2, y: height / 2 }));
  };
  const move = (x: number, y: number) => change((before) => ({ ...before, x: before.x + x, y: before.y + y }));

  useImperativeHandle(handle, () => ({
    show: (field, line) => {
      setShown({ field, line });
      const whole = line ?? field;
      if (!whole) return;
      if (whole.page !== page) setPage(whole.page);
      if (size) setView((before) => clampView(showArea(before, field, line, size, box()), size, box()));
    },
  }));

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    // React's own listener is passive and could not keep the page from scrolling
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const spot = element.getBoundingClientRect();
      const at = { x: event.clientX - spot.left, y: event.clientY - spot.top };
      setView((before) => {
        if (!size) return before;
        const next = event.ctrlKey
          ? zoomAt(before, Math.exp(-event.deltaY / 200), at)
          : { ...before, x: before.x - event.deltaX, y: before.y - event.deltaY };
        return clampView(next, size, { width: element.clientWidth, height: element.clientHeight });
      });
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [size]);

  const pointerMoved = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const spot = event.currentTarget.getBoundingClientRect();
      const middle = { x: (now.x + other.x) / 2 - spot.left, y: (now.y + other.y) / 2 - spot.top };
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
      change((old) => zoomAt(old, factor, middle));
    } else {
      move(now.x - before.x, now.y - before.y);
    }
    pointers.current.set(event.pointerId, now);
  };
  const pointerGone = (event: PointerEvent) => pointers.current.delete(event.pointerId);

  const keys: Readonly<Record<string, () => void>> = {
    "+": () => zoom(1.25),
    "=": () => zoom(1.25),
    "-": () => zoom(0.8),
    "0": () => setView(fit),
    ArrowUp: () => move(0, 60),
    ArrowDown: () => move(0, -60),
    ArrowLeft: () => move(60, 0),
    ArrowRight: () => move(-60, 0),
  };

  const current = Math.min(page, pages.length - 1);
  const { field, line } = shown;
  return (
    <div className="flex h-full flex-col overflow-hidden rounded-2xl border border-line bg-sunk">
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a picture that is moved by keys, too */}
      <div
        ref={frame}
        role="application"
        aria-label="Картинка документа: стрелки двигают, плюс и минус меняют масштаб, ноль показывает целиком"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
        tabIndex={0}
        className="relative min-h-0 flex-1 cursor-grab touch-none overflow-hidden select-none active:cursor-grabbing"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
        }}
        onPointerMove={pointerMoved}
        onPointerUp={pointerGone}
        onPointerCancel={pointerGone}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          act();
        }}
      >
        <div
          className="absolute top-0 left-0 w-full origin-top-left"
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
        >
          <img
            src={pages[current]}
            alt={`Страница ${current + 1}`}
            draggable={false}
            className="block w-full"
            onLoad={(event) => {
              setLost(false);
              const { naturalWidth, naturalHeight } = event.currentTarget;
              const width = box().width;
              const loaded = { width, height: (width * naturalHeight) / naturalWidth };
              setSize(loaded);
              const isHere = (line ?? field)?.page === current;
              setView(isHere ? clampView(showArea(fit, field, line, loaded, box()), loaded, box()) : fit);
            }}
            onError={() => {
              // an address that is no longer good is asked for anew; one that never was is not asked for forever
              const isNews = Date.now() - lostAt.current > ASK_AGAIN_MS;
              lostAt.current = Date.now();
              setLost(!isNews);
              if (isNews) onLost();
            }}
          />
          {line?.page === current && <div className="absolute rounded-xs bg-accent/12" style={style(line)} />}
          {field?.page === current && (
            <div
              className="absolute bg-accent/20 outline outline-accent"
              style={{ ...style(field), outlineWidth: `${2 / view.scale}px` }}
            />
          )}
        </div>
      </div>
      {isLost && (
        <p role="alert" className="bg-warn-bg px-4 py-2 text-warn">
          Картинка не загрузилась.{" "}
          <button type="button" className="font-semibold underline underline-offset-4" onClick={onLost}>
            Ещё раз
          </button>
        </p>
      )}
      <div className="flex items-center gap-1.5 border-t border-line bg-card p-1.5">
        <Button className="min-h-9! px-3 py-1" aria-label="Уменьшить" onClick={() => zoom(0.8)}>
          −
        </Button>
        <Button className="min-h-9! px-3 py-1" aria-label="Увеличить" onClick={() => zoom(1.25)}>
          +
        </Button>
        <Button className="min-h-9! px-3 py-1" onClick={() => setView(fit)}>
          Целиком
        </Button>
        {pages.length > 1 && (
          <div className="ml-auto flex items-center gap-1.5">
            <Button
              className="min-h-9! px-3 py-1"
              aria-label="Предыдущая страница"
              disabled={current === 0}
              onClick={() => setPage(current - 1)}
            >
              ‹
            </Button>
            <span className="text-sm text-soft tabular-nums">
              {current + 1} из {pages.length}
            </span>
            <Button
              className="min-h-9! px-3 py-1"
              aria-label="Следующая страница"
              disabled={current === pages.length - 1}
              onClick={() => setPage(current + 1)}
            >
              ›
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
