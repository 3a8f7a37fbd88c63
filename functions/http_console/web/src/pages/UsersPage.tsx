import { type SyntheticEvent, useCallback, useState } from "react";
import {
  addUser,
  closeAccess,
  getAccount,
  inviteUser,
  listStaff,
  listUsers,
  openAccess,
  type Role,
  ROLES,
  type User,
} from "../api/users";
import { Button, Card, Failure, Field, INPUT, Notice, PageTitle, Waiting } from "../components/ui";
import { useAction } from "../hooks/useAction";
import { useLoad } from "../hooks/useLoad";
import { useTitle } from "../hooks/useTitle";
import { roleWords } from "../lib/words";

type Staff = Awaited<ReturnType<typeof listStaff>>;

async function load() {
  const [users, staff, me] = await Promise.all([listUsers(), listStaff(), getAccount()]);
  return { users, staff, me };
}

/** The link is shown only now: whoever invites hands it over themselves. */
function Handing({ name, link }: { name: string; link: string }) {
  const copy = useAction(() => navigator.clipboard.writeText(link));
  const [isCopied, setCopied] = useState(false);
  return (
    <Notice tone="good" role="status">
      <p className="mb-2">Отправьте ссылку: {name}. Она сработает один раз, и больше мы её не покажем.</p>
      <div className="flex flex-wrap gap-2">
        <input
          readOnly
          aria-label="Ссылка-приглашение"
          className={`${INPUT} flex-1 py-2`}
          value={link}
          onFocus={(event) => event.target.select()}
        />
        <Button onClick={() => void copy.run().then(setCopied)}>{isCopied ? "Скопировано" : "Скопировать"}</Button>
      </div>
    </Notice>
  );
}

function Inviting({ user, close }: { user: User; close: () => void }) {
  const [email, setEmail] = useState("");
  const [link, setLink] = useState("");
  const invite = useAction(async () => setLink(await inviteUser(user.id, email.trim())));
  if (link) return <Handing name={user.name} link={link} />;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void invite.run();
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field
        label="Почта, с которой будут входить"
        type="email"
        inputMode="email"
        autoComplete="off"
        required
        hint="Прежний пароль, если он был, сменится, когда ссылку примут."
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Failure error={invite.error} />
      <div className="flex flex-wrap gap-3">
        <Button type="submit" look="primary" busy={invite.busy}>
          Получить ссылку
        </Button>
        <Button onClick={close}>Не сейчас</Button>
      </div>
    </form>
  );
}

function Adding({ staff, added }: { staff: Staff; added: (user: User) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("frontdesk");
  const [staffId, setStaffId] = useState("");
  const isStylist = role === "stylist";
  const add = useAction(async () => {
    const made = await addUser({ name: name.trim(), role, staff_id: isStylist ? staffId : null });
    setName("");
    added(made);
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim()) void add.run();
  };
  return (
    <Card aria-label="Новый сотрудник">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
        <div className="min-w-52 flex-1">
          <Field label="Имя" required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </div>
        <label className="grid gap-1.5">
          <span className="font-medium">Роль</span>
          <select className={INPUT} value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {roleWords(one)}
              </option>
            ))}
          </select>
        </label>
        {isStylist && (
          <label className="grid gap-1.5">
            <span className="font-medium">Чьё расписание</span>
            <select required className={INPUT} value={staffId} onChange={(event) => setStaffId(event.target.value)}>
              <option value="">Выберите мастера</option>
              {staff.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
        )}
        <Button type="submit" look="primary" busy={add.busy}>
          Добавить
        </Button>
      </form>
      <div className="mt-3 empty:hidden">
        <Failure error={add.error} />
      </div>
    </Card>
  );
}

