// Menus and dialogs.

import { act } from "./api.js";
import { $, el, toast } from "./dom.js";

const FAULTS = [
  ["none", "Всё работает", "вызовы исполняются"],
  ["too_many", "429 · слишком часто", "просит подождать 5 секунд"],
  ["blocked", "403 · бот заблокирован", "отправка отклонена"],
  ["server_error", "500 · ошибка сервера", "страница HTML вместо JSON"],
  ["unauthorized", "401 · токен отозван", "весь бот остановлен"],
  ["window_closed", "Окно закрыто", "человек давно не писал (WhatsApp, Instagram, VK)"],
  ["policy", "Аккаунт ограничен", "провайдер остановил аккаунт"],
  ["slow", "Медленно", "исполнено, но ответ через 15 секунд"],
  ["drop_after", "Обрыв после исполнения", "сообщение ушло, ответа нет"],
  ["drop_before", "Нет связи", "соединение рвётся, ничего не исполнено"],
];

/** A button that opens a menu: arrows move, Escape and a click elsewhere close. */
export function menu(button, box, onPick) {
  const items = () => [...box.querySelectorAll("[role=menuitem]:not([hidden])")];
  const close = (focus = false) => {
    box.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (focus) button.focus();
  };
  button.addEventListener("click", () => {
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    if (!box.hidden) items()[0]?.focus();
  });
  box.addEventListener("click", (event) => {
    const item = event.target.closest("[role=menuitem]");
    if (!item) return;
    close();
    onPick(item.dataset);
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close(true);
    if (!step) return;
    event.preventDefault();
    const all = items();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!box.hidden && !box.contains(event.target) && !button.contains(event.target)) close();
  });
}

/** Ask for one line of text; null when the person thinks better of it. */
export function askText(title, label, value = "") {
  const dialog = $("ask-dialog");
  $("ask-title").textContent = title;
  $("ask-label").textContent = label;
  $("ask-input").value = value;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok" ? $("ask-input").value.trim() : null), { once: true });
  });
}

export function personDialog(onMade) {
  const dialog = $("person-dialog");
  const form = $("person-form");
  $("new").addEventListener("click", () => {
    form.reset();
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "ok") return;
    act("person", Object.fromEntries(new FormData(form))).then((made) => onMade(made.user), (error) => toast(error.message));
  });
}

export function faultsDialog(getWorld) {
  const chosen = () => document.querySelector("input[name=times]:checked").value;
  const choose = (kind) => {
    const times = chosen() === "" ? null : Number(chosen());
    act("fault", { kind, times, seconds: kind === "slow" ? 15 : 5 }).catch((error) => toast(error.message));
  };
  $("faults").append(...FAULTS.map(([kind, title, note]) => {
    const radio = el("input", { type: "radio", name: "fault", value: kind, onchange: () => choose(kind) });
    return el("label", {}, radio, title, el("small", {}, note));
  }));
  for (const radio of document.querySelectorAll("input[name=times]")) {
    radio.addEventListener("change", () => {
      const kind = document.querySelector("input[name=fault]:checked")?.value ?? "none";
      if (kind !== "none") choose(kind);
    });
  }
  const draw = () => {
    const world = getWorld();
    const kind = world.faults[0]?.kind ?? "none";
    for (const radio of document.querySelectorAll("input[name=fault]")) radio.checked = radio.value === kind;
    $("faults-open").classList.toggle("on", kind !== "none");
    $("hooks").replaceChildren(...world.bots.map((bot) => el("p", {},
      `${bot.name}: ${bot.webhook || "вебхук не задан"}; в очереди ${bot.pending}${bot.last_error ? `; ${bot.last_error}` : ""}`)));
  };
  $("faults-open").addEventListener("click", () => {
    draw();
    $("faults-dialog").showModal();
  });
  return draw;
}
