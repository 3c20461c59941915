"""What machines notice and people decide: findings about drafts, which approval stands, the status of a page.

Promises: decisions are computed from history and from texts handed in, the same on every machine. Will not do: touch
disk, ask a model, or record anything.
"""

from generator.review import drafts, markup
from generator.review.approval import claims, former, is_approved, live, requested
from generator.review.drafts import check_draft
from generator.review.lengths import LIMITS, check_lengths, length_on, split_posts, with_citations, without_citations
from generator.review.markup import check_markup, may_hold_markup
from generator.review.status import STATUSES, Standing, Status, status_of

EXPLANATIONS = {**drafts.EXPLANATIONS, **markup.EXPLANATIONS}

__all__ = [
    "EXPLANATIONS", "LIMITS", "STATUSES", "Standing", "Status", "check_draft", "check_lengths", "check_markup", "claims", "former",
    "is_approved", "length_on", "live", "may_hold_markup", "requested", "split_posts", "status_of", "with_citations", "without_citations",
]  # fmt: skip
