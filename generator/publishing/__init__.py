"""Approved bytes -> docs/, outbox/ -> site/.

Promises: what may be seen is the exact text that was approved, or a file of the team's own; a file that was edited by
hand is named and never overwritten; the site is the old one or the new one, whatever happens in between. Importing the
room does not import MkDocs. Will not do: decide what is approved, or rewrite an existing mkdocs.yml.
"""

from generator.publishing.copies import PageReport, check_pages
from generator.publishing.pages import render_page
from generator.publishing.site import Built, build_site
from generator.publishing.starter import starter_mkdocs
from generator.publishing.swap import recover_site

__all__ = ["Built", "PageReport", "build_site", "check_pages", "recover_site", "render_page", "starter_mkdocs"]
