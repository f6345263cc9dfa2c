"""A network resolved once for both engines: cells, propagators, rests, wirings, drives and what is recorded."""
