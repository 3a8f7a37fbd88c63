"""What AWS's door in front of the internal API wants: Signature Version 4 with the function's own role."""

from __future__ import annotations

from typing import Any

from salon.integrations.inference.client import Sign

SERVICE = "execute-api"


def signed_for_aws(base_url: str, region: str, credentials: Any) -> Sign:
    """Sign calls of the internal API.

    Args:
        base_url: as given to `HttpInference`.
        region: the API's.
        credentials: botocore's, as `boto3.Session().get_credentials()` gives them; they renew themselves.
    """
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    def sign(method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        sent = {**headers, **({"content-type": "application/json"} if body else {})}
        request = AWSRequest(method=method, url=base_url.rstrip("/") + path, data=body, headers=sent)
        SigV4Auth(credentials, SERVICE, region).add_auth(request)
        return dict(request.headers.items())

    return sign
