// Messages as elements. A message is drawn anew only when what it shows has changed.

import { fileOf } from "./api.js";
import { clock, day, el, icon, size, span, withLinks } from "./dom.js";

const BARS = 34;
let playing = null;

function bars(seed) {
  // A picture of a voice: made from the file's name, so that it stays the same.
  let state = [...seed].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);
  const box = el("span", { class: "bars" });
  for (let number = 0; number < BARS; number += 1) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    const bar = el("i");
    bar.style.height = `${12 + ((state >>> 16) % 88)}%`;
    box.append(bar);
  }
  return box;
}

function voice(media) {
  const picture = bars(media.file);
  const time = el("span", {}, span(media.duration));
  const button = el("button", { class: "disc", type: "button", "aria-label": "Слушать" }, icon("play"));
  const audio = new Audio();
  audio.preload = "none";
  audio.src = fileOf(media.file);
  const draw = () => {
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
    button.setAttribute("aria-label", audio.paused ? "Слушать" : "Пауза");
    const length = Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : media.duration;
    const past = audio.ended ? 0 : audio.currentTime / length;
    [...picture.children].forEach((bar, number) => bar.classList.toggle("past", number / BARS < past));
    time.textContent = span(past > 0 ? audio.currentTime : media.duration);
  };
  for (const event of ["play", "pause", "timeupdate", "ended"]) audio.addEventListener(event, draw);
  button.addEventListener("click", () => {
    if (!audio.paused) {
      audio.pause();
      return;
    }
    playing?.pause();
    playing = audio;
    audio.play().catch(() => {
      time.textContent = "не звучит";
    });
  });
  return el("span", { class: "voice" }, button, picture, time);
}

function media(item) {
  if (!item) return null;
  const href = item.file ? fileOf(item.file) : "";
  const disc = (name) => el("span", { class: "disc" }, icon(name));
  const lines = (title, note) => el("span", {}, el("b", {}, title), el("small", {}, note));
  switch (item.kind) {
    case "voice":
      return voice(item);
    case "photo":
      return el("a", { class: "photo", href, target: "_blank", rel: "noopener" }, el("img", { src: href, alt: "Фотография", loading: "lazy" }));
    case "document":
      return el("a", { class: "card", href, download: item.name || "file" }, disc("file"), lines(item.name, size(item.size)));
    case "contact":
      return el("span", { class: "card" }, disc("person"), lines(item.name, item.phone.startsWith("+") ? item.phone : `+${item.phone}`));
    case "sticker":
      return el("span", { class: "card" }, disc("photo"), lines("Стикер", item.name));
    default:
      return el("span", { class: "card" }, disc("place"), lines("Место", `${item.latitude}, ${item.longitude}`));
  }
}

function ticks(message) {
  if (message.from_bot) return null;
  const mark = message.delivered ? icon("ticks", "") : el("i", { class: "clock" });
  return el("span", { role: "img", "aria-label": message.delivered ? "доставлено" : "ещё не доставлено" }, mark);
}

function keys(message, onTap) {
  if (!message.buttons.length) return null;
  const rows = message.buttons.map((row) =>
    el("div", {}, ...row.map((key) => {
      const busy = key.busy ? "busy" : "";
      const tap = (event) => (key.url ? window.open(key.url, "_blank", "noopener") : onTap(message, key, event.shiftKey));
      const hint = key.url ? null : "С нажатой Shift: нажать дважды подряд";
      const button = el("button", { class: busy, type: "button", title: hint, onclick: tap }, key.url ? `${key.text} ↗` : key.text);
      if (key.busy) button.setAttribute("aria-busy", "true");
      return button;
    })),
  );
  return el("div", { class: "keys", role: "group", "aria-label": "Кнопки под сообщением" }, ...rows);
}

function draw(message, isNext, acts) {
  const human = message.by_human ? "человек · " : null;
  const felt = message.reactions.length ? `${message.reactions.join(" ")} ` : null;
  const failed = message.status === "failed" ? "не доставлено " : null;
  const meta = el("span", { class: "meta" }, felt, human, failed, message.edited ? "изменено " : null, el("time", {}, clock(message.date)), ticks(message));
  const bubble = el("div", { class: "bubble" }, media(message.media), ...withLinks(message.text), meta);
  const classes = ["msg", message.from_bot ? "" : "mine", isNext ? "next" : "", message.buttons.length ? "has-keys" : ""];
  const node = el("article", { class: classes.join(" "), "aria-label": message.from_bot ? "Салон" : "Вы" }, bubble, keys(message, acts.onTap));
  if (message.from_bot) {
    bubble.title = "Двойной щелчок: реакция";
    bubble.addEventListener("dblclick", () => acts.onReact(message));
  } else if (!message.media) {
    bubble.title = "Двойной щелчок: изменить";
    bubble.addEventListener("dblclick", () => acts.onEdit(message));
  }
  return node;
}

const look = (message, isNext) => JSON.stringify([message, isNext]);

/** Bring the log up to date: what is the same is left alone, so nothing jumps and a screen reader reads only news. */
export function render(log, messages, acts) {
  const wanted = [];
  if (!messages.length) wanted.push({ key: "hint", look: "hint", make: () => el("p", { class: "hint" }, "Здесь пока пусто. Бот не может написать первым: начните разговор.") });
  let lastDay = "";
  let before = null;
  for (const message of messages) {
    const today = day(message.date);
    if (today !== lastDay) wanted.push({ key: `day ${today}`, look: today, make: () => el("div", { class: "day" }, today) });
    const isNext = before !== null && before.from_bot === message.from_bot && today === lastDay;
    wanted.push({ key: `message ${message.id}`, look: look(message, isNext), make: () => draw(message, isNext, acts) });
    lastDay = today;
    before = message;
  }
  const present = new Map([...log.children].map((node) => [node.dataset.key, node]));
  let place = log.firstElementChild;
  for (const item of wanted) {
    let node = present.get(item.key);
    present.delete(item.key);
    if (node?.dataset.look !== item.look) {
      const fresh = item.make();
      fresh.dataset.key = item.key;
      fresh.dataset.look = item.look;
      if (node) {
        fresh.style.animation = "none";
        const held = focusedKey(node);
        if (place === node) place = fresh;
        node.replaceWith(fresh);
        if (held >= 0) fresh.querySelectorAll(".keys button")[held]?.focus();
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else log.insertBefore(node, place);
  }
  for (const node of present.values()) node.remove();
}

/** Which of the message's buttons has the focus, to give it back after drawing. */
const focusedKey = (node) => [...node.querySelectorAll(".keys button")].indexOf(document.activeElement);
