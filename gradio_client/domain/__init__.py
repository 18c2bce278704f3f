"""The Gradio protocol without input or output: values in, values and things to do out.

Modules here import each other and the pure part of the standard library, nothing else.
"""
