"""Another app, loaded by gr.load and mounted in FastAPI, which ends as such programs do: --target. Gradio 6."""

import _common as common

args = common.arguments(__doc__, target={"required": True})

import signal  # noqa: E402
import sys  # noqa: E402

import fastapi  # noqa: E402
import gradio as gr  # noqa: E402
import uvicorn  # noqa: E402
from gradio.external import from_spaces_blocks  # noqa: E402

demo = gr.load(args.target, src=from_spaces_blocks)


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        common.ready("mounted", gr, f"http://{args.host}:{args.port}/")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again when it has shut down
    app = gr.mount_gradio_app(fastapi.FastAPI(), demo, path="/")
    Server(uvicorn.Config(app, host=args.host, port=args.port, log_level="warning")).run()
    sys.exit(1)  # it ended by itself
