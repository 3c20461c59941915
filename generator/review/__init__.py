"""What machines notice and people decide: findings about drafts, which approval stands, the status of a page.

Promises: decisions are computed from history and from texts handed in, the same on every machine. Will not do: touch
disk, ask a model, or record anything.
"""

from generator.review import drafts, lengths, markup, words
from generator.review.approval import approvals_of, awaited, claims, former, is_approved, live, requested
from generator.review.drafts import check_draft
from generator.review.lengths import (
    CITATION,
    LIMITS,
    check_lengths,
    length_on,
    split_posts,
    with_citations,
    without_citations,
)
from generator.review.markup import check_markup, may_hold_markup
from generator.review.status import STATUSES, Standing, Status, status_of
from generator.review.subject import FAMILIES, Subject, Term, Terms
from generator.review.words import TERMS, parse_terms

EXPLANATIONS = {
    **drafts.EXPLANATIONS, **words.EXPLANATIONS, **lengths.EXPLANATIONS, **markup.EXPLANATIONS,
}  # fmt: skip

__all__ = [
    "CITATION",
    "EXPLANATIONS",
    "FAMILIES",
    "LIMITS",
    "STATUSES",
    "TERMS",
    "Standing",
    "Status",
    "Subject",
    "Term",
    "Terms",
    "approvals_of",
    "awaited",
    "check_draft",
    "check_lengths",
    "check_markup",
    "claims",
    "former",
    "is_approved",
    "length_on",
    "live",
    "may_hold_markup",
    "parse_terms",
    "requested",
    "split_posts",
    "status_of",
    "with_citations",
    "without_citations",
]  # fmt: skip
