"""What can go wrong with a call, and what is to be done about it: the one table of rules.

Promises: whatever a vendor or the network makes its library raise becomes a FaultError that says the rule, whether the call
may have been paid, and, in plain words without any key, what happened. Will not do: wait, or ask again.

    rule    when                                                        what follows
    wait    429 with a limit that time mends                            after Retry-After, or a growing while
    retry   408, 409, 5xx, 529, connection, silence, a cut stream       after a growing while, a few times
    drop    400 that names a setting the model does not have            at once, without the setting
    next    404, unknown models, a certificate that nobody trusts       the next model of the chain, from now on
    pass    400 of a filter that looks at what is asked                 the next model of the chain, for this question
    fail    400, 413, 422, any other 4xx, an answer that is none        the step fails
    stop    401, 402, 403, a spent quota or spending limit, no key      no further call to this model
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Literal

from generator.errors import ProviderError
from generator.model import Model, Pairs

Rule = Literal["wait", "retry", "drop", "next", "pass", "fail", "stop"]

KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
"""The variable that holds the key for the vendor's own host, if `key-env` does not say otherwise."""

QUOTA = re.compile(
    r"insufficient_quota|billing|quota|spend(?:ing)? (?:limit|cap)|usage limit|credit balance|out of credit|payment",
    re.IGNORECASE,
)
"""How vendors say that an account's money or allowance is at its end, which no waiting mends."""

RATE = re.compile(
    r"per (?:second|minute|min)\b|\b[RT]P[MS]\b|(?:try|retry)(?: again)? (?:in|after) [\d.]+ ?m?s", re.IGNORECASE
)
"""How vendors speak of a limit that a little time mends, also where they offer to raise it for money."""

UNKNOWN = re.compile(
    r"model_not_found|model[^.]{0,80}(?:not found|does not exist|not supported|unknown)|no such model", re.IGNORECASE
)

RULES: Mapping[str, Rule] = {
    "overloaded_error": "retry", "api_error": "retry", "server_error": "retry", "timeout_error": "retry",
    "rate_limit_error": "wait", "rate_limit_exceeded": "wait", "insufficient_quota": "stop", "billing_error": "stop",
    "authentication_error": "stop", "permission_error": "stop", "not_found_error": "next", "model_not_found": "next",
    "invalid_request_error": "fail", "request_too_large": "fail", "invalid_prompt": "pass",
    "content_filter": "pass", "content_policy_violation": "pass",
}  # fmt: skip
"""Errors that vendors name, for those that arrive in a stream and have no status of their own."""

SETTINGS = {
    "temperature": "temperature", "top_p": "top-p", "seed": "seed", "reasoning_effort": "effort",
    "reasoning": "effort", "effort": "effort", "thinking": "effort",
}  # fmt: skip
"""What vendors call the settings that a model may lack, and what copydesk calls them."""

LACKING = re.compile(r"support|parameter|unknown|unexpected|unrecognized|permitted|deprecated|extra", re.IGNORECASE)
"""How vendors say that a model does not have a setting; else its name stands there by chance."""

UNSENT = frozenset(
    {"ClientConnectorError", "ClientHttpProxyError", "ConnectionTimeoutError", "InvalidURL", "ProxyError"}
)
"""Exceptions of aiohttp and of the libraries above it after which nothing was sent; others tell the two apart less."""

LOOK = "Look at the network, and whether a server listens there; what was made is kept."

CERTIFICATE = "Look at `base-url`; where a network has certificates of its own, name their file: SSL_CERT_FILE."

GAVE_UP = frozenset({408, 504, 524})
"""Statuses of a gateway that waited for a model and gave up: what the model had begun may have been paid."""

UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "": 1.0}
PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s|\Z)")
DURATION = re.compile(f"(?:{PART.pattern})+")
"""How vendors write how far away a reset is: numbers with units, or a bare one of seconds."""

SECRET = re.compile(r"\b(?:sk|pk|key|gsk|xai)-[\w*.-]{6,}|\bBearer\s+\S+", re.IGNORECASE)


