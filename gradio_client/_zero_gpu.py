"""What others take from the plugin of that name, whether or not it is disabled."""

from __future__ import annotations

from gradio_client_plugins.zero_gpu import HEADER, forwarded_token, is_space, served_request

__all__ = ["HEADER", "forwarded_token", "is_space", "served_request"]
