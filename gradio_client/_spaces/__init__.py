"""Hugging Face Spaces and the Hub: finding, waking and duplicating."""
