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

/** Hear of changes. After a break all is asked for anew: the simulator may have been started again meanwhile. */
export function listen(version, onChange, onBreak, onBack) {
  const open = (after) => {
    const source = new EventSource(`/api/events?after=${after}`);
    source.onmessage = (event) => onChange(JSON.parse(event.data));
    source.onerror = () => {
      source.close();
      onBreak();
      comeBack();
    };
  };
  const comeBack = () => {
    setTimeout(() => {
      getWorld().then((world) => {
        onBack(world);
        open(world.version);
      }, comeBack);
    }, 1000);
  };
  open(version);
}
