"""Audio that the app makes piece by piece.

Servers from 5.0 hand it out as a playlist of segments, older ones as one long answer.
"""

import time

import _common as common

args = common.arguments(__doc__)

import gradio as gr  # noqa: E402

# A frame of silence (AAC in ADTS, 44.1 kHz, mono, 1,024 samples).
FRAME = bytes.fromhex("fff15040017ffc") + bytes.fromhex("00c80080")
FRAMES = 22  # about half a second


async def stream_output(self, value, output_id, first_chunk):
    """What gr.Audio does, without the encoder: that takes ffmpeg, which a machine may lack."""
    file = {
        "path": output_id,
        "is_stream": True,
        "orig_name": "audio-stream.mp3",
        "meta": {"_type": "gradio.FileData"},
    }
    if value is None:
        return None, file
    return {"data": value, "duration": FRAMES * 1024 / 44100, "extension": ".aac"}, file


async def flush_stream_output(self, output_id):
    return None


if common.version_of(gr) >= (5, 0, 0):
    gr.Audio.stream_output = stream_output
    if hasattr(gr.Audio, "flush_stream_output"):
        gr.Audio.flush_stream_output = flush_stream_output


def speak(n, delay):
    for number in range(int(n)):
        if number:
            time.sleep(delay)
        yield FRAME * FRAMES


with gr.Blocks(title="media") as demo:
    speech = gr.Audio(label="Speech", streaming=True, autoplay=False, **common.known(gr.Audio.__init__, format="mp3"))
    gr.Button("speak").click(
        speak, [gr.Number(3, label="Pieces"), gr.Number(0.1, label="Delay")], speech, api_name="speak"
    )

if __name__ == "__main__":
    common.launch("media", gr, demo, args)
