"""What Gradio and its components take from ``gradio_client.utils``, each module one kind of thing.

Gradio depends on these functions, and custom components import them. They do what those of
``gradio_client`` 2.7.2 do, except where docs/drop-in.md says otherwise; the client itself uses
none of them.
"""
