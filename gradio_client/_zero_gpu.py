"""What ``Client.add_zero_gpu_headers`` takes from the plugin of that name, whether or not it is disabled."""

from __future__ import annotations

from gradio_client_plugins.zero_gpu import HEADER, forwarded_token, is_space

__all__ = ["HEADER", "forwarded_token", "is_space"]
