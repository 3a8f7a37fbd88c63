// The page: a list of people at the left, the chosen one's chat with the salon at the right.

import { act, getChannels, getChat, getWorld, inChannel, listen, upload } from "./api.js";
import { deskPanel } from "./desk.js";
import { $, el, icon, initials, toast, tone, when } from "./dom.js";
import { render } from "./messages.js";
import { askText, faultsDialog, menu, personDialog } from "./panels.js";
import { canRecord, record, whyNot } from "./recorder.js";

const MEDIA = { voice: "Голосовое", photo: "Фото", document: "Файл", contact: "Контакт", location: "Место", sticker: "Стикер" };
const ACCEPT = { photo: "image/*", voice: "audio/*", document: "" };
const TYPING_MS = 5000;

let world = { bots: [], people: [], chats: [], faults: [] };
let channels = [];
let channel = ""; // the messenger that the page is now
let hangUp = () => {};
let bot = ""; // whose chats the list shows
let open = null; // {bot, user} of the open chat
let chat = null;
let editing = null;
let sticky = true; // the end of the log is in view, and stays so when something grows
let typingTimer = 0;
const unread = new Map();
const drafts = new Map();
const opened = new Set(); // chats that were opened here: in some messengers that writes nothing

const keyOf = (where) => `${channel}:${where.bot}:${where.user}`;
const chatOf = (user) => world.chats.find((item) => item.bot === bot && item.user === user);
const fail = (error) => toast(error.message);
const nameOf = (person) => [person.first_name, person.last_name].filter(Boolean).join(" ");

// --- the list

function drawList() {
  const wanted = $("search").value.trim().toLowerCase();
  const people = world.people
    .filter((person) => nameOf(person).toLowerCase().includes(wanted))
    .sort((a, b) => (chatOf(b.id)?.last?.date ?? 0) - (chatOf(a.id)?.last?.date ?? 0) || a.id - b.id);
  const held = document.activeElement?.closest?.(".row")?.dataset.user;
  $("list").replaceChildren(...people.map(drawRow));
  if (held) document.querySelector(`.row[data-user="${held}"]`)?.focus();
  $("bots").hidden = world.bots.length < 2;
  $("bots").replaceChildren(...world.bots.map((item) =>
    el("button", { type: "button", "aria-pressed": String(item.id === bot), onclick: () => chooseBot(item.id) }, item.name)));
}

function drawRow(person) {
  const item = chatOf(person.id);
  const last = item?.last;
  const said = last ? `${last.from_bot ? "" : "Вы: "}${[last.media && MEDIA[last.media.kind], last.text].filter(Boolean).join(", ")}` : "нет сообщений";
  const count = unread.get(keyOf({ bot, user: person.id })) ?? 0;
  const isOpen = open?.user === person.id && open.bot === bot;
  return el("li", {}, el("button",
    { class: "row", type: "button", "data-user": person.id, "aria-current": isOpen ? "true" : null, onclick: () => choose({ bot, user: person.id }) },
    el("span", { class: `avatar ${tone(person.id)}`, "aria-hidden": "true" }, initials(person)),
    el("span", { class: "row-text" },
      el("span", { class: "row-name" }, nameOf(person)),
      el("span", { class: "row-time" }, last ? when(last.date) : ""),
      el("span", { class: "row-last" }, item?.blocked ? "бот заблокирован" : said),
      count ? el("span", { class: "badge", "aria-label": `непрочитанных: ${count}` }, String(count)) : null)));
}

function drawChannels() {
  $("channels").hidden = channels.length < 2;
  $("channels").replaceChildren(...channels.map((item) =>
    el("button", { type: "button", role: "tab", "aria-selected": String(item.id === channel), class: item.id, onclick: () => chooseChannel(item.id) }, item.name)));
  document.body.dataset.channel = channel;
  $("faults-note").textContent = `Как ${channels.find((item) => item.id === channel)?.name ?? "провайдер"} ответит на вызовы салона.`;
}

async function chooseChannel(id) {
  if (id === channel) return;
  if (open) leave();
  hangUp();
  channel = id;
  inChannel(id);
  world = await getWorld();
  bot = world.bots[0]?.id ?? "";
  drawChannels();
  drawList();
  drawFaults();
  follow();
}

function chooseBot(id) {
  bot = id;
  drawList();
  if (open) choose({ bot: id, user: open.user });
}

// --- the chat

