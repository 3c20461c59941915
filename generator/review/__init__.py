"""What machines notice and people decide: findings about drafts, which approval stands, the status of a page.

Promises: decisions are computed from history and from texts handed in, the same on every machine. Will not do: touch
disk, ask a model, or record anything.
"""

from generator.review.approval import claims, former, is_approved, live, requested
from generator.review.drafts import EXPLANATIONS, check_draft
from generator.review.status import STATUSES, Standing, Status, status_of

__all__ = [
    "EXPLANATIONS", "STATUSES", "Standing", "Status", "check_draft", "claims", "former", "is_approved", "live",
    "requested", "status_of",
]  # fmt: skip
