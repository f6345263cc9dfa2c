"""The catalogue of bad inputs: 84 rows, B01 to B84, each held by the tests that are marked with its number.

``python -m tests.catalogue`` runs them all and prints the score; ``pytest tests/catalogue`` leaves out the slow ones.
Topics: neurons, populations, connections, stimuli, runs, recordings, loading.
"""
