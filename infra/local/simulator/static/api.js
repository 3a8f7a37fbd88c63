// Talks to the simulator's server, about one messenger at a time.

let channel = "";

export const inChannel = (chosen) => {
  channel = chosen;
};

export const fileOf = (id) => `/api/files/${encodeURIComponent(id)}?channel=${channel}`;

async function ask(path, options) {
  const answer = await fetch(path, { ...options, headers: { "x-simulator": "1", ...options?.headers } });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error || `Ошибка ${answer.status}`);
  return value;
}

export const getChannels = () => ask("/api/channels").then((found) => found.channels);

export const getWorld = () => ask(`/api/world?channel=${channel}`);

export const getChat = (bot, user) => ask(`/api/chat?${new URLSearchParams({ channel, bot, user })}`);

export const getDesk = () => ask("/api/desk");

export const sendInvoice = () => ask("/api/desk/invoice", { method: "POST" });

export const act = (what, where = {}) =>
  ask("/api/act", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ do: what, channel, ...where }),
  });

export const upload = (kind, where, blob, extra = {}) =>
  ask(`/api/upload?${new URLSearchParams({ kind, channel, ...where, mime: blob.type.split(";")[0], name: blob.name ?? "", ...extra })}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: blob,
  });

/** Hear of changes. After a break all is asked for anew: the simulator may have been started again meanwhile. */
export function listen(version, onChange, onBreak, onBack) {
  const heard = channel;
  let source = null;
  let isOver = false;
  const open = (after) => {
    source = new EventSource(`/api/events?channel=${heard}&after=${after}`);
    source.onmessage = (event) => onChange(JSON.parse(event.data));
    source.onerror = () => {
      source.close();
      if (isOver) return;
      onBreak();
      comeBack();
    };
  };
  const comeBack = () => {
    setTimeout(() => {
      if (isOver) return;
      getWorld().then((world) => {
        onBack(world);
        open(world.version);
      }, comeBack);
    }, 1000);
  };
  open(version);
  return () => {
    isOver = true;
    source.close();
  };
}
