import { type SyntheticEvent, useState } from "react";
import { Link, Navigate, useLocation } from "react-router";
import { account, told } from "../api/client";
import { session } from "../api/session";
import { Door, NewPassword } from "../components/Door";
import { Button, Card, Failure, Field, Notice } from "../components/ui";
import { useAction } from "../hooks/useAction";
import { useSession } from "../hooks/useSession";

interface Came {
  from?: string;
  ended?: boolean;
}

/** Where somebody was before they were asked to sign in. */
function useCame(): Came {
  const state: unknown = useLocation().state;
  return typeof state === "object" && state !== null ? state : {};
}

export function SignIn() {
  const came = useCame();
  const signedIn = useSession() !== null;
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useAction(async () => {
    const answer = await told(account.POST("/v1/login", { body: { email: email.trim(), password } }));
    session.set({ accessToken: answer.access_token, renewalToken: answer.renewal_token });
  });
  if (signedIn) return <Navigate to={came.from ?? "/"} replace />;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void signIn.run();
  };
  return (
    <Door title="Вход для салона">
      {came.ended && <Notice tone="warn">Сеанс закончился. Войдите, и мы вернёмся туда, где вы были.</Notice>}
      <Card>
        <form onSubmit={submit} className="grid gap-4">
          <Field
            label="Почта"
            type="email"
            autoComplete="username"
            inputMode="email"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <Field
            label="Пароль"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <Failure error={signIn.error} />
          <Button type="submit" look="primary" busy={signIn.busy}>
            Войти
          </Button>
        </form>
      </Card>
      <p className="text-soft">
        Впервые здесь?{" "}
        <Link to="/signup" state={came} className="font-semibold text-accent underline underline-offset-4">
          Зарегистрировать салон
        </Link>
      </p>
    </Door>
  );
}

export function SignUp() {
  const came = useCame();
  const signedIn = useSession() !== null;
  const [form, setForm] = useState({ business: "", name: "", email: "", password: "" });
  const set = (field: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm((before) => ({ ...before, [field]: event.target.value }));
  const signUp = useAction(async () => {
    const body = { ...form, email: form.email.trim() };
    const answer = await told(account.POST("/v1/signup", { body }));
    session.set({ accessToken: answer.access_token, renewalToken: answer.renewal_token });
  });
  if (signedIn) return <Navigate to={came.from ?? "/"} replace />;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void signUp.run();
  };
  return (
    <Door title="Новый салон">
      <Card>
        <form onSubmit={submit} className="grid gap-4">
          <Field
            label="Как называется салон"
            autoComplete="organization"
            required
            maxLength={100}
            value={form.business}
            onChange={set("business")}
          />
          <Field
            label="Ваше имя"
            autoComplete="name"
            required
            maxLength={100}
            value={form.name}
            onChange={set("name")}
          />
          <Field
            label="Почта"
            type="email"
            autoComplete="username"
            inputMode="email"
            required
            value={form.email}
            onChange={set("email")}
          />
          <NewPassword value={form.password} onChange={set("password")} />
          <Failure error={signUp.error} />
          <Button type="submit" look="primary" busy={signUp.busy}>
            Зарегистрироваться
          </Button>
        </form>
      </Card>
      <p className="text-soft">
        Салон уже зарегистрирован?{" "}
        <Link to="/signin" state={came} className="font-semibold text-accent underline underline-offset-4">
          Войти
        </Link>
      </p>
    </Door>
  );
}
