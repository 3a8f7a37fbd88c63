"""Who is who: tenants, their channel accounts, actors, the audit log."""