class FaultError(ProviderError):
    """A call that brought no reply. `rule` says what is to be done about it.

    `served` says that it may have been paid; `after` is how many seconds the vendor asks to wait, None if it does not
    say; `setting` the one that the model lacks; `text` what had arrived; `rate` what its headers say of limits.
    """

    def __init__(
        self, what: str, rule: Rule, *, where: str = "", mend: str = "", served: bool = False,
        after: float | None = None, setting: str = "", text: str = "", rate: Pairs = (),
    ) -> None:  # fmt: skip
        super().__init__(what, where=where, mend=mend)
        self.rule: Rule = rule
        self.served = served
        self.after = after
        self.setting = setting
        self.text = text
        self.rate = rate

    @property
    def moves_on(self) -> bool:
        """Whether the next model of a fallback chain may be asked instead."""
        return self.rule in ("wait", "retry", "next", "pass")


def key_variable(model: Model) -> str:
    """Return the variable that holds a model's key, "" if none is needed: no key of a vendor's goes to another host."""
    return model.key_env or ("" if model.base_url else KEYS[model.provider])


def place_of(model: Model) -> str:
    """Return where a model stands, for an error."""
    return f"copydesk.yml, models, {model.name}"


def rate_of(headers: Mapping[str, str]) -> Pairs:
    """Return the headers that speak of limits. A reset that is some seconds away is told as the time when it is.

    A reply may end minutes after its headers came, and who reads them then has to know since when to count.
    """
    names = ("x-ratelimit-", "anthropic-ratelimit-", "retry-after")
    told = ((name.lower(), value) for name, value in headers.items() if name.lower().startswith(names))
    return tuple((name, _time(value) if "-reset" in name else value) for name, value in told)


def _time(told: str) -> str:
    """Return the time (RFC 3339, UTC) of a reset told as `6m0s`, `120ms` or seconds; anything else is left as it is."""
    if not DURATION.fullmatch(told) or (told.isdecimal() and len(told) in (10, 13)):  # a date, as a number
        return told
    seconds = sum(float(number) * UNITS[unit] for number, unit in PART.findall(told))
    return (datetime.now(UTC) + timedelta(seconds=min(seconds, 86_400.0))).isoformat()  # a day: all can be written


def after_of(rate: Pairs) -> float | None:
    """Return the seconds that `retry-after-ms` or `retry-after` asks for, in figures or as a date (RFC 9110, section 10.2.3)."""
    told = dict(rate)
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(told[name]) / unit
        except (KeyError, ValueError):
            continue
        if isfinite(seconds):  # nobody can wait for ever
            return max(0.0, seconds)
    try:
        return max(0.0, (parsedate_to_datetime(told["retry-after"]) - datetime.now(UTC)).total_seconds())
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def fault_of(
    error: Exception, model: Model, *, sent: Iterable[str] = (), text: str = "", secret: str = "", begun: bool = False
) -> FaultError:
    """Return the fault that an exception of a vendor's library, or of the network below it, stands for.

    `sent` are the settings of copydesk that were sent; `text` is what had arrived; `begun` whether the vendor had begun to
    answer.
    """
    status = getattr(error, "status_code", None)
    response = getattr(error, "response", None)
    rate = rate_of(response.headers) if response is not None else ()
    kind, code, said = _said(getattr(error, "body", None))
    if status is None and not said:
        return _unreached(error, model, text=text, begun=begun)
    begun = begun or status is None or status < 300
    answer = code or 0 if begun else status or 0  # a stream that began well names what came between by itself
    rule, setting = _rule(answer, kind, said, tuple(sent)) if answer else (RULES.get(kind, "retry"), "")
    if rule in ("wait", "retry") and (answer == 429 or begun) and _is_spent(kind, said):
        rule = "stop"
    what = f"{model.label} answers {answer or 'an error'}{f' ({kind})' if kind else ''}: {plain(said or str(error), secret)}"
    return FaultError(
        what, rule, where=place_of(model), mend=_mend(rule, answer, model), served=begun or status in GAVE_UP, after=after_of(rate),
        setting=setting, text=text, rate=rate,
    )  # fmt: skip


def _is_spent(kind: str, said: str) -> bool:
    """Whether a refusal speaks of money or an allowance that is at its end, and not of a limit that a little time mends."""
    return RULES.get(kind) == "stop" or (QUOTA.search(f"{kind} {said}") is not None and not RATE.search(said))