async function choose(where) {
  if (open) drafts.set(keyOf(open), $("text").value);
  open = where;
  chat = null;
  stopEditing();
  unread.delete(keyOf(where));
  $("app").classList.add("in-room");
  $("nobody").hidden = true;
  $("room").hidden = false;
  $("log").replaceChildren();
  $("text").value = drafts.get(keyOf(where)) ?? "";
  grow();
  location.hash = `${channel}/${encodeURIComponent(where.bot)}/${where.user}`;
  drawList();
  await refresh({ toEnd: true });
  if (matchMedia("(min-width: 761px)").matches) $("text").focus();
}

function leave() {
  if (open) drafts.set(keyOf(open), $("text").value);
  open = null;
  $("app").classList.remove("in-room");
  $("nobody").hidden = false;
  $("room").hidden = true;
  history.replaceState(null, "", "/");
  drawList();
}

async function refresh({ toEnd = false } = {}) {
  if (!open) return;
  const where = open;
  const fresh = await getChat(where.bot, where.user);
  if (open !== where) return;
  const atEnd = toEnd || sticky;
  const news = chat ? fresh.messages.length - chat.messages.length : 0;
  const wroteSelf = news > 0 && !fresh.messages.at(-1).from_bot;
  chat = fresh;
  render($("log"), chat.messages, { onTap: tap, onEdit: startEditing, onReact: react });
  drawRoom();
  if (atEnd || wroteSelf) scrollToEnd();
  else if (news > 0) $("unseen").textContent = String(Number($("unseen").textContent) + news);
  drawToEnd();
}

function drawRoom() {
  const the = world.bots.find((item) => item.id === open.bot);
  const person = world.people.find((item) => item.id === open.user);
  if (!the || !person) return;
  $("bot-name").textContent = the.name;
  $("bot-avatar").textContent = [...the.name.replace(/^салон\s*|[«»]/gi, "")][0] ?? "С";
  $("as").textContent = `пишет ${nameOf(person)}`;
  $("block").textContent = chat.blocked ? "Разблокировать бота" : "Заблокировать бота";
  const fresh = !chat.started && chat.messages.length === 0 && !opened.has(keyOf(open));
  $("line").hidden = chat.blocked || fresh || !$("recording").hidden;
  $("start").hidden = chat.blocked || !fresh;
  $("unblock").hidden = !chat.blocked;
  $("offline").textContent = chat.offline ? "Включить сеть" : "Выключить сеть";
  $("keyboard").hidden = chat.blocked || chat.keyboard.length === 0;
  $("keyboard").replaceChildren(...chat.keyboard.map((row) => el("div", {}, ...row.map(drawKey))));
  setTyping(chat.typing);
  const problem = the.webhook ? (chat.messages.some((item) => !item.from_bot && !item.delivered) && the.last_error) : "У аккаунта не задан вебхук: сообщения ждут.";
  const banner = chat.offline ? "Телефон без сети: всё, что вы делаете, уйдёт, когда сеть появится." : problem;
  $("banner").hidden = !banner;
  $("banner").textContent = banner && !chat.offline && the.webhook ? `Салон не отвечает, мессенджер повторяет. ${the.last_error}` : banner || "";
}

function drawKey(key) {
  const press = () => (key.kind === "phone" ? act("contact", open) : act("tap", { ...open, message: chat.keyboard_of, data: key.data || key.text })).catch(fail);
  return el("button", { class: "wide key", type: "button", onclick: press }, key.text);
}

function setTyping(on) {
  clearTimeout(typingTimer);
  $("typing").hidden = !on;
  $("status").textContent = on ? "печатает…" : "бот";
  $("status").classList.toggle("live", Boolean(on));
  if (on) typingTimer = setTimeout(() => setTyping(false), TYPING_MS);
}

const isAtEnd = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 80;

function scrollToEnd() {
  sticky = true;
  $("scroll").scrollTop = $("scroll").scrollHeight;
  drawToEnd();
}

function drawToEnd() {
  const away = !sticky;
  $("to-end").hidden = !away;
  if (!away) $("unseen").textContent = "";
  $("unseen").hidden = $("unseen").textContent === "";
}

// --- what the person does

async function react(message) {
  await act("react", { ...open, message: message.id, emoji: "❤" }).catch(fail);
}

async function tap(message, key, twice = false) {
  key.busy = true;
  render($("log"), chat.messages, { onTap: tap, onEdit: startEditing, onReact: react });
  await act("tap", { ...open, message: message.id, data: key.data, twice }).catch(fail);
}

