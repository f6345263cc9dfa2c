"""The engines: how a compiled network advances."""
