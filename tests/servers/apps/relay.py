"""Another app, loaded by gr.load: --target is its address. Gradio 6."""

import _common as common

args = common.arguments(__doc__, target={"required": True})

import gradio as gr  # noqa: E402
from gradio.external import from_spaces_blocks  # noqa: E402

# What gr.load(name, src="spaces") does when it has found the Space.
demo = gr.load(args.target, src=from_spaces_blocks)

if __name__ == "__main__":
    common.launch("relay", gr, demo, args)