async function send() {
  const text = $("text").value.trim();
  if (!text) {
    await startRecording();
    return;
  }
  const asked = editing ? act("edit", { ...open, message: editing.id, text }) : act("say", { ...open, text });
  $("text").value = "";
  drafts.delete(keyOf(open));
  stopEditing({ keepText: true });
  grow();
  await asked.catch((error) => {
    $("text").value = text;
    grow();
    fail(error);
  });
}

function startEditing(message) {
  editing = message;
  $("editing").hidden = false;
  $("text").value = message.text;
  $("text").focus();
  grow();
}

function stopEditing({ keepText = false } = {}) {
  if (editing && !keepText) $("text").value = "";
  editing = null;
  $("editing").hidden = true;
  grow();
}

function grow() {
  const box = $("text");
  box.style.height = "auto";
  box.style.height = box.offsetParent ? `${Math.min(box.scrollHeight, 180)}px` : ""; // hidden, it has no height to take
  const empty = box.value.trim() === "";
  $("send").setAttribute("aria-label", empty ? "Записать голосовое" : "Отправить");
  $("send").replaceChildren(icon(empty ? "mic" : "send"));
}

let finishRecording = null;

async function startRecording() {
  try {
    if (!canRecord()) throw new Error("no recorder");
    finishRecording = await record((time) => {
      $("record-time").textContent = time;
    });
  } catch (error) {
    toast(`${whyNot(error)}. Можно выбрать файл со звуком.`);
    pick("voice");
    return;
  }
  $("record-time").textContent = "0:00";
  $("line").hidden = true;
  $("recording").hidden = false;
  $("record-send").focus();
}

async function stopRecording(keep) {
  const where = open;
  const finish = finishRecording;
  finishRecording = null; // a second press of the button finds nothing to send
  const made = await finish?.(keep).catch(() => toast("Запись не получилась: попробуйте ещё раз."));
  $("recording").hidden = true;
  $("line").hidden = false;
  $("text").focus();
  if (made) await upload("voice", where, made.blob, { duration: made.duration }).catch(fail);
}

let picking = "";

function pick(kind) {
  picking = kind;
  $("picker").accept = ACCEPT[kind];
  $("picker").value = "";
  $("picker").click();
}

async function lengthOf(file) {
  const audio = new Audio(URL.createObjectURL(file));
  const known = new Promise((resolve) => {
    audio.addEventListener("loadedmetadata", () => resolve(Number.isFinite(audio.duration) ? audio.duration : 3));
    audio.addEventListener("error", () => resolve(3));
  });
  const seconds = Math.max(1, Math.round(await known));
  URL.revokeObjectURL(audio.src);
  return seconds;
}

async function sendFile(kind, file) {
  const caption = kind === "voice" ? "" : $("text").value.trim();
  const duration = kind === "voice" ? await lengthOf(file) : 0;
  await upload(kind, open, file, { caption, duration }).catch(fail);
  if (caption) {
    $("text").value = "";
    grow();
  }
}

async function doMenu(chosen) {
  if (chosen.pick) pick(chosen.pick);
  if (chosen.do === "start") await act("start", open).catch(fail);
  if (chosen.do === "block") await act("block", { ...open, blocked: !chat.blocked }).catch(fail);
  if (chosen.do === "offline") await act("offline", { ...open, offline: !chat.offline }).catch(fail);
  if (chosen.do === "read") await act("read", open).catch(fail);
  if (chosen.do === "place" || chosen.do === "sticker") await act(chosen.do, open).catch(fail);
  if (chosen.do === "delete") {
    const mine = chat?.messages.findLast((item) => !item.from_bot);
    if (mine) await act("delete", { ...open, message: mine.id }).catch(fail);
  }
  if (chosen.do === "human") {
    const text = await askText("Ответить из приложения мессенджера", "Что пишет человек салона", "Здравствуйте! Сейчас посмотрю.");
    if (text) await act("human", { ...open, text }).catch(fail);
  }
  if (chosen.do === "contact") await act("contact", open).catch(fail);
  if (chosen.do === "deeplink") {
    const param = await askText("Прийти по ссылке", "Метка после ?start=", "ref_42");
    if (param !== null) await act("start", { ...open, param }).catch(fail);
  }
  if (chosen.do === "card") {
    const phone = await askText("Чужой контакт", "Телефон", "79990000777");
    if (phone) await act("contact", { ...open, own: false, phone, name: "Знакомая" }).catch(fail);
  }
}

