"""Event loops and threads: one loop for all synchronous clients, and work shared between tasks."""
