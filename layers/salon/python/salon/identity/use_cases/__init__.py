"""What a person or the system does with tenants, their accounts, users, sessions and settings."""

from __future__ import annotations

from salon.identity.use_cases.settings import list_settings, read_settings, read_settings_version, write_settings
from salon.identity.use_cases.tenants import (
    CREDENTIALS_PURPOSE,
    MAX_WEBHOOK_SECRETS,
    add_channel_account,
    begin_secret_rotation,
    change_credentials,
    create_tenant,
    end_secret_rotation,
    find_tenant,
    mark_account_rejected,
    pause_account,
    quiet_hours,
    read_credentials,
    record_audit,
)
from salon.identity.use_cases.users import (
    activate_user,
    change_user,
    create_user,
    deactivate_user,
    get_user,
    list_users,
)

__all__ = [
    "CREDENTIALS_PURPOSE",
    "MAX_WEBHOOK_SECRETS",
    "activate_user",
    "add_channel_account",
    "begin_secret_rotation",
    "change_credentials",
    "change_user",
    "create_tenant",
    "create_user",
    "deactivate_user",
    "end_secret_rotation",
    "find_tenant",
    "get_user",
    "list_settings",
    "list_users",
    "mark_account_rejected",
    "pause_account",
    "quiet_hours",
    "read_credentials",
    "read_settings",
    "read_settings_version",
    "record_audit",
    "write_settings",
]
