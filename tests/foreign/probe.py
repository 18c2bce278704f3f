"""What a user of the foreign transport does: run with the address of an app and a file to send."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gradio_client import Client, handle_file

LIBRARIES = ("aiohttp", "requests", "httpx", "httpx2", "urllib3")


def main(url: str, file: str) -> dict[str, object]:
    with Client(url, transport="urllib3", verbose=False) as client:
        returned = client.predict(handle_file(file), api_name="/file_in_out")
        return {
            "libraries": [name for name in LIBRARIES if name in sys.modules],
            "greeting": client.predict("Ada", api_name="/greet"),
            "counted": list(client.submit(3, 0.05, api_name="/count")),
            "file": Path(returned).read_text("utf-8"),
        }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
