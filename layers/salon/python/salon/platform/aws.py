"""Clients of AWS-shaped services (AWS, LocalStack, Yandex).

boto3's clients are botocore's; going to botocore directly spares every function boto3's transfer manager and resources,
a sixth of the webhook's import budget (DESIGN §6). Nothing heavier than a client is used in the cloud.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from salon.platform.settings import CloudSettings

if TYPE_CHECKING:
    from botocore.session import Session


@cache
def _session() -> Session:
    """One session for all clients of the process: it keeps the service descriptions that were read."""
    from botocore.session import Session

    return Session()


def client(service: str, settings: CloudSettings, *, endpoint_url: str | None, **options: Any) -> Any:
    """A client.

    Args:
        service: `s3` or `sqs`.
        settings: names the region.
        endpoint_url: of the service; without one it is AWS's own.
        options: for botocore's `Config`.
    """
    from botocore.config import Config

    return _session().create_client(
        service, region_name=settings.aws_region, endpoint_url=endpoint_url, config=Config(**options)
    )
