"""``python -m spikesim``: the command line."""

from .cli import main

raise SystemExit(main())