def _rule(status: int, kind: str, said: str, sent: tuple[str, ...]) -> tuple[Rule, str]:
    """Return the rule of a status, and the setting that the model lacks if it is that."""
    told = f"{kind} {said}"
    if status == 429:
        return "wait", ""
    if status in (401, 402, 403) or (status == 400 and re.search("credit balance|billing", told, re.IGNORECASE)):
        return "stop", ""
    if status in (408, 409) or status >= 500:
        return "retry", ""
    if status in (400, 422):
        words = (word for word, ours in SETTINGS.items() if ours in sent and re.search(rf"\b{word}\b", told))
        lacks = next((word for word in words if LACKING.search(told) or said.endswith(f" {word}")), "")
        if lacks:
            return "drop", SETTINGS[lacks]
    if status == 404 or (status == 400 and UNKNOWN.search(told)):
        return "next", ""
    return ("pass" if status == 400 and RULES.get(kind) == "pass" else "fail"), ""


def _mend(rule: Rule, status: int, model: Model) -> str:
    if status in (401, 403) and not key_variable(model):
        return "If this server wants a key, name the variable that holds it, in copydesk.yml: key-env: NAME"
    if status in (401, 403):
        key = f"the key in {key_variable(model)}"
        return f"Look whether {key} is right, is for this vendor, and may use this model: copydesk models --ping"
    if rule == "stop":
        return (
            "Add credit or raise the limit in the vendor's console; what was made is kept, and a build goes on from it."
        )
    if rule == "next":
        return f"Look at `model: {model.model}`{' and `base-url`' if model.base_url else ''} in copydesk.yml."
    if rule == "pass":
        return "Change what is asked, or name a second model in its role."
    if rule in ("wait", "retry"):
        return "Try again later; what was made is kept, and a build goes on from it."
    return "Change the step's prompt, its inputs or its config."


def _said(body: Any) -> tuple[str, int | None, str]:
    """Return what kind of error a body names, the status it names (OpenRouter does, in a stream), and its message.

    A body is the vendor's error, or has it under `error`. The message is "" where it says nothing.
    """
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        code, named = error.get("code"), str(error.get("type") or "")
        kind = code if isinstance(code, str) and (code in RULES or named not in RULES) else named
        said = " ".join(str(each) for each in (error.get("message") or "", error.get("param") or "") if each)
        status = code if type(code) is int and 400 <= code < 600 else None
        return kind, status, said or kind
    return "", None, error if isinstance(error, str) else ""


def _unreached(error: Exception, model: Model, *, text: str, begun: bool) -> FaultError:
    """Return the fault of a call that no answer came of: the network, silence, or an answer that cannot be read."""
    causes = list(_causes(error))
    names = {kind.__name__ for each in causes for kind in type(each).__mro__}
    told = next((str(each) for each in reversed(causes) if str(each)), type(error).__name__)
    endpoint = model.base_url or f"the host of {model.provider}"
    unsent = bool(names & UNSENT)
    rule: Rule = "retry"
    certificate = any("certificate" in name.lower() or "certificate" in told.lower() for name in names)
    if certificate:
        what, rule = f"{endpoint} shows a certificate that is not trusted: {plain(told)}", "next"
    elif not unsent and names & {"ValueError", "RecursionError"}:
        what = f"{model.label} sent an answer that cannot be read: {plain(str(error))}"
    elif begun:
        what = f"the reply of {model.label} broke off before its end"
    elif unsent:
        what = f"{endpoint} cannot be reached: {plain(told)}"
    else:
        what = f"the connection to {endpoint} broke: {plain(told)}"
    served = begun or not (certificate or unsent)
    mend = CERTIFICATE if certificate else LOOK
    return FaultError(what, rule, where=place_of(model), mend=mend, served=served, text=text)


def _causes(error: BaseException) -> Iterable[BaseException]:
    each: BaseException | None = error
    for _ in range(10):
        if each is None:
            return
        yield each
        each = each.__cause__ or each.__context__


def plain(said: str, secret: str = "") -> str:
    """Return what a vendor said on one line, at most 300 characters, with no key and no markup in it."""
    if secret:
        said = said.replace(secret, "…")
    said = SECRET.sub("…", re.sub(r"<[^>]*>", " ", said))
    if said.lstrip().startswith(("{", "[")):
        said = json.dumps(said)[1:-1]
    said = " ".join("".join(each if each.isprintable() else " " for each in said).split())
    return f"{said[:299]}…" if len(said) > 300 else said
