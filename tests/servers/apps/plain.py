"""Texts, files, a state and streams on common components alone, as gr.load can load them. Gradio 4 to 6."""

import _common as common

args = common.arguments(__doc__)

import os  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

import gradio as gr  # noqa: E402


def multi(text, times):
    return text[::-1], times * 2


def count(n):
    for number in range(1, int(n) + 1):
        time.sleep(0.01)
        yield number


def slow(n):
    for number in range(1, int(n) + 1):
        time.sleep(0.05)
        yield number


def add(n, total):
    return n + total, n + total


def fail(text):
    raise gr.Error(text)


def size(file):
    return os.path.getsize(file)


def copy(file):
    made = os.path.join(tempfile.mkdtemp(), "copy.txt")
    with open(file, "rb") as source, open(made, "wb") as target:
        target.write(source.read())
    return made


def picked(event: gr.SelectData):
    return str(event.value)


with gr.Blocks(title="plain") as demo:
    text, answer = gr.Textbox(label="Text"), gr.Textbox(label="Answer")
    number, total = gr.Number(label="Number"), gr.Number(label="Total")
    file, copied = gr.File(label="File"), gr.File(label="Copy")
    choice = gr.Radio(["a", "b"], label="Choice")
    kept = gr.State(0)
    gr.Button("1").click(lambda said: said, text, answer, api_name="echo")
    gr.Button("2").click(multi, [text, number], [answer, total], api_name="multi")
    gr.Button("3").click(count, number, total, api_name="count")
    gr.Button("4").click(slow, number, total, api_name="slow")
    gr.Button("5").click(add, [number, kept], [total, kept], api_name="add")
    gr.Button("6").click(fail, text, answer, api_name="fail")
    gr.Button("7").click(size, file, total, api_name="size")
    gr.Button("8").click(copy, file, copied, api_name="copy")
    gr.Button("9").click(None, text, answer, js="(said) => said")
    choice.select(picked, None, answer, api_name="picked")

if __name__ == "__main__":
    common.launch("plain", gr, demo, args)
