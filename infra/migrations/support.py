"""What every migration needs: time-outs, row-level security, append-only tables, SECURITY DEFINER functions."""

from __future__ import annotations

import os

from alembic import op

APP_ROLE = os.environ.get("DATABASE_APP_ROLE", "salon_app")
TENANT = "NULLIF(current_setting('app.tenant_id', true), '')::uuid"


def guard_timeouts() -> None:
    """Rather fail than queue behind a long transaction and block the salon; values are those of the template."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '60s'")


def enable_rls(table: str, *, column: str = "tenant_id", writable: bool = True) -> None:
    """Show and accept only rows of the transaction's tenant; without a tenant, none.

    Args:
        table: to guard; the application role gets access to it.
        column: that holds the tenant.
        writable: whether the application may also change and delete rows.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant_isolation ON {table} TO {APP_ROLE}"
        f" USING ({column} = {TENANT}) WITH CHECK ({column} = {TENANT})"
    )
    verbs = "SELECT, INSERT, UPDATE, DELETE" if writable else "SELECT, INSERT"
    op.execute(f"GRANT {verbs} ON {table} TO {APP_ROLE}")


def append_only(table: str) -> None:
    """Deny UPDATE, DELETE and TRUNCATE to everyone, the owner and replication included (facts/domain.md §5.1)."""
    op.execute(
        f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION deny_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_is_not_truncated BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION deny_change()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_append_only")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_not_truncated")


def definer_function(signature: str, returns: str, body: str) -> None:
    """A function that looks over all tenants and answers with ids only (DESIGN law 4).

    Its body names tables as `public.x`, and `pg_temp` stands last in its path: a caller's temporary view of a table's
    name would otherwise be read with the owner's rights.

    Args:
        signature: name and typed parameters, `overdue_inbox(before timestamptz, max_rows int)`.
        returns: `TABLE (tenant_id uuid, id uuid)`.
        body: one SQL statement.
    """
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $body$ {body} $body$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {signature_types(signature)} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature_types(signature)} TO {APP_ROLE}")


def drop_function(signature: str) -> None:
    """Drop what `definer_function` made."""
    op.execute(f"DROP FUNCTION {signature_types(signature)}")


def signature_types(signature: str) -> str:
    """`f(a int, b text)` as `f(int, text)`, the form that GRANT and DROP want."""
    name, _, rest = signature.partition("(")
    parameters = [part.strip().split(None, 1)[1] for part in rest.rstrip(")").split(",") if part.strip()]
    return f"{name}({', '.join(parameters)})"
