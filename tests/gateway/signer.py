"""The whole of what a company writes so that its gateway lets a client through."""

import hashlib
import hmac
import os
from urllib.parse import urlsplit

from gradio_client.hooks import RequestContext, hookimpl


@hookimpl
def gradio_client_request_headers(context: RequestContext) -> dict[str, str] | None:
    """Sign the method and path of every request to an app behind the gateway."""
    host = urlsplit(context.client.url).hostname
    if not context.same_origin or host != os.environ.get("COMPANY_GATEWAY"):
        return None
    said = f"{context.method} {urlsplit(context.url).path}"
    signed = hmac.new(os.environ["COMPANY_KEY"].encode(), said.encode(), hashlib.sha256)
    return {"X-Signature": signed.hexdigest()}
