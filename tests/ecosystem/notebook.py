#!/usr/bin/env python3
"""The notebook runs from its first cell to its last one, as it is committed: without outputs.

usage: notebook.py LIBRARY MODULE-FOLDER NOTEBOOK CAPTURE [PICTURES]     PICTURES: a folder that keeps its pictures
"""
import base64
import os
import sys
import tempfile

try:
    import nbclient
    import nbformat
    import seaborn  # noqa: F401: the notebook's own need
    import sklearn  # noqa: F401
except ImportError as missing:
    print(f"skipped: no {missing.name} (tools/test installs it where a package index can be reached)")
    sys.exit(77)


def main():
    library, module, path, capture, *pictures = sys.argv[1:]
    os.environ |= {"PCAPMILL_LIBRARY": library, "PYTHONPATH": os.path.abspath(module), "PCAPMILL_CAPTURE": os.path.abspath(capture),
                   "PYTHONDONTWRITEBYTECODE": "1"}
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    if any(cell.get("outputs") for cell in notebook.cells):
        print("the notebook is committed with outputs")
        sys.exit(1)
    with tempfile.TemporaryDirectory() as work:
        nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3",
                                resources={"metadata": {"path": work}}).execute()
    drawn = [output.data["image/png"] for cell in notebook.cells for output in cell.get("outputs", [])
             if "image/png" in output.get("data", {})]
    for i, picture in enumerate(drawn):
        for folder in pictures:
            with open(os.path.join(folder, f"notebook.{i}.png"), "wb") as file:
                file.write(base64.b64decode(picture))
    print(f"{sum(cell.cell_type == 'code' for cell in notebook.cells)} cells ran, {len(drawn)} pictures")
    sys.exit(len(drawn) != 4)


main()