/** Asked once more, because whoever it is loses what they are at. */
function Closing({ user, closed, close }: { user: User; closed: () => void; close: () => void }) {
  const act = useAction(async () => {
    await closeAccess(user.id);
    closed();
  });
  return (
    <div className="grid gap-3">
      <p>
        Закрыть доступ: {user.name}? Вход закроется сразу на всех устройствах, бот перестанет принимать от этого
        человека накладные, а клиенты, которым он отвечал, снова будут ждать ответа. Доступ можно вернуть.
      </p>
      <Failure error={act.error} />
      <div className="flex flex-wrap gap-3">
        <Button look="danger" busy={act.busy} onClick={() => void act.run()}>
          Да, закрыть
        </Button>
        <Button onClick={close}>Не сейчас</Button>
      </div>
    </div>
  );
}

function Person({ user, mayClose, changed }: { user: User; mayClose: boolean; changed: () => void }) {
  const [asks, setAsks] = useState<"nothing" | "invite" | "close">("nothing");
  const rest = () => setAsks("nothing");
  return (
    <li className="grid gap-3 border-b border-line py-3 last:border-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="min-w-40 flex-1">
          <span className="block font-medium wrap-anywhere">{user.name}</span>
          <span className="block text-sm text-soft">{roleWords(user.role)}</span>
        </span>
        {asks === "nothing" && (
          <span className="flex flex-wrap gap-2">
            <Button aria-label={`Пригласить: ${user.name}`} onClick={() => setAsks("invite")}>
              Пригласить
            </Button>
            {mayClose && (
              <Button look="danger" aria-label={`Закрыть доступ: ${user.name}`} onClick={() => setAsks("close")}>
                Закрыть доступ
              </Button>
            )}
          </span>
        )}
      </div>
      {asks === "invite" && <Inviting user={user} close={rest} />}
      {asks === "close" && <Closing user={user} closed={changed} close={rest} />}
    </li>
  );
}

function Former({ user, mayOpen, changed }: { user: User; mayOpen: boolean; changed: () => void }) {
  const act = useAction(async () => {
    await openAccess(user.id);
    changed();
  });
  return (
    <li className="grid gap-3 border-b border-line py-3 last:border-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="min-w-40 flex-1">
          <span className="block font-medium wrap-anywhere">{user.name}</span>
          <span className="block text-sm text-soft">{roleWords(user.role)} · доступ закрыт</span>
        </span>
        {mayOpen && (
          <Button aria-label={`Вернуть доступ: ${user.name}`} busy={act.busy} onClick={() => void act.run()}>
            Вернуть доступ
          </Button>
        )}
      </div>
      <Failure error={act.error} />
    </li>
  );
}

export function UsersPage() {
  useTitle("Сотрудники");
  const known = useLoad(useCallback(() => load(), []));
  const [invited, setInvited] = useState<User | null>(null);
  if (!known.data) return known.error ? <Failure error={known.error} again={known.reload} /> : <Waiting />;
  const { users, staff, me } = known.data;
  const mayChange = (user: User) => user.role !== "owner" || me.role === "owner";
  const former = users.filter((user) => !user.is_active);
  return (
    <div className="mx-auto grid max-w-3xl gap-4">
      <PageTitle>Сотрудники</PageTitle>
      <Adding
        staff={staff}
        added={(user) => {
          known.reload();
          setInvited(user);
        }}
      />
      {invited && (
        <Card aria-label={`Приглашение: ${invited.name}`}>
          <Inviting key={invited.id} user={invited} close={() => setInvited(null)} />
        </Card>
      )}
      <Card className="py-1 sm:py-1" aria-label="Работают">
        <ul>
          {users
            .filter((user) => user.is_active)
            .map((user) => (
              <Person
                key={user.id}
                user={user}
                mayClose={user.id !== me.user_id && mayChange(user)}
                changed={() => {
                  known.reload();
                  setInvited(null); // the link, if it was theirs, is void
                }}
              />
            ))}
        </ul>
      </Card>
      {former.length > 0 && (
        <>
          <h2 className="text-lg font-semibold">Больше не работают</h2>
          <Card className="py-1 sm:py-1" aria-label="Больше не работают">
            <ul>
              {former.map((user) => (
                <Former key={user.id} user={user} mayOpen={mayChange(user)} changed={known.reload} />
              ))}
            </ul>
          </Card>
        </>
      )}
    </div>
  );
}
