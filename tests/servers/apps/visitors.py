"""Tells which visitor's token another app got through a client that all visitors share: --target."""

import _common as common

args = common.arguments(__doc__, target={"required": True})

import gradio as gr  # noqa: E402
from gradio_client_plugins.zero_gpu import ZeroGPU  # noqa: E402

from gradio_client import Client  # noqa: E402

shared = Client(args.target, verbose=False, plugins=[ZeroGPU(also=[args.target])])


def from_thread(text):
    return f"{text} {shared.predict(api_name='/headers').get('x-ip-token')}"


async def awaited(text):
    found = await shared.submit(api_name="/headers")
    return f"{text} {found.get('x-ip-token')}"


with gr.Blocks(title="visitors") as demo:
    said = gr.Textbox(label="Text")
    heard = gr.Textbox(label="Answer")
    for handler in (from_thread, awaited):
        button = gr.Button(handler.__name__)
        button.click(handler, said, heard, api_name=handler.__name__, concurrency_limit=None)

if __name__ == "__main__":
    common.launch("visitors", gr, demo, args)
