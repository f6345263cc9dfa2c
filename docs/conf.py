"""The site:  sphinx-build docs site.

Written pages stand in this folder.  The reference, the gallery and the pages of the repository's root are made when the
site is built (`pages.py`), into docs/made.  SPIKESIM_GALLERY says which examples are run for their pictures: "quick"
(the usual), "all" or "none".
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ.setdefault("MPLBACKEND", "agg")
sys.path[:0] = [str(HERE), str(HERE.parent)]

import pages  # noqa: E402

import spikesim  # noqa: E402

project = "spikesim"
author = "The spikesim developers"
copyright = author
version = release = spikesim.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax", "numpydoc", "myst_parser",
              "sphinx_gallery.gen_gallery"]  # fmt: skip
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["templates/**", "made/examples/**", "made/gallery/**/*.ipynb", "made/gallery/**/*.py"]
nitpicky = False
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["config.cache", "ref.python"]  # "size" of several classes

templates_path = ["templates"]
autosummary_generate = True
autodoc_typehints = "none"  # numpydoc says the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = f"spikesim {release}"
html_theme_options = {"navigation_with_keys": False, "show_toc_level": 2, "secondary_sidebar_items": ["page-toc"]}
html_show_sourcelink = False
html_static_path = ["static"]
html_css_files = ["site.css"]

RUN = {"quick": "|".join(rf"[/\\]{name}\.py$" for name in pages.QUICK), "all": r"\.py$", "none": r"(?!)"}
sphinx_gallery_conf = {
    "examples_dirs": str(pages.MADE / "examples"),
    "gallery_dirs": "made/gallery",
    "filename_pattern": RUN[os.environ.get("SPIKESIM_GALLERY", "quick")],
    "ignore_pattern": r"(beside|blood_sugar)\.py",
    "image_scrapers": ("dark.pictures",),
    # in a kernel the options of the script are not the reader's
    "first_notebook_cell": "%matplotlib inline\nimport sys\n\n"
    'sys.argv[1:] = ["--quick"]  # options of the script; [] for all of it, ["--help"] for the others',
    "reset_argv": lambda conf, variables: ["--quick", "--out", str(pages.MADE / "pictures")],
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    "abort_on_example_error": True,
}


def _in_the_site(app, docname, source):
    """Links to files of the repository lead to their pages here."""
    if (HERE / f"{docname}.md").exists():
        source[0] = pages.linked(source[0], HERE / f"{docname}.md")


def _of_another(app, what, name, obj, skip, options):
    """Members that a class has from Python itself, and the fields of a NamedTuple, which stand under Parameters."""
    module = getattr(obj, "__module__", None) or getattr(getattr(obj, "fget", None), "__module__", None)
    return True if module is None or not module.startswith("spikesim") else skip


def setup(app):
    """Make the pages before anything looks for them."""
    app.connect("config-inited", lambda app, config: pages.make(), priority=1)
    app.connect("source-read", _in_the_site)
    app.connect("autodoc-skip-member", _of_another)
