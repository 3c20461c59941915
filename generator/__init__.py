"""copydesk: Markdown briefs become AI drafts that people direct, edit and approve; only approved pages are published.

This package is the program. `ARCHITECTURE.md` is its map: doors on top, `app` below them, rooms that do not see each
other, and the nouns of `model` that cross between them. Importing the package imports none of them.
"""

__version__ = "0.4.0"
