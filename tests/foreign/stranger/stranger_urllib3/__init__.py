"""A transport for gradio_client over urllib3: ``Client(url, transport="urllib3")``."""
