import { type SyntheticEvent, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { acceptInvitation } from "../api/users";
import { Door, NewPassword } from "../components/Door";
import { Button, Card, Failure, Notice } from "../components/ui";
import { useAction } from "../hooks/useAction";

/** Somebody of a salon was given a link, and chooses a password. */
export function InvitationPage() {
  const token = useLocation().hash.slice(1);
  const go = useNavigate();
  const [password, setPassword] = useState("");
  const accept = useAction(async () => {
    await acceptInvitation(token, password);
    await go("/", { replace: true });
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void accept.run();
  };
  return (
    <Door title="Вас пригласили">
      {token === "" ? (
        <Notice tone="warn">В ссылке не хватает конца. Откройте её целиком или попросите новую.</Notice>
      ) : (
        <Card>
          <form onSubmit={submit} className="grid gap-4">
            <p className="text-soft">Придумайте пароль. Дальше входите с ним и с почтой, на которую вас пригласили.</p>
            <NewPassword value={password} onChange={(event) => setPassword(event.target.value)} />
            <Failure error={accept.error} />
            <Button type="submit" look="primary" busy={accept.busy}>
              Принять приглашение
            </Button>
          </form>
        </Card>
      )}
      <p className="text-soft">
        Пароль уже есть?{" "}
        <Link to="/signin" className="font-semibold text-accent underline underline-offset-4">
          Войти
        </Link>
      </p>
    </Door>
  );
}