// --- what comes

let refreshing = 0;

function soon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => update().catch(() => {}), 25); // a break is told of by the stream of changes
}

async function update() {
  world = await getWorld();
  if (!world.bots.some((item) => item.id === bot)) bot = world.bots[0]?.id ?? "";
  drawList();
  drawFaults();
  const isThere = open && world.bots.some((item) => item.id === open.bot) && world.people.some((item) => item.id === open.user);
  if (isThere) await refresh();
  else if (open) leave(); // started again without its memory
}

function onChange(change) {
  const here = open && change.user === open.user && change.bot === open.bot;
  if (change.kind === "message" && change.from_bot && !here) {
    const key = keyOf(change);
    unread.set(key, (unread.get(key) ?? 0) + 1);
  }
  if (change.kind === "answer" && here && change.text) toast(change.text);
  if (change.kind === "message") drawDesk(change).catch(() => {});
  soon();
}

function wire() {
  $("search").addEventListener("input", drawList);
  $("back").addEventListener("click", leave);
  $("send").addEventListener("click", send);
  $("start").addEventListener("click", () => {
    opened.add(keyOf(open));
    act("start", open).then(() => refresh()).then(() => $("text").focus(), fail);
  });
  $("unblock").addEventListener("click", () => act("block", { ...open, blocked: false }).catch(fail));
  $("editing-stop").addEventListener("click", () => stopEditing());
  $("record-cancel").addEventListener("click", () => stopRecording(false));
  $("record-send").addEventListener("click", () => stopRecording(true));
  $("to-end").addEventListener("click", scrollToEnd);
  $("scroll").addEventListener("scroll", () => {
    sticky = isAtEnd();
    drawToEnd();
  }, { passive: true });
  // Pictures load late, the keyboard opens, buttons appear: whoever was reading the end goes on reading it.
  const grown = new ResizeObserver(() => sticky && scrollToEnd());
  for (const box of ["scroll", "log", "typing"]) grown.observe($(box));
  $("text").addEventListener("input", grow);
  $("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if ($("text").value.trim()) send();
    }
    if (event.key === "Escape" && editing) stopEditing();
    if (event.key === "ArrowUp" && $("text").value === "") {
      const mine = chat?.messages.findLast((item) => !item.from_bot && !item.media);
      if (mine) startEditing(mine);
    }
  });
  $("text").addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((item) => item.type.startsWith("image/"));
    if (file) sendFile("photo", file);
  });
  $("picker").addEventListener("change", () => {
    const [file] = $("picker").files;
    if (file) sendFile(picking, file);
  });
  menu($("more"), $("more-menu"), doMenu);
  menu($("attach"), $("attach-menu"), doMenu);
  personDialog(async (user) => {
    world = await getWorld();
    await choose({ bot, user });
  });
  addEventListener("popstate", fromAddress);
}

async function openDesk(where) {
  await chooseChannel(where.channel);
  bot = where.bot;
  world = await getWorld();
  await choose({ bot: where.bot, user: where.user });
}

async function fromAddress() {
  const found = /^#([a-z]+)\/([^/]+)\/(\d+)$/.exec(location.hash);
  if (!found || !channels.some((item) => item.id === found[1])) return;
  await chooseChannel(found[1]);
  const where = { bot: decodeURIComponent(found[2]), user: Number(found[3]) };
  const known = world.bots.some((item) => item.id === where.bot) && world.people.some((item) => item.id === where.user);
  if (!known || (open && keyOf(open) === keyOf(where))) return;
  bot = where.bot;
  await choose(where).catch(fail);
}

function follow() {
  hangUp = listen(
    world.version,
    onChange,
    () => {
      document.title = "Нет связи · симулятор";
      toast("Симулятор не отвечает, пробую снова…");
    },
    () => {
      document.title = "Чаты · симулятор";
      soon();
    },
  );
}

const drawFaults = faultsDialog(() => world);
let drawDesk = async () => {};
wire();
channels = await getChannels();
const asked = location.hash;
await chooseChannel(channels[0]?.id ?? "");
drawDesk = await deskPanel(openDesk);
setInterval(() => drawDesk().catch(() => {}), 15_000); // the console changes what became of an invoice
if (asked) {
  location.hash = asked;
  await fromAddress();
}
