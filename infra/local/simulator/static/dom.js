// Small helpers. Nothing here, or anywhere on this page, turns text into markup: strangers' words stay words.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; strings become text nodes. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && !key.startsWith("aria")) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const LINK = /https?:\/\/[^\s<>«»"]+[^\s<>«»".,!?;:)]/g;

/** Text with its links made to work. */
export function withLinks(text) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(last, found.index));
    parts.push(el("a", { href: found[0], target: "_blank", rel: "noopener noreferrer" }, found[0]));
    last = found.index + found[0].length;
  }
  return [...parts, text.slice(last)];
}

export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString("ru-RU", { hour: "2-digit", minute: "2-digit" });

export const span = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

export function day(seconds) {
  const date = new Date(seconds * 1000);
  const away = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (away === 0) return "Сегодня";
  if (away === 1) return "Вчера";
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString("ru-RU", { day: "numeric", month: "long", year });
}

export function when(seconds) {
  const word = day(seconds);
  if (word === "Сегодня") return clock(seconds);
  if (word === "Вчера") return "вчера";
  return new Date(seconds * 1000).toLocaleDateString("ru-RU", { day: "2-digit", month: "2-digit" });
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} Б`;
  if (bytes < 1_048_576) return `${(bytes / 1024).toFixed(0)} КБ`;
  return `${(bytes / 1_048_576).toFixed(1).replace(".", ",")} МБ`;
}

export const initials = (person) => `${[...person.first_name][0] ?? "?"}${[...person.last_name][0] ?? ""}`;

export const tone = (id) => `t${id % 7}`;

let toastTimer = 0;

/** A short word at the bottom: what a bot answers to a tap, or what went wrong. */
export function toast(text) {
  const box = $("toast");
  box.textContent = text;
  box.classList.add("on");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("on"), 3500);
}
