"""The desk at which people sign up and in: counts the attempt, finds the account over all tenants, lets in or not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.identity.accounts import repository
from salon.identity.accounts.domain import NewBusiness, check_password, checked_email
from salon.identity.accounts.errors import EmailInvalid, InvitationInvalid, LoginRefused
from salon.identity.accounts.use_cases.entering import SignedIn, accept_invitation, digest_of, sign_in, sign_up
from salon.identity.accounts.use_cases.passwords import hash_password
from salon.identity.edge import Api, Quota
from salon.platform import correlation
from salon.platform.ids import new_id, parse_id
from salon.platform.metrics import LOGIN_REFUSED
from salon.platform.rate_buckets import NOBODY, Bucket
from salon.platform.rate_limits import Limit
from salon.platform.settings import ApiSettings

LOGINS = Quota("login", lambda settings: settings.logins_per_minute)
SIGNUPS = Quota("signup", lambda settings: settings.logins_per_minute)


class AccountDesk:
    """What the public routes of `http_account` do; none of them has a token to show yet."""

    def __init__(self, api: Api, settings: ApiSettings) -> None:
        """Open it.

        Args:
            api: the edge of the function.
            settings: how often an account may be tried.
        """
        self._api = api
        self._settings = settings

    def sign_up(self, new: NewBusiness) -> SignedIn:
        """Make a business and its owner.

        That an e-mail is taken is told: without it nobody could sign up who has forgotten that they did, and a limit
        by address keeps anybody from trying lists of them. Signing in tells nothing (`LoginRefused`).

        Raises:
            TooManyRequests: this address has signed up enough.
            EmailInvalid, PasswordUnsuitable, Invalid: what was said.
            EmailTaken: somebody signs in with it already.
        """
        now = self._api.admit_anybody(SIGNUPS)
        email = checked_email(new.email)
        check_password(new.password, email)
        password_hash = hash_password(new.password)  # before the transaction, and for a taken e-mail as well
        index, tenant_id = self._index_of(email, now), new_id()
        named = NewBusiness(business=new.business, owner=new.owner, email=email, password="")
        with correlation.bind(tenant_id=tenant_id), self._api.database.transaction(tenant_id) as session:
            return sign_up(
                session, self._api.tokens, named, index=index, password_hash=password_hash, place=self._place(), now=now
            )

    def sign_in(self, email: str, password: str) -> SignedIn:
        """Let somebody in who has a password.

        Wrong passwords lock an account for the place that they come from. Many places together are slowed as well,
        but only those from which nobody has signed in to it: its owner gets in from where they usually do.

        Raises:
            TooManyRequests: this address has tried enough, or strangers to this account have.
            LoginRefused: for whichever reason.
        """
        try:
            known = checked_email(email)
        except EmailInvalid:
            known = "nobody@invalid.invalid"  # as costly as any other
        now, place = self._api.admit_anybody(LOGINS), self._place()
        index = self._index_of(known, now)
        with self._api.database.without_tenant() as session:
            found = repository.find_credential(session, index)
        # For an e-mail of nobody's the same is done in nobody's tenant, where no account is.
        tenant_id, credential_id = (found.tenant_id, found.credential_id) if found else (NOBODY, NOBODY)
        with self._api.database.read(tenant_id) as session:
            is_known = repository.has_entered(session, credential_id, place)
        if not is_known:
            self._api.limit(self._strangers(known), now=now)
        with correlation.bind(tenant_id=tenant_id), self._api.database.transaction(tenant_id) as session:
            signed_in = sign_in(session, self._api.tokens, credential_id, password, place=place, now=now)
        if signed_in is None:
            self._api.metrics.count(LOGIN_REFUSED)
            raise LoginRefused
        return signed_in

    def accept(self, token: str, password: str) -> SignedIn:
        """Take an invitation and choose a password.

        Raises:
            TooManyRequests: this address has tried enough.
            InvitationInvalid: not ours, used, or run out.
            PasswordUnsuitable: the password.
            EmailTaken: somebody else signs in with the invitation's e-mail meanwhile.
        """
        now = self._api.admit_anybody(LOGINS)
        tenant_id = parse_id(token.partition(".")[0])
        if tenant_id is None:
            raise InvitationInvalid
        email = self._invited(tenant_id, token)
        check_password(password, email)
        password_hash, index = hash_password(password), self._index_of(email, now)
        with correlation.bind(tenant_id=tenant_id), self._api.database.transaction(tenant_id) as session:
            return accept_invitation(
                session,
                self._api.tokens,
                token,
                email=email,
                index=index,
                password_hash=password_hash,
                place=self._place(),
                now=now,
            )

    def _place(self) -> str:
        """Where the request comes from; those that the gateway names no address of share one place."""
        return f"address:{self._api.client_address()}"

    def _strangers(self, email: str) -> Bucket:
        """Attempts at an account, of whoever has not been in it, together; of nobody's e-mail as of any."""
        limit = Limit.per_hour(self._settings.account_logins_per_hour)
        return Bucket(f"login:strangers:{self._api.tokens.pseudonym(email.casefold())}", limit)

    def _invited(self, tenant_id: UUID, token: str) -> str:
        with self._api.database.read(tenant_id) as session:
            email = repository.invited_email(session, digest_of(token))
        if email is None:
            raise InvitationInvalid
        return email

    def _index_of(self, email: str, now: datetime) -> str:
        with self._api.database.transaction(NOBODY) as session:
            return repository.index_of(session, email, now)
