/** From field to field by the keyboard: a person with a paper in the other hand needs no mouse. */

const STEPS = "[data-step]:not(:disabled):not([readonly])";

function go(to: Element | undefined): boolean {
  if (!(to instanceof HTMLElement)) return false;
  to.focus();
  to.scrollIntoView({ block: "nearest" });
  return true;
}

/** The next field, or the one before. */
export function step(within: Element, from: Element, by: 1 | -1): boolean {
  const all = [...within.querySelectorAll(STEPS)];
  return go(all[all.indexOf(from) + by]);
}

/** The same field of the line below, or above. */
export function stepLine(within: Element, from: Element, by: 1 | -1): boolean {
  const lines = [...within.querySelectorAll("[data-line]")];
  const line = from.closest("[data-line]");
  const place = line ? [...line.querySelectorAll(STEPS)].indexOf(from) : 0;
  const next = lines[line ? lines.indexOf(line) + by : by === 1 ? 0 : lines.length - 1];
  const fields = next ? [...next.querySelectorAll(STEPS)] : [];
  return go(fields[Math.min(place, fields.length - 1)]);
}
