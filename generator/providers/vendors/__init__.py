"""The vendors' own libraries: one call each, streamed, its end typed, its tokens counted; whatever fails is a typed fault.

Promises: no library is imported before a call is near; no key leaves for a host that its variable is not for; nothing
is asked twice here. Will not do: wait, retry, or reckon in dollars.
"""
