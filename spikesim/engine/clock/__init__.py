"""The clock engine: all neurons step together on a grid of dt."""
