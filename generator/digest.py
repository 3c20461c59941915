"""Identity: what makes two things the same.

Promises: a digest depends on content alone, never on a clock, a path of a machine or the order of a dict; digests of
different kinds of things never collide, because the kind is digested too. Will not do: read files.
"""

from __future__ import annotations

import hashlib
import json

SIZE = 16
"""Bytes in a digest: 128 bits, written as 32 hexadecimal digits."""


def digest_of(kind: str, *parts: str | bytes) -> str:
    """Return the digest of `parts`, in order, as 32 hexadecimal digits. `kind` keeps unlike things apart.

    Each part is preceded by its length in bytes, so that ("ab", "c") and ("a", "bc") differ.
    """
    raws = (part.encode() if isinstance(part, str) else part for part in parts)
    said = b"".join(b"%d:%b" % (len(raw), raw) for raw in raws)
    return hashlib.blake2b(said, digest_size=SIZE, person=kind.encode()[:16]).hexdigest()


def digest_text(text: str) -> str:
    """Return the digest of a text: of its UTF-8 bytes, exactly."""
    return digest_of("text", text)


def canonical(value: object) -> str:
    """Return the one JSON form of `value`: keys sorted, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
