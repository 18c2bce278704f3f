"""The ZeroGPU token of the Gradio request that is being served, if one is (protocol section 3.4)."""

from __future__ import annotations

import sys

HEADER = "x-ip-token"


def forwarded_token() -> str | None:
    """The visitor's token; None outside an event handler of a Gradio app.

    Looks only at a Gradio that the program has loaded already: elsewhere there can be no request.
    """
    context = getattr(sys.modules.get("gradio.context"), "LocalContext", None)
    if context is None:
        return None
    headers = getattr(context.request.get(None), "headers", None)
    token = headers.get(HEADER) if headers is not None else None
    return token if isinstance(token, str) else None
