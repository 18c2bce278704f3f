"""What the objects of this environment's gradio_client have as attributes, on a server; printed as JSON.

It runs in two environments: in this package's and, as a script, in that of gradio_client 2.7.2.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from gradio_client import Client

#: What is the same for both: the rest is other objects, or differs from call to call.
COMPARED = (
    *("api_prefix", "api_url", "cookies", "download_files", "heartbeat_url", "httpx_kwargs", "oauth_token"),
    *("output_dir", "protocol", "reset_url", "space_id", "src", "src_prefixed", "sse_data_url", "sse_url"),
    *("ssl_verify", "token", "upload_url", "verbose"),
)
OF_ENDPOINTS = (
    *("api_name", "api_visibility", "backend_fn", "fn_index", "input_component_types", "is_valid"),
    *("oauth_token_requirement", "output_component_types", "parameters_info", "protocol", "root_url"),
)


def shown(value: Any) -> str:
    return repr(dict(value)) if isinstance(value, Mapping) else repr(value)


def found(url: str) -> dict[str, Any]:
    kwargs = {"cookies": {"a": "b"}, "follow_redirects": True}
    given: Any = {"httpx_kwargs": kwargs, "download_files": "/tmp/x"}
    client = Client(url, verbose=False, token="hf_t", oauth_token="o", **given)
    job = client.submit("x", api_name="/echo")
    job.result()
    endpoints = client.endpoints.values()
    names = {"Client": client, "Endpoint": next(iter(endpoints)), "Job": job}
    answers = {
        "names": {kind: [name for name in dir(item) if name[0] != "_"] for kind, item in names.items()},
        "client": {name: shown(getattr(client, name)) for name in COMPARED},
        "endpoints": [{name: repr(getattr(one, name)) for name in OF_ENDPOINTS} for one in endpoints],
        "version": str(client.app_version),
    }
    client.close()
    return answers


if __name__ == "__main__":
    sys.stdout.write(json.dumps(found(sys.argv[1])))
