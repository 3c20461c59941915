"""The mkdocs.yml that a new workspace gets.

Promises: both folders are written out, nothing is fetched from elsewhere by a reader's browser, includes are off, links
are checked, and navigation is pruned, without which the time of a build grows with the square of its pages. Will not
do: touch a mkdocs.yml that is there: from its first day the file is the team's.
"""

from __future__ import annotations

import json

_TEXT = """\
# The site. This file is yours: copydesk wrote it once and never changes it.
site_name: {name}
# site_url: https://www.example.com/

# `copydesk publish` builds the site from docs/ into site/. A publish replaces all of site/ but names that begin with a dot.
docs_dir: docs
site_dir: site

theme:
  name: material
  language: en
  font: false # the reader's own fonts: nothing is fetched from elsewhere
  icon:
    logo: material/text-box-edit-outline
  features:
    - navigation.prune # each page holds only its own part of the menu: keep it, or 1,000 pages take minutes
    - navigation.path
    - navigation.footer
    - navigation.top
    - toc.follow
    - search.suggest
    - search.highlight
    - content.code.copy
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
      primary: teal
      accent: teal
      toggle:
        icon: material/weather-night
        name: Switch to dark mode
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
      primary: teal
      accent: teal
      toggle:
        icon: material/weather-sunny
        name: Switch to light mode

# A broken link is a warning that `copydesk publish` shows.
validation:
  nav:
    omitted_files: warn
    not_found: warn
    absolute_links: warn
  links:
    not_found: warn
    anchors: warn
    absolute_links: warn
    unrecognized_links: warn

plugins:
  - search
  - tags

# No includes, snippets or macros: what was approved is what is shown.
markdown_extensions:
  - abbr
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - tables
  - toc:
      permalink: true
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.tabbed:
      alternate_style: true
"""


def starter_mkdocs(site_name: str) -> str:
    """Return the text of a new mkdocs.yml for a site of that name."""
    return _TEXT.format(name=json.dumps(" ".join(site_name.split()), ensure_ascii=False))
