"""The demonstration's app on a real Gradio; run by its interpreter, with the port as argument."""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "GRADIO_SSR_MODE": "False"}

import gradio as gr


def greet(name, greeting="Hello"):
    """Greet somebody."""
    return f"{greeting}, {name}!"


def tell(words=12, delay=0.05, progress=gr.Progress()):
    """Tell a story, word by word."""
    story = ["once", "upon", "a", "time", "there", "was", "a", "client", "that", "nobody", "waited", "for"]
    text = ""
    for number in range(int(words)):
        progress((number, int(words)), desc="telling")
        time.sleep(delay)
        text += story[number % len(story)] + " "
        yield text


def shout(file):
    """The text of a file in capitals."""
    source = Path(getattr(file, "name", file))
    capitals = Path(tempfile.mkdtemp()) / f"loud-{source.name}"
    capitals.write_text(source.read_text(encoding="utf-8").upper(), encoding="utf-8")
    return str(capitals)


def wait(seconds=60):
    """Count the tenths of a second, for somebody to cancel."""
    for tenth in range(int(seconds * 10)):
        time.sleep(0.1)
        yield tenth


with gr.Blocks(title="Demonstration") as demo:
    said = gr.Textbox(label="Output")
    number = gr.Number(label="Output")
    given = [gr.Textbox(label="Name"), gr.Textbox("Hello", label="Greeting")]
    gr.Button().click(greet, given, said, api_name="greet")
    gr.Button().click(
        tell, [gr.Number(12, label="Words"), gr.Number(0.05, label="Delay")], said, api_name="tell"
    )
    gr.Button().click(shout, gr.File(label="File"), gr.File(label="Output"), api_name="shout")
    gr.Button().click(wait, gr.Number(60, label="Seconds"), number, api_name="wait")

demo.queue().launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
