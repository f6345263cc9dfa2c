"""Run notebooks of the gallery as a reader would:  python .ci/notebooks.py docs/made/gallery/tuning_curve.ipynb ...

Each in a kernel and a folder of its own; a cell that fails, or a notebook that shows no picture, is a failure.
"""

import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient

for path in sys.argv[1:]:
    begun, notebook = time.perf_counter(), nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = sum("image/png" in output.get("data", {}) for output in shown)
    print(f"{path}: {pictures} picture(s), {time.perf_counter() - begun:.0f} s", flush=True)
    if not pictures:
        sys.exit(f"{path}: ran, but shows no picture")
