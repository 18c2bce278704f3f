"""Handlers of every kind that call another app through clients they share: --target is its address."""

import _common as common

args = common.arguments(__doc__, target={"required": True})

import asyncio  # noqa: E402

import gradio as gr  # noqa: E402

from gradio_client import Client, __version__  # noqa: E402

from gradio_client_plugins.zero_gpu import ZeroGPU  # noqa: E402

# The target is no Space, but is treated as one.
shared = Client(args.target, verbose=False, download_files=False, plugins=[ZeroGPU(also=[args.target])])


def versions(text):
    return __version__


def from_thread(text):
    return shared.predict(text, api_name="/echo")


async def from_loop(text):
    return shared.predict(text, api_name="/echo")  # holds the app's loop up, but must end


async def awaited(text):
    return await shared.submit(text, api_name="/echo")


async def with_async_client(text):
    from gradio_client import AsyncClient

    async with AsyncClient(args.target) as client:
        return await client.predict(text, api_name="/echo")


def token(text):
    return str(shared.predict(api_name="/headers").get("x-ip-token"))


async def token_awaited(text):
    return str((await shared.submit(api_name="/headers")).get("x-ip-token"))


def streamed(text):
    yield from (str(number) for number in shared.submit(int(text), 0.01, api_name="/count"))


async def streamed_from_loop(text):
    async for update in shared.submit(int(text), 0.01, api_name="/count"):
        if update.type == "output" and not update.final:
            yield str(update.outputs)


def state(text):
    client = shared
    return str([client.predict(int(text), api_name="/state") for _ in range(3)])


def cancelled(text):
    job = shared.submit(600, 0.05, api_name="/slow_iterate")
    first = next(iter(job))
    return f"{first} {job.cancel()} {job.cancelled()}"


async def state_from_loop(text):
    return str([shared.predict(int(text), api_name="/state") for _ in range(3)])


async def cancelled_from_loop(text):
    job = shared.submit(600, 0.05, api_name="/slow_iterate")
    first = next(iter(job))
    return f"{first} {job.cancel()} {job.cancelled()}"


def together(text):
    jobs = [shared.submit(f"{text}{number}", api_name="/echo") for number in range(20)]
    return " ".join(job.result() for job in jobs)


async def together_from_loop(text):
    jobs = [shared.submit(f"{text}{number}", api_name="/echo") for number in range(20)]
    return " ".join(await asyncio.gather(*jobs))


def failing(text):
    return shared.predict(text, api_name="/raise_error")


HANDLERS = (
    versions,
    from_thread,
    from_loop,
    awaited,
    with_async_client,
    token,
    token_awaited,
    streamed,
    streamed_from_loop,
    state,
    state_from_loop,
    cancelled,
    cancelled_from_loop,
    together,
    together_from_loop,
    failing,
)

with gr.Blocks(title="caller") as demo:
    said = gr.Textbox(label="Text")
    heard = gr.Textbox(label="Answer")
    for handler in HANDLERS:
        gr.Button(handler.__name__).click(handler, said, heard, api_name=handler.__name__)

if __name__ == "__main__":
    common.launch("caller", gr, demo, args)
