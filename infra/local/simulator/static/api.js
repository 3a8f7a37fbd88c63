// Talks to the simulator's server.

async function ask(path, options) {
  const answer = await fetch(path, { ...options, headers: { "x-simulator": "1", ...options?.headers } });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(value.error || `Ошибка ${answer.status}`);
  return value;
}

export const getWorld = () => ask("/api/world");

export const getChat = (bot, user) => ask(`/api/chat?bot=${bot}&user=${user}`);

export const act = (what, where = {}) =>
  ask("/api/act", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ do: what, ...where }),
  });

export const upload = (kind, where, blob, extra = {}) =>
  ask(`/api/upload?${new URLSearchParams({ kind, ...where, mime: blob.type.split(";")[0], name: blob.name ?? "", ...extra })}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: blob,
  });

/** Hear of changes; the browser reconnects by itself, and asks for what it has missed. */
export function listen(version, onChange, onState) {
  let seen = version;
  const open = () => {
    const source = new EventSource(`/api/events?after=${seen}`);
    source.onopen = () => onState(true);
    source.onmessage = (event) => {
      const change = JSON.parse(event.data);
      seen = Math.max(seen, change.version);
      onChange(change);
    };
    source.onerror = () => {
      onState(false);
      source.close();
      setTimeout(open, 1000);
    };
  };
  open();
}
