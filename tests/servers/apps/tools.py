"""An MCP server: tools with and without a queue, with a state, a file and progress. Gradio 6 with mcp."""

import _common as common

args = common.arguments(__doc__)

import gradio as gr  # noqa: E402


def shout(text: str) -> str:
    """Say a text in capitals.

    Args:
        text: what to say.
    """
    return text.upper()


def shout_at_once(text: str) -> str:
    """Say a text in capitals, without a queue.

    Args:
        text: what to say.
    """
    return text.upper()


def count(n: int, progress=gr.Progress()):
    """Count to a number.

    Args:
        n: the number.
    """
    for step in range(int(n)):
        progress((step, int(n)), desc="counting")
        yield step + 1


def add(n: int, total: int = 0):
    """Add a number to a total that is kept.

    Args:
        n: the number.
    """
    return int(n) + (total or 0), int(n) + (total or 0)


def fail(text: str) -> str:
    """Fail with an error.

    Args:
        text: what the error says.
    """
    raise gr.Error(text)


@gr.mcp.resource("greeting://{name}")
def greeting(name: str) -> str:
    """A greeting for a name."""
    return f"Hello, {name}!"


with gr.Blocks(title="tools") as demo:
    text = gr.Textbox(label="Text")
    number = gr.Number(label="Number", precision=0)
    answer = gr.Textbox(label="Answer")
    total = gr.Number(label="Total")
    kept = gr.State(0)
    gr.Button("1").click(shout, text, answer, api_name="shout")
    gr.Button("2").click(shout_at_once, text, answer, api_name="shout_at_once", queue=False)
    gr.Button("3").click(count, number, total, api_name="count")
    gr.Button("4").click(add, [number, kept], [total, kept], api_name="add")
    gr.Button("5").click(fail, text, answer, api_name="fail")
    gr.Button("6").click(greeting, text, answer, api_name="greeting")

if __name__ == "__main__":
    common.queued(gr, demo, args)
    demo.launch(
        server_name=args.host, server_port=args.port, mcp_server=True, quiet=True, prevent_thread_lock=True
    )
    common.ready("tools", gr, f"http://{args.host}:{args.port}/")
    common.wait_for_stop(demo.close)
