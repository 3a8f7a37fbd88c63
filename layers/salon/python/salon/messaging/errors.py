"""Why a message did not go out, by what to do about it (facts: the error class table shared by all providers).

::

    DeliveryFailed(ProviderFault)
    ├── RetryLater          5xx, network, 429: try again, not before `after_s`
    ├── RecipientGone       blocked us, deactivated, no such chat: mark, cancel what is queued
    ├── RequestRejected     our bug or an impossible message: dead-letter, tell a developer
    ├── WindowClosed        too long since the person wrote: an approved template, or wait until they write again
    └── AccountRejected     the account's token is wrong, or the account restricted: stop it, keep the queue
    MediaGone               the provider has no such file any more
    MediaTooLarge           more than we take
"""

from __future__ import annotations

from salon.platform.errors import Fault, Forbidden, Invalid, Refusal


class ProviderFault(Fault):
    """A messenger failed us."""

    code = "PROVIDER_FAULT"


class DeliveryFailed(ProviderFault):
    """A call to a provider had no success; see the subclasses for what to do."""

    code = "DELIVERY_FAILED"


class RetryLater(DeliveryFailed):
    """Trying again may help.

    Attributes:
        after_s: seconds the provider asked for, 0 when it did not.
        whole_account: the limit holds for every chat of the account, not for this one.
        maybe_sent: the request left and no answer came: it may have been carried out.
    """

    code = "RETRY_LATER"

    def __init__(
        self, reason: str, *, after_s: float = 0.0, whole_account: bool = False, maybe_sent: bool = False
    ) -> None:
        super().__init__(reason)
        self.after_s = after_s
        self.whole_account = whole_account
        self.maybe_sent = maybe_sent


class RecipientGone(DeliveryFailed):
    """The person blocked us, left, or does not exist."""

    code = "RECIPIENT_GONE"


class RequestRejected(DeliveryFailed):
    """The provider will never accept this request."""

    code = "REQUEST_REJECTED"


class WindowClosed(DeliveryFailed):
    """The person has not written for too long; only an approved template may be sent."""

    code = "WINDOW_CLOSED"


class DeliveryUnsettled(ProviderFault):
    """A provider's report about a message has overtaken the answer to the call that sent it."""

    code = "DELIVERY_UNSETTLED"

    def __init__(self) -> None:
        super().__init__("The message is being sent at this moment.")


class HandshakeRefused(Forbidden):
    """Somebody who is not the provider asks us to prove who we are."""

    code = "HANDSHAKE_REFUSED"

    def __init__(self) -> None:
        super().__init__("The handshake's token is missing or wrong.")


class AccountRejected(DeliveryFailed):
    """The provider does not accept the account: its token is wrong or lacks a permission, or it is restricted."""

    code = "ACCOUNT_REJECTED"


class MediaGone(Refusal):
    """The provider no longer has the file."""

    code = "MEDIA_GONE"


class MediaElsewhere(MediaGone):
    """The file lies at a host that is not the messenger's: we do not ask strangers' servers."""

    code = "MEDIA_ELSEWHERE"


class MediaTooLarge(Refusal):
    """The file is larger than we take."""

    code = "MEDIA_TOO_LARGE"


class HabitSenseless(Invalid):
    """A value of the settings section `messaging` makes no sense.

    Attributes:
        name: of the setting.
    """

    code = "HABIT_SENSELESS"

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"messaging.{name} {rule}.")
        self.name = name
