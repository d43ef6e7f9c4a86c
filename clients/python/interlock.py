"""Interlock for Python: circuit breakers for AI agents that decide locally, by what a server knows.

    import interlock

    client = interlock.connect("http://127.0.0.1:8080", key="il_...")
    planner = client.guard("planner", depends_on=["model:kimi-k2"])

    plan = planner.call(model.chat, prompt)     # raises CircuitOpen instead of calling what is known to fail

A call whose circuits are closed sends no request: two background threads of the process talk to the server. Only a trial
of a recovering circuit is requested from the server, and the call waits at most 200 ms for it. When the server is away,
the client decides as ``on_unreachable`` says, and reports that in ``client.status`` and in its log
(``logging.getLogger("interlock")``).

One file that needs only the standard library, for Python 3.9 and newer. Everything in it may be used by any thread, by
asyncio, and after a fork. The rules that it follows are in docs/client-rules.md of the project.
"""

from __future__ import annotations

import atexit
import contextvars
import email.utils
import functools
import http.client
import inspect
import json
import logging
import os
import random
import re
import socket
import ssl
import sys
import threading
import time
import types
import urllib.parse
import uuid
import weakref
from collections import deque
from typing import (
    Any,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Deque,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
    Tuple,
    TypeVar,
    Union,
    cast,
)

__version__ = "0.1.0.dev0"
__all__ = [
    "ACTIONS",
    "CircuitOpen",
    "CircuitView",
    "Client",
    "Clock",
    "Execution",
    "Failure",
    "Guard",
    "KINDS",
    "ManualClock",
    "Outcome",
    "Permit",
    "SUCCESS",
    "Status",
    "StreamTimeout",
    "Usage",
    "classify",
    "connect",
    "usage_of",
]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_log = logging.getLogger("interlock")

_SECOND = 1_000_000_000
_MILLI = 1_000_000
_NEVER = -1

# ------------------------------------------------------------------------------------------------ outcomes

# For each kind of failure: what a circuit does with it unless its policy says otherwise, and what it is attributed to.
_KINDS: Dict[str, Tuple[str, str]] = {
    "TIMEOUT": ("COUNT", "upstream"),
    "CONNECTION": ("COUNT", "upstream"),
    "SERVER_ERROR": ("COUNT", "upstream"),
    "OVERLOADED": ("COUNT", "upstream"),
    "EMPTY_RESPONSE": ("COUNT", "upstream"),
    "ERROR": ("COUNT", "agent"),
    "MALFORMED_OUTPUT": ("COUNT", "agent"),
    "RATE_LIMITED": ("COUNT", "key or upstream"),
    "QUOTA_EXHAUSTED": ("TRIP", "key or upstream"),
    "AUTHENTICATION": ("TRIP", "key or agent"),
    "FORBIDDEN": ("COUNT", "key or agent"),
    "MODEL_NOT_FOUND": ("TRIP", "model"),
    "LOOP": ("TRIP", "agent"),
    "BUDGET": ("TRIP", "agent"),
    "TOOL_ERROR": ("COUNT", "tool"),
    "CONTEXT_LENGTH": ("ANSWERED", "model"),
    "INVALID_REQUEST": ("ANSWERED", "model"),
    "CONTENT_FILTERED": ("ANSWERED", "model"),
    "CANCELLED": ("IGNORE", "nobody"),
    "DOWNSTREAM_OPEN": ("IGNORE", "nobody"),
}

KINDS: Tuple[str, ...] = tuple(_KINDS)
"""Why a call failed: docs/circuit-breaker.md says what each kind means."""


def _kind(name: str) -> str:
    if name not in _KINDS:
        raise ValueError(f"There is no failure kind {name!r}; there are {', '.join(KINDS)}")
    return name


class Outcome:
    """How a call ended: ``kind`` is None for a success. Immutable by agreement.

    ``retry_after`` is the wait in seconds that the failing side asked for, or None.
    """

    __slots__ = ("kind", "retry_after", "attributed_to", "of_status")

    def __init__(
        self,
        kind: Optional[str] = None,
        retry_after: Optional[float] = None,
        attributed_to: Optional[str] = None,
        of_status: bool = False,
    ) -> None:
        self.kind = None if kind is None else _kind(kind)
        self.retry_after = retry_after
        self.attributed_to = attributed_to
        self.of_status = of_status

    def __repr__(self) -> str:
        return f"Outcome({self.kind or 'success'}, retry_after={self.retry_after})"


SUCCESS = Outcome()
_CANCELLED = Outcome("CANCELLED")
_DOWNSTREAM = Outcome("DOWNSTREAM_OPEN")


class Failure(Exception):
    """A failure that names its kind: raise it within a guarded call whose library the client does not know."""

    def __init__(
        self,
        kind: str = "ERROR",
        message: str = "",
        *,
        retry_after: Optional[float] = None,
        attributed_to: Optional[str] = None,
    ) -> None:
        super().__init__(message or kind)
        self.outcome = Outcome(kind, retry_after, attributed_to)


class StreamTimeout(Exception):
    """A stream was slower than its limits allow; counted as TIMEOUT."""


class CircuitOpen(Exception):
    """The call was not made: a circuit or a gate refuses it.

    ``circuit`` is the circuit that refuses; ``reason`` is ``open``, ``half_open``, ``held``, ``gate``, ``loop`` (the
    execution repeats itself) or ``unreachable``; ``state`` is the circuit's; ``retry_after`` is in seconds, or None if that
    is not known; ``alternatives`` are names of closed circuits to use instead; ``decided`` is ``server`` (by what the server
    said, now or before) or ``local`` (by this process alone); ``gate`` is the gate's id; ``why`` is what it says, such as
    which budget is used up. The message is written for programs and for models, and ends with a sentence that says not to
    repeat the call.
    """

    def __init__(
        self,
        circuit: str,
        reason: str,
        state: str,
        retry_after: Optional[float],
        decided: str,
        alternatives: Sequence[str] = (),
        gate: Optional[str] = None,
        why: Optional[str] = None,
    ) -> None:
        self.circuit = circuit
        self.reason = reason
        self.state = state
        self.retry_after = retry_after
        self.decided = decided
        self.alternatives = tuple(alternatives)
        self.gate = gate
        self.why = why
        super().__init__(circuit, reason, state, retry_after, decided, self.alternatives, gate, why)

    def __str__(self) -> str:
        words = {
            "open": "is open",
            "half_open": "is half-open, and other calls are its trials",
            "held": "is held open",
            "gate": f"is behind a closed gate '{self.gate}'" if self.why is None else "is over a budget",
            "loop": "repeats itself: the same call had the same result several times in this execution",
            "unreachable": "cannot be asked about: Interlock is away, and on_unreachable is refuse",
        }[self.reason]
        again = "its further calls are refused for" if self.reason == "loop" else "retry in"
        wait = "" if self.retry_after is None else f"; {again} {_spoken(self.retry_after)}"
        why = "" if self.why is None else f" {self.why}."
        others = f" Instead: {', '.join(self.alternatives)}." if self.alternatives else ""
        return f"{self.circuit} {words}{wait}.{why}{others} Do not repeat this call."


def _spoken(seconds: float) -> str:
    """Rounded up, so that a caller that waits this long is not early."""
    nanos = round(seconds * _SECOND)
    return f"{-(-nanos // _SECOND)} s" if nanos >= _SECOND else f"{-(-nanos // _MILLI)} ms"


# ---------------------------------------------------------------------------------------------- classifier

# Code or type of an error, and its usual words; if a text has several, the first one here decides.
_MARKS: Tuple[Tuple[str, Tuple[str, ...], Tuple[str, ...]], ...] = (
    ("DOWNSTREAM_OPEN", ("circuit_open",), ()),
    (
        "QUOTA_EXHAUSTED",
        (
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_error",
            "billing_not_active",
            "servicequotaexceededexception",
        ),
        ("credit balance is too low", "weekly limit", "monthly limit"),
    ),
    (
        "CONTEXT_LENGTH",
        ("context_length_exceeded",),
        ("maximum context length", "prompt is too long", "input is too long", "exceeds the maximum number of tokens"),
    ),
    ("CONTENT_FILTERED", ("content_filter", "content_policy_violation", "responsibleaipolicyviolation"), ()),
    (
        "MODEL_NOT_FOUND",
        ("model_not_found", "deploymentnotfound", "resourcenotfoundexception"),
        ('not_found_error","message":"model:', 'not_found_error", "message": "model:'),
    ),
    (
        "RATE_LIMITED",
        (
            "rate_limit_exceeded",
            "rate_limit_error",
            "resource_exhausted",
            "throttlingexception",
            "toomanyrequestsexception",
        ),
        (),
    ),
    (
        "OVERLOADED",
        (
            "overloaded_error",
            "engine_overloaded",
            "unavailable",
            "serviceunavailableexception",
            "modelnotreadyexception",
            "slow_down",
        ),
        ("model is currently overloaded",),
    ),
    ("AUTHENTICATION", ("authentication_error", "invalid_api_key", "unauthenticated"), ()),
    ("FORBIDDEN", ("permission_error", "permission_denied", "accessdeniedexception"), ()),
    ("TOOL_ERROR", ("tool_error",), ()),
    ("TIMEOUT", ("deadline_exceeded", "timeout_error", "modeltimeoutexception"), ()),
    ("MODEL_ERROR", ("modelerrorexception", "modelstreamerrorexception"), ()),
    ("INVALID_REQUEST", ("invalid_request_error", "invalid_argument", "validationexception"), ()),
    ("SERVER_ERROR", ("server_error", "api_error", "internal_server_error", "internal", "internalserverexception"), ()),
    ("CANCELLED", ("cancelled",), ()),
    ("QUOTA_UNLESS_WAIT", (), ("exceeded your current quota",)),
)
_BY_CODE = {code: (rank, mark[0]) for rank, mark in enumerate(_MARKS) for code in mark[1]}
_LONGEST_TEXT = 8_192
_BROAD = {"INVALID_REQUEST", "SERVER_ERROR", "CANCELLED"}

# Libraries whose exceptions and answers are read; those of other libraries are not.
_FAMILIES = frozenset(
    "openai anthropic httpx httpcore requests urllib3 urllib aiohttp botocore boto3 google litellm cohere mistralai groq "
    "ollama together replicate huggingface_hub mcp".split()
)

# Exceptions by top-level module and class; a subclass counts as its nearest known superclass.
_NAMES: Dict[Tuple[str, str], str] = {}


def _name(kind: str, modules: str, *names: str) -> None:
    for module in modules.split():
        for name in names:
            _NAMES[module, name] = kind


_name("CANCELLED", "builtins", "KeyboardInterrupt", "SystemExit", "GeneratorExit")
_name("CANCELLED", "asyncio concurrent", "CancelledError")
_name("TIMEOUT", "asyncio concurrent builtins interlock", "TimeoutError", "StreamTimeout")
_name("TIMEOUT", "socket", "timeout")
_name("CONNECTION", "builtins", "ConnectionError")
_name("CONNECTION", "socket", "gaierror", "herror")
_name("CONNECTION", "ssl", "SSLError")
_name("CONNECTION", "http", "HTTPException")
_name("CONNECTION", "urllib", "ContentTooShortError")
_name("MALFORMED_OUTPUT", "json", "JSONDecodeError")
_name("MALFORMED_OUTPUT", "pydantic pydantic_core", "ValidationError")
_name("RATE_LIMITED", "openai anthropic groq", "RateLimitError")
_name("AUTHENTICATION", "openai anthropic groq", "AuthenticationError")
_name("FORBIDDEN", "openai anthropic groq", "PermissionDeniedError")
_name(
    "INVALID_REQUEST",
    "openai anthropic groq",
    "BadRequestError",
    "NotFoundError",
    "ConflictError",
    "UnprocessableEntityError",
    "RequestTooLargeError",
)
_name("OVERLOADED", "openai anthropic groq", "OverloadedError", "ServiceUnavailableError")
_name("SERVER_ERROR", "openai anthropic groq", "InternalServerError")
_name("TIMEOUT", "openai anthropic groq", "APITimeoutError", "DeadlineExceededError")
_name("CONNECTION", "openai anthropic groq", "APIConnectionError")
_name("MALFORMED_OUTPUT", "openai anthropic groq", "APIResponseValidationError")
_name("CONTEXT_LENGTH", "openai", "LengthFinishReasonError")
_name("CONTENT_FILTERED", "openai", "ContentFilterFinishReasonError")
_name("TIMEOUT", "httpx httpcore", "TimeoutException", "ReadTimeout", "ConnectTimeout", "WriteTimeout", "PoolTimeout")
_name("CONNECTION", "httpx httpcore", "TransportError", "NetworkError", "ProtocolError", "ProxyError", "DecodingError")
_name("TIMEOUT", "requests", "Timeout", "ConnectTimeout", "ReadTimeout")
_name("CONNECTION", "requests", "ConnectionError", "ChunkedEncodingError", "ContentDecodingError")
_name("MALFORMED_OUTPUT", "requests", "JSONDecodeError", "InvalidJSONError")
_name("INVALID_REQUEST", "requests", "InvalidURL", "MissingSchema", "InvalidSchema")
_name("TIMEOUT", "urllib3", "TimeoutError", "ReadTimeoutError", "ConnectTimeoutError")
_name("CONNECTION", "urllib3", "ProtocolError", "NewConnectionError", "MaxRetryError", "SSLError", "IncompleteRead")
_name("TIMEOUT", "aiohttp", "ServerTimeoutError", "SocketTimeoutError", "ConnectionTimeoutError")
_name("CONNECTION", "aiohttp", "ClientConnectionError", "ClientPayloadError")
_name("TIMEOUT", "botocore", "ConnectTimeoutError", "ReadTimeoutError")
_name("CONNECTION", "botocore", "HTTPClientError", "ConnectionError", "ConnectionClosedError", "EndpointConnectionError")
_name("AUTHENTICATION", "botocore", "NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError")
_name("INVALID_REQUEST", "botocore", "ParamValidationError")

_STATUS_NAMED = re.compile(r"(?:^(?:HTTP )?|Error code: )([45]\d\d)(?: - |$)")
_WAIT_NAMED = re.compile(r"(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)? ?[a-z]+ ?)+)")
_WAIT_PART = re.compile(r"(\d+(?:\.\d+)?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])")
_WAIT_UNITS = {"ms": 0.001, "mi": 60.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DECIMAL = re.compile(r"\d+(\.\d+)?")
_LIMITS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
)
_LONGEST_WAIT = 999_999_999.0
_LONGEST_RATE_LIMIT = 86_400.0
_DEEPEST = 32


def classify(thrown: BaseException) -> Outcome:
    """What an exception says about a failed call, by facts and names, without importing the library that raised it.

    It looks in this order, over the whole chain of causes: a refusal by a circuit (``CircuitOpen``, the header
    ``interlock-refused``, the code ``circuit_open``); the error's code or type; the HTTP status; the class; the text.
    """
    found = _Findings()
    each: Optional[BaseException] = thrown
    seen = 0
    while each is not None and seen < _DEEPEST:
        if isinstance(each, CircuitOpen):
            return _DOWNSTREAM
        if isinstance(each, Failure):
            return each.outcome
        found.add(each)
        reason = getattr(each, "reason", None)
        if each.__cause__ is not None:
            each = each.__cause__
        elif isinstance(reason, BaseException):  # urllib keeps the cause there
            each = reason
        else:
            each = None if each.__suppress_context__ else each.__context__
        seen += 1
    return found.outcome()


class _Findings:
    """What the exceptions of one chain say together, from the outermost inwards."""

    def __init__(self) -> None:
        self.status: Optional[int] = None
        self.mark: Optional[str] = None
        self.wait: Optional[float] = None
        self.named: Optional[str] = None
        self.said: Optional[Outcome] = None
        self.refused = False
        self.timed_out = False

    def add(self, thrown: BaseException) -> None:
        known = _root(type(thrown)) in _FAMILIES or any(_root(each) in _FAMILIES for each in type(thrown).__mro__)
        text = _text(thrown)
        if known:
            status, mark, wait = _facts(thrown)
            self.refused |= mark == "DOWNSTREAM_OPEN"
            self.status = status if self.status is None else self.status
            if mark is not None and (self.mark is None or self.mark in _BROAD):
                self.mark = mark
            self.wait = wait if self.wait is None else self.wait
        kind = _by_name(type(thrown))
        self.timed_out |= kind == "TIMEOUT"
        self.named = kind if self.named is None else self.named
        marked = _mark_of_text(text)
        self.refused |= marked == "DOWNSTREAM_OPEN"
        if self.said is None:
            number = _STATUS_NAMED.search(text)
            if marked is not None or number is not None:
                self.said = _judged(int(number.group(1)) if number else None, marked, _wait_of_text(text), "ERROR")

    def outcome(self) -> Outcome:
        if self.refused:
            return _DOWNSTREAM
        if self.mark is not None or (self.status or 0) >= 400:
            judged = _judged(self.status, self.mark, self.wait, "ERROR")
            return Outcome("TIMEOUT") if judged.kind == "CANCELLED" and self.timed_out else judged
        if self.named == "CANCELLED" and self.timed_out:
            return Outcome("TIMEOUT")
        if self.named is not None:
            return Outcome(self.named, self.wait)
        return self.said if self.said is not None else Outcome("ERROR", self.wait)


def _root(kind: type) -> str:
    return (kind.__module__ or "").partition(".")[0]


def _by_name(kind: type) -> Optional[str]:
    for each in kind.__mro__:
        root = _root(each)
        known = _NAMES.get((root, each.__name__)) or _NAMES.get((root.lstrip("_"), each.__name__))
        if known is not None:
            return known
    return None


def _text(thrown: BaseException) -> str:
    try:
        return str(thrown)[:_LONGEST_TEXT]
    except Exception:  # accessors of some libraries throw
        return ""


def _attribute(said: Any, *path: str) -> Any:
    for name in path:
        if said is None:
            return None
        try:
            said = said.get(name) if isinstance(said, Mapping) else getattr(said, name, None)
        except Exception:  # accessors of some libraries throw
            return None
    return said


def _facts(said: Any) -> Tuple[Optional[int], Optional[str], Optional[float]]:
    """Status, mark and wait of an exception or an answer of a known library."""
    status = None
    for path in (
        ("status_code",),
        ("status",),
        ("code",),
        ("http_status",),
        ("response", "status_code"),
        ("response", "status"),
        ("response", "ResponseMetadata", "HTTPStatusCode"),
    ):
        value = _attribute(said, *path)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999:
            status = value if value <= 599 else 500
            break
    mark = None
    for path in (("code",), ("type",), ("error_type",), ("status",), ("response", "Error", "Code")):
        value = _attribute(said, *path)
        if isinstance(value, str) and value.strip().lower() in _BY_CODE:
            mark = _BY_CODE[value.strip().lower()][1]
            break
    headers = _headers(said)
    if headers("interlock-refused") is not None:
        mark = "DOWNSTREAM_OPEN"
    body = _body(said)
    marked = _mark_of_text(body)
    if marked is not None and (mark is None or mark in _BROAD or marked == "DOWNSTREAM_OPEN"):
        mark = marked
    wait = _wait_of_headers(headers)
    return status, mark, _wait_of_text(body) if wait is None and body else wait


def _body(said: Any) -> str:
    """The part of the answer that the library has read; nothing is read from a connection here."""
    for path in (("body",), ("response", "_content"), ("_content",), ("response", "Error"), ("message",)):
        value = _attribute(said, *path)
        if isinstance(value, (bytes, bytearray)):
            return bytes(value[:_LONGEST_TEXT]).decode("utf-8", "replace")
        if isinstance(value, str):
            return value[:_LONGEST_TEXT]
        if isinstance(value, (Mapping, list)):
            try:
                return json.dumps(value, default=str)[:_LONGEST_TEXT]
            except (TypeError, ValueError):
                pass
    return ""


def _headers(said: Any) -> Callable[[str], Optional[str]]:
    held = [
        _attribute(said, *path)
        for path in (("response", "headers"), ("headers",), ("response", "ResponseMetadata", "HTTPHeaders"))
    ]

    def value(name: str) -> Optional[str]:
        for each in held:
            try:
                for key, text in each.items() if each is not None else ():
                    if isinstance(key, str) and key.lower() == name:
                        return str(text)
            except Exception:  # these are not headers
                continue
        return None

    return value


def _mark_of_text(text: str) -> Optional[str]:
    lower = text[:_LONGEST_TEXT].lower()
    if not lower:
        return None
    for mark, codes, phrases in _MARKS:
        if any(f'"{code}"' in lower or f"'{code}'" in lower for code in codes) or any(each in lower for each in phrases):
            return mark
    return None


def _judged(status: Optional[int], mark: Optional[str], wait: Optional[float], otherwise: str) -> Outcome:
    """The kind by mark and status together; the mark decides, unless it says less than the status."""
    kind = mark
    if mark == "MODEL_ERROR":
        kind = "SERVER_ERROR"
    elif mark == "QUOTA_UNLESS_WAIT":
        kind = "QUOTA_EXHAUSTED" if wait is None else "RATE_LIMITED"
    if kind is None or mark in _BROAD:
        kind = _of_status(status) if status is not None and status >= 400 else kind or otherwise
    if kind == "RATE_LIMITED" and wait is not None and wait > _LONGEST_RATE_LIMIT:
        kind = "QUOTA_EXHAUSTED"
    return Outcome(kind, wait, of_status=True)


def _of_status(status: int) -> str:
    known = {
        401: "AUTHENTICATION",
        402: "QUOTA_EXHAUSTED",
        403: "FORBIDDEN",
        408: "TIMEOUT",
        429: "RATE_LIMITED",
        499: "CANCELLED",
        503: "OVERLOADED",
        504: "TIMEOUT",
        529: "OVERLOADED",
    }.get(status)
    return known or ("INVALID_REQUEST" if status < 500 else "SERVER_ERROR")


def _wait_of_headers(header: Callable[[str], Optional[str]]) -> Optional[float]:
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        value = header(name)
        if value is not None and _DECIMAL.fullmatch(value.strip()):
            return _positive(float(value) / 1000)
    value = header("retry-after")
    if value is not None:
        text = value.strip()
        wait = float(text) if _DECIMAL.fullmatch(text) else _until_date(text)
        return _positive(wait)
    longest = None
    for remaining, reset in _LIMITS:
        if (header(remaining) or "").strip() == "0":
            wait = _wait_of_reset((header(reset) or "").strip())
            longest = wait if longest is None or (wait or 0) > longest else longest
    return longest


def _until_date(text: str) -> Optional[float]:
    """A date in one of the three forms of RFC 9110, section 5.6.7."""
    try:
        parsed = email.utils.parsedate_tz(text)
        return None if parsed is None else email.utils.mktime_tz((*parsed[:9], parsed[9] or 0)) - time.time()
    except (TypeError, ValueError, OverflowError):
        return None


def _wait_of_reset(text: str) -> Optional[float]:
    parts = list(_WAIT_PART.finditer(text))
    if parts and "".join(each.group() for each in parts) == text:
        return _positive(sum(map(_seconds, parts)))
    if _DECIMAL.fullmatch(text):
        return _positive(float(text))
    try:
        import datetime

        return _positive(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() - time.time())
    except ValueError:
        return None


def _wait_of_text(text: str) -> Optional[float]:
    named = _WAIT_NAMED.search(text[:_LONGEST_TEXT].lower())
    return _positive(sum(map(_seconds, _WAIT_PART.finditer(named.group(1))))) if named else None


def _seconds(part: "re.Match[str]") -> float:
    unit = part.group(2)
    for name in ("ms", "mi", "s", "m", "h", "d"):
        if unit.startswith(name) and not (name == "mi" and unit.startswith("milli")):
            return float(part.group(1)) * _WAIT_UNITS[name]
    return float(part.group(1)) * 0.001  # milliseconds


def _positive(wait: Optional[float]) -> Optional[float]:
    return min(wait, _LONGEST_WAIT) if wait is not None and wait > 0 else None


_PLAIN_RESULTS: FrozenSet[type] = frozenset((type(None), str, bytes, int, float, bool, dict, list, tuple, set))
_SILENT_RESULTS: FrozenSet[type] = _PLAIN_RESULTS - {dict}  # these say neither how a call ended nor what it used


def _of_result(result: Any) -> Outcome:
    """An answer of an HTTP library with an error status is a failure, even if nothing was raised."""
    kind = type(result)
    if kind in _PLAIN_RESULTS or (_root(kind) not in _FAMILIES and kind is not http.client.HTTPResponse):
        return SUCCESS
    status, mark, wait = _facts(result)
    return SUCCESS if status is None or status < 400 else _judged(status, mark, wait, "ERROR")


# --------------------------------------------------------------------------------------------------- usage

_USAGE_IN = frozenset(("usage", "message", "response"))  # where answers and events of streams have it
_MOST_TOKENS = 1_000_000_000_000
_MOST_USD = 1_000_000.0


class Usage(NamedTuple):
    """What one call used, for budgets; 0 or None if that is not known."""

    tokens_in: int = 0
    """All tokens that went in, including those read from a cache."""
    tokens_out: int = 0
    """Tokens that came out."""
    tokens_cached: int = 0
    """How many of ``tokens_in`` were read from a cache."""
    cost_usd: Optional[float] = None
    """US dollars; without it the price of the call's model counts, if the server has one."""


def usage_of(answer: Any) -> Optional[Usage]:
    """The ``usage`` in an answer of OpenAI's or Anthropic's API, as an object or a dict; None if there is none.

    Also in an event of a stream that has it within ``message`` or ``response``. Anthropic reports tokens of caches
    separately from those that went in: they are added up.
    """
    spending = _Spending()
    return spending.usage() if spending.add(answer) else None


class _Spending:
    """A call's usage so far. A stream reports it in parts, and repeats it as it grows, so the largest number counts."""

    __slots__ = ("tokens_in", "tokens_out", "cached", "written", "within", "cost")

    def __init__(self) -> None:
        self.tokens_in = 0
        self.tokens_out = 0
        self.cached = 0
        self.written = 0
        self.within = False  # whether tokens of caches are included in those that went in
        self.cost: Optional[float] = None

    def add(self, answer: Any) -> bool:
        """Adds the usage of an answer or an event; False if there is none."""
        said = _attribute(answer, "usage")
        if said is None:
            said = _attribute(answer, "message", "usage") or _attribute(answer, "response", "usage")
        if said is None or type(said) in _SILENT_RESULTS:
            return False
        prompt = _tokens(said, "prompt_tokens")
        details = max(_tokens(said, "prompt_tokens_details", "cached_tokens"), _tokens(said, "input_tokens_details", "cached_tokens"))
        self.within |= prompt > 0 or details > 0
        self.tokens_in = max(self.tokens_in, prompt, _tokens(said, "input_tokens"))
        self.tokens_out = max(self.tokens_out, _tokens(said, "completion_tokens"), _tokens(said, "output_tokens"))
        self.cached = max(self.cached, details, _tokens(said, "cache_read_input_tokens"))
        self.written = max(self.written, _tokens(said, "cache_creation_input_tokens"))
        return bool(self.tokens_in or self.tokens_out or self.cached or self.written)

    def say(self, usage: Usage) -> None:
        """Checks the usage that the caller gives; raises ``ValueError`` if it is impossible."""
        for name in ("tokens_in", "tokens_out", "tokens_cached"):
            tokens = getattr(usage, name)
            if isinstance(tokens, bool) or not isinstance(tokens, int) or not 0 <= tokens <= _MOST_TOKENS:
                raise ValueError(f"{name} must be a whole number of tokens, 0 to {_MOST_TOKENS}, but is {tokens!r}")
        cost = usage.cost_usd
        if cost is not None and not (isinstance(cost, (int, float)) and 0 <= cost <= _MOST_USD):
            raise ValueError(f"cost_usd must be a number of US dollars, 0 to {_MOST_USD:.0f}, but is {cost!r}")
        self.within = True
        self.tokens_in = max(self.tokens_in, usage.tokens_in)
        self.tokens_out = max(self.tokens_out, usage.tokens_out)
        self.cached = max(self.cached, usage.tokens_cached)
        if cost is not None:
            self.cost = max(self.cost or 0.0, float(cost))

    def usage(self) -> Usage:
        beside = 0 if self.within else self.cached + self.written
        return Usage(min(self.tokens_in + beside, _MOST_TOKENS), self.tokens_out, self.cached, self.cost)

    def wire(self) -> Dict[str, Any]:
        """As the server reads it. A cost of zero is sent too, because the price would count otherwise."""
        said = self.usage()._asdict()
        return {name: value for name, value in said.items() if value or (name == "cost_usd" and value is not None)}


def _said(usage: Usage) -> _Spending:
    spending = _Spending()
    spending.say(usage)
    return spending


def _tokens(said: Any, *path: str) -> int:
    value = _attribute(said, *path)
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else 0


# ------------------------------------------------------------------------------------------------ policies

_NAMED_POLICY = {
    "window_calls": 20,
    "cooldown_multiplier": 2,
    "cooldown_jitter": 0.1,
    "cooldowns_ms": {"QUOTA_EXHAUSTED": 900_000, "AUTHENTICATION": 300_000},
}
_BUILT_IN: Dict[str, Dict[str, Any]] = {
    "default": {},
    "recommended": {**_NAMED_POLICY, "failure_threshold": 3, "cooldown_max_ms": 240_000},
    "upstream": {
        **_NAMED_POLICY,
        "cooldown_max_ms": 120_000,
        "trials_at_once": 1,
        "min_callers": 2,
        "upstream": True,
    },
}
_BUILT_IN["attempts"] = {**_BUILT_IN["recommended"], "failure_threshold": 8, "failure_rate_threshold": 0.7}
_SETTINGS = frozenset(
    "base failure_threshold failure_rate_threshold min_requests_for_rate window_ms window_calls cooldown_ms "
    "cooldown_multiplier cooldown_max_ms cooldown_jitter cooldowns_ms retry_after_min_ms retry_after_max_ms "
    "half_open_max_requests trials_at_once success_threshold trial_timeout_ms slow_call_duration_ms "
    "slow_call_rate_threshold failure_kinds min_callers upstream mode probe scope alternatives".split()
)


class _Policy:
    """Settings prepared for decisions: durations in nanoseconds. Immutable."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        settings: Dict[str, Any] = {**_BUILT_IN[given.get("base", "default")], **given}

        def nanos(name: str, otherwise: int) -> int:
            value = settings.get(name)
            return otherwise if value is None else int(value * _MILLI)

        self.failure_threshold: Optional[int] = settings.get("failure_threshold", 5)
        self.failure_rate: Optional[float] = settings.get("failure_rate_threshold", 0.5)
        self.minimum: int = settings.get("min_requests_for_rate", 10)
        self.window_calls: Optional[int] = None if "window_ms" in given else settings.get("window_calls")
        self.window = nanos("window_ms", 60 * _SECOND)
        self.cooldown = nanos("cooldown_ms", 60 * _SECOND)
        self.multiplier: float = settings.get("cooldown_multiplier", 1.0)
        self.cooldown_max = nanos("cooldown_max_ms", max(self.cooldown, 240 * _SECOND))
        self.jitter: float = settings.get("cooldown_jitter", 0.0)
        self.cooldowns = {kind: int(ms * _MILLI) for kind, ms in (settings.get("cooldowns_ms") or {}).items()}
        self.retry_after_min = nanos("retry_after_min_ms", _SECOND)
        self.retry_after_max = nanos("retry_after_max_ms", 3600 * _SECOND)
        self.most_trials: int = settings.get("half_open_max_requests", 3)
        self.trials_at_once: int = settings.get("trials_at_once") or self.most_trials
        self.success_threshold: int = settings.get("success_threshold", 2)
        self.trial_timeout = nanos("trial_timeout_ms", max(self.cooldown, 120 * _SECOND))
        self.slow_call = nanos("slow_call_duration_ms", 0)
        self.slow_rate: Optional[float] = settings.get("slow_call_rate_threshold")
        self.kinds: Mapping[str, str] = settings.get("failure_kinds") or {}
        self.waits_trip: Optional[bool] = settings.get("retry_after_trips")
        self.min_callers: int = settings.get("min_callers", 1)
        self.upstream = bool(settings.get("upstream"))
        self.observes = settings.get("mode") == "observe"
        self.alternatives: Tuple[str, ...] = tuple(settings.get("alternatives") or ())
        self.shape = (self.window_calls, self.window, self.slow_call > 0)

    @staticmethod
    def checked(pattern: str, settings: Mapping[str, Any]) -> "_Policy":
        unknown = sorted(set(settings) - _SETTINGS)
        if unknown:
            raise ValueError(f"Policy {pattern!r}: unknown settings {', '.join(unknown)}; known: {', '.join(sorted(_SETTINGS))}")
        if settings.get("base", "default") not in _BUILT_IN:
            raise ValueError(f"Policy {pattern!r}: base must be one of {', '.join(_BUILT_IN)}, but is {settings['base']!r}")
        named = settings.get("alternatives") or ()
        if not isinstance(named, (list, tuple)) or not all(isinstance(name, str) and 0 < len(name) <= 256 for name in named):
            raise ValueError(
                f"Policy {pattern!r}: alternatives must be a list of names of circuits, such as ['model:small'], but is {named!r}"
            )
        return _Policy(settings)

    def treatment(self, kind: str, has_wait: bool) -> str:
        given = self.kinds.get(kind)
        if kind == "RATE_LIMITED" and has_wait and self.waits_trip is not None:
            return "TRIP" if self.waits_trip else given or "COUNT"
        if given is not None:
            return given
        return "TRIP" if kind == "RATE_LIMITED" and has_wait else _KINDS[kind][0]

    def wait(self, outcome: Outcome) -> int:
        """How long a failure asks to wait, with a minimum, so that the failing side cannot switch the protection off."""
        if outcome.retry_after is None or outcome.retry_after <= 0:
            return _NEVER
        wait = min(max(int(outcome.retry_after * _SECOND), self.retry_after_min), self.retry_after_max)
        if outcome.kind == "RATE_LIMITED":
            wait = min(wait + int(wait * 0.2 * random.random()), self.retry_after_max)
        return wait

    def cooldown_of(self, failed_trials: int, kind: Optional[str], wait: int, longest: int) -> int:
        asked = wait if self.min_callers > 1 else longest
        if kind == "RATE_LIMITED" and wait > 0:
            return asked
        base = self.cooldowns.get(kind, self.cooldown) if kind else self.cooldown
        grown = min(base * self.multiplier**failed_trials, max(self.cooldown_max, base))
        return max(int(grown * (1 + self.jitter * random.random())), asked)


class _Window:
    """How many of the latest calls were bad: in the last calls by number, or in the last span of time, in 12 buckets."""

    __slots__ = ("calls", "width", "buckets", "bad")

    def __init__(self, policy: _Policy) -> None:
        self.calls = policy.window_calls
        self.width = max(1, int(policy.window * (1 / 11 + 0.0004)))
        self.buckets: Deque[List[int]] = deque()  # of time: [number, calls, bad]; of calls: [bad]
        self.bad = 0

    def add(self, now: int, bad: bool) -> None:
        if self.calls is not None:
            self.buckets.append([bad])
            self.bad += bad
            if len(self.buckets) > self.calls:
                self.bad -= self.buckets.popleft()[0]
            return
        number = now // self.width
        buckets = self.buckets
        if not buckets or buckets[-1][0] != number:
            buckets.append([number, 0, 0])
            if len(buckets) > 12:
                buckets.popleft()
        last = buckets[-1]
        last[1] += 1
        last[2] += bad

    def reaches(self, now: int, threshold: Optional[float], minimum: int) -> bool:
        if threshold is None:
            return False
        if self.calls is not None:
            calls, bad = len(self.buckets), self.bad
        else:
            oldest = now // self.width - 11
            live = [each for each in self.buckets if each[0] >= oldest]
            calls, bad = sum(each[1] for each in live), sum(each[2] for each in live)
        return calls >= minimum and bad >= threshold * calls and bad > 0


# ------------------------------------------------------------------------------------------------ circuits

_CLOSED, _OPEN, _HALF_OPEN = "closed", "open", "half_open"
_ADMITTED, _REFUSED, _FAILED = 1, 2, 4
_PREFIXES = ("model:", "tool:", "key:", "mcp:")


class _Stamp:
    """One epoch of a circuit as this process knows it; a permit holds the epoch that admitted it."""

    __slots__ = ("epoch", "generation")

    def __init__(self, epoch: Optional[int] = None, generation: Optional[int] = None) -> None:
        self.epoch = epoch
        self.generation = generation


class _Circuit:
    """One circuit: what the server said about it (the mirror, names with ``server_``), and a state machine of its own that
    goes on from there when the server is away. Every method needs the client's lock."""

    def __init__(self, name: str, policy: _Policy, now: int) -> None:
        self.name = name
        self.policy = policy
        self.plain = False  # a call passes without any check
        self.guarded = False  # a guard asks it
        self.heard = False
        self.unwatched = False
        self.kept = False  # opened here, and the server has not counted the causes yet

        self.server_state = _CLOSED
        self.server_admits = "all"
        self.server_until: Optional[int] = now
        self.server_epoch = 0
        self.server_held = False
        self.server_mode = "enforce"

        self.state = _CLOSED
        self.held = False
        self.until: Optional[int] = now  # in open: when the cooldown or the hold ends; None = no end
        self.persons = False  # refuses though its policy only observes
        self.stamp = _Stamp()
        self.began = _NEVER  # of the epoch, if a move began it
        self.openings = 0
        self.streak = 0
        self.wait_end = _NEVER
        self.failed_trials = 0
        self.trials: Dict[object, int] = {}
        self.succeeded = 0
        self.answered: Set[str] = set()
        self.failed_caller: Optional[str] = None
        self.turn_end = 0
        self.windows: Optional[Tuple[_Window, Optional[_Window]]] = None
        self.asked: Dict[str, int] = {}
        self.failing: Dict[str, int] = {}
        self.good: List[Tuple[str, int]] = []  # the last good calls of two callers

    @property
    def by_itself(self) -> bool:
        """Whether this process decides although a server answers."""
        return self.unwatched or self.kept

    # --- what the server says

    def keep(self) -> None:
        """Keeps an opening of its own until the server has counted its causes."""
        self.kept = self.state != _CLOSED and self.stamp.epoch is None and not self.unwatched

    def follow_now(self, now: int, generation: Optional[int]) -> None:
        """The server has counted everything, or has opened the circuit itself: from now on its state applies."""
        self.kept = False
        self.follow(now, generation)

    def hear(self, said: Mapping[str, Any], now: int, generation: int) -> None:
        """Takes the state in an answer; the machine goes on from it if anything is new."""
        wait = said.get("retry_after_ms")
        epoch = int(said.get("epoch") or 0)
        new = (
            not self.heard
            or (epoch, said["state"], bool(said.get("held"))) != (self.server_epoch, self.server_state, self.server_held)
            or self.stamp.generation != generation
        )
        self.heard = True
        self.server_state = str(said["state"])
        self.server_admits = str(said.get("admits", "all"))
        self.server_held = bool(said.get("held"))
        self.server_epoch = epoch
        self.server_mode = str(said.get("mode", "enforce"))
        self.server_until = None if wait is None else now + int(wait * _MILLI)
        if self.kept and self.server_state == _CLOSED and not self.server_held:
            return
        if new or self.kept:
            self.follow_now(now, generation)
        elif self.state == _OPEN and self.stamp.epoch == epoch:
            self.until = self.server_until if self.server_admits == "none" else now

    def follow(self, now: int, generation: Optional[int]) -> None:
        """Lets the machine begin the epoch that the mirror is in."""
        keeps = self.state == _CLOSED and self.server_state == _CLOSED and not self.held and not self.server_held
        keeps = keeps and self.stamp.epoch in (None, self.server_epoch)
        self.held = self.server_held
        self.persons = self.server_mode == "observe" and self.server_admits != "all"
        self.trials, self.succeeded, self.answered = {}, 0, set()
        if self.server_state == _CLOSED:
            if not keeps:
                self._clean()
            self.state = _CLOSED
        else:
            self.state = _OPEN  # half-open is kept as open with no cooldown left
            self.until = self.server_until if self.server_admits == "none" else now
            self.failed_trials = 0
            self.failed_caller = None
        self.began = now if self.server_epoch else _NEVER
        self.stamp = _Stamp(self.server_epoch, generation)

    def obey(self, policy: _Policy) -> None:
        """Another policy applies. Counts are kept, unless the window has another shape."""
        if policy.shape != self.policy.shape:
            self.windows = None
        self.policy = policy

    # --- permission

    def passes(self, alone: bool, mode: str) -> bool:
        """Whether a call passes without any check."""
        if alone and mode == "allow":
            return not (self.held and self.state == _OPEN)
        if alone or self.by_itself:
            return self.state == _CLOSED
        return self.heard and self.server_admits == "all"

    def look(self, now: int, caller: str, outers: Sequence["Permit"]) -> int:
        """How long the machine would refuse a call, in nanoseconds; 0 if it would admit it. Takes no trial's place."""
        if self.policy.observes and not self.persons and not self.held:
            return 0
        if self.held and self.state == _OPEN:
            if self.until is None or self.until > now:
                return self.policy.cooldown if self.until is None else self.until - now
            self.held = False  # when a hold ends, the circuit is open with no cooldown left
            self._begin(now)
        if self.state == _CLOSED:
            return 0
        if self.state == _OPEN:
            left = _NEVER if self.until is None else self.until - now
            return left if left > 0 else self._held_back(now, caller)
        self.trials = {place: end for place, end in self.trials.items() if end > now}
        if self._loan(outers, now) is not None:
            return 0
        back = self._held_back(now, caller)
        if back:
            return back
        return 0 if self._has_place() else min([_SECOND] + [end - now for end in self.trials.values()])

    def take(self, now: int, caller: str, outers: Sequence["Permit"]) -> Tuple[Optional[_Stamp], Optional[object]]:
        """Admits a call that ``look`` lets pass. Returns its epoch, and a trial's place."""
        if self.policy.min_callers > 1:
            self.asked[caller] = now
        if self.state == _CLOSED:
            return self.stamp, None
        if self.state == _OPEN:
            if self.until is None or self.until > now:
                return self.stamp, None  # the policy only observes: the outcome will be late
            self.state = _HALF_OPEN
            self.trials, self.succeeded, self.answered = {}, 0, set()
            self._begin(now)
        loan = self._loan(outers, now)
        if loan is not None:
            return self.stamp, cast(Dict[str, object], loan._places).pop(self.name)
        if not self._has_place():
            return None, None  # more than the trials of a policy that only observes: counts nowhere
        place = object()
        self.trials[place] = now + self.policy.trial_timeout
        return self.stamp, place

    def _loan(self, outers: Sequence["Permit"], now: int) -> Optional["Permit"]:
        for outer in outers:
            place = outer._places.get(self.name) if outer._places else None
            if place is not None and self.trials.get(place, _NEVER) > now:
                return outer
        return None

    def _has_place(self) -> bool:
        policy = self.policy
        return (
            self.succeeded < policy.success_threshold
            and len(self.trials) < policy.trials_at_once
            and len(self.trials) + self.succeeded < policy.most_trials
        )

    def _held_back(self, now: int, caller: str) -> int:
        """The caller whose trial failed last gets no trial for a while if others ask too, so that another can try."""
        if self.policy.min_callers <= 1 or caller != self.failed_caller or now >= self.turn_end:
            return 0
        return self.turn_end - now if any(each != caller for each in self._who(self.asked, now)) else 0

    # --- outcomes

    def settle(
        self,
        stamp: Optional[_Stamp],
        place: Optional[object],
        outcome: Outcome,
        took: int,
        now: int,
        caller: str,
        decides: bool,
        of_agent: bool = False,
    ) -> bool:
        """Counts an outcome; True if it is its agent's failure after all, because only this caller fails."""
        if stamp is not self.stamp or self.state == _OPEN:
            return False  # late
        policy = self.policy
        verdict = self.verdict(outcome)
        slow = 0 < policy.slow_call <= took and (verdict != "ignored" or outcome.kind == "CANCELLED")
        alone = False
        if (
            policy.min_callers > 1
            and outcome.kind == "TIMEOUT"
            and verdict in ("failure", "fatal")
            and not (outcome.of_status or of_agent)
            and any(who != caller and at > now - took for who, at in self.good)
        ):
            alone, verdict, slow = True, "ignored", False
        if self.state == _HALF_OPEN:
            self._settle_trial(place, verdict, slow, outcome, now, caller, decides)
            return alone
        if verdict == "ignored" and not slow:
            return alone
        first = self._note(verdict, slow, now, caller)
        failed = verdict in ("failure", "fatal")
        wait = policy.wait(outcome) if failed else _NEVER
        if failed:
            self.streak += 1
            before = _NEVER if self.streak == 1 else self.wait_end
            self.wait_end = max(before, now + wait if wait > 0 else _NEVER)
        elif verdict == "success" or (verdict == "answered" and first):
            self.streak, self.wait_end = 0, _NEVER
        windows = self.windows
        if windows is None:
            windows = self.windows = (_Window(policy), _Window(policy) if policy.slow_call else None)
        if verdict != "ignored":
            windows[0].add(now, failed)
        if windows[1] is not None:
            windows[1].add(now, slow)
        if not failed and not slow:
            return alone
        trips = (
            verdict == "fatal"
            or (failed and policy.failure_threshold is not None and self.streak >= policy.failure_threshold)
            or windows[0].reaches(now, policy.failure_rate, policy.minimum)
            or (windows[1] is not None and windows[1].reaches(now, policy.slow_rate, policy.minimum))
        )
        if not trips:
            return alone
        of_whole_key = self.name.startswith("key:") and outcome.kind in ("QUOTA_EXHAUSTED", "RATE_LIMITED")
        if not of_whole_key and not self._enough_fail(now):
            return failed
        if decides and not self.held:
            self.failed_trials = 0
            self.failed_caller = None
            self._open(now, outcome.kind if failed else None, wait)
        return alone

    def succeed(self, stamp: Optional[_Stamp], now: int) -> bool:
        """Counts a success of the present closed epoch if its caller and duration do not matter; False if they do."""
        policy = self.policy
        if stamp is not self.stamp or self.state is not _CLOSED or policy.min_callers > 1 or policy.slow_call or self.answered:
            return False
        if self.streak:
            self.streak, self.wait_end = 0, _NEVER
        if self.windows is None:
            self.windows = (_Window(policy), None)
        self.windows[0].add(now, False)
        return True

    def record(self, outcome: Outcome, took: int, now: int, caller: str, decides: bool) -> bool:
        """Counts an outcome without a permit: it is late if its call began before the epoch did."""
        if self.state == _OPEN and not self.held and self.until is not None and self.until <= now:
            self.state = _HALF_OPEN
            self.trials, self.succeeded, self.answered = {}, 0, set()
            self._begin(now)
            self.began = now - took
        if now - took < self.began:
            return False
        place: Optional[object] = None
        if self.state == _HALF_OPEN:
            if not self._has_place():
                return False
            place = object()
            self.trials[place] = now + self.policy.trial_timeout
        return self.settle(self.stamp, place, outcome, took, now, caller, decides)

    def give_back(self, place: Optional[object]) -> None:
        self.trials.pop(place, None)

    def verdict(self, outcome: Outcome) -> str:
        if outcome.kind is None:
            return "success"
        treatment = self.policy.treatment(outcome.kind, (outcome.retry_after or 0) > 0)
        if treatment == "ANSWERED":
            return "answered" if self.policy.upstream or self.name.startswith(_PREFIXES) else "ignored"
        return {"COUNT": "failure", "TRIP": "fatal"}.get(treatment, "ignored")

    def _settle_trial(
        self,
        place: Optional[object],
        verdict: str,
        slow: bool,
        outcome: Outcome,
        now: int,
        caller: str,
        decides: bool,
    ) -> None:
        if verdict == "answered" and not slow:
            verdict = "ignored" if caller in self.answered else "success"
            self.answered.add(caller)
        self._note(verdict, slow, now, caller)
        if verdict in ("failure", "fatal") or slow:
            wait = self.policy.wait(outcome) if verdict != "success" else _NEVER
            before = _NEVER if self.succeeded else self.wait_end
            self.wait_end = max(before, now + wait if wait > 0 else _NEVER)
            self.failed_trials += 1
            self.failed_caller = caller
            self._open(now, outcome.kind, wait)
        elif verdict == "ignored":
            self.give_back(place)
        else:
            self.give_back(place)
            self.succeeded += 1
            if self.succeeded >= self.policy.success_threshold:
                self._clean()
                self.state = _CLOSED
                self._begin(now)

    def _open(self, now: int, kind: Optional[str], wait: int) -> None:
        longest = self.wait_end - now if self.wait_end > now else _NEVER
        cooldown = self.policy.cooldown_of(self.failed_trials, kind, wait, longest)
        self.state = _OPEN
        self.until = now + cooldown
        self.turn_end = self.until + max(_SECOND, cooldown // 10)
        self.openings += 1
        self._begin(now)

    def _begin(self, now: int) -> None:
        """A new epoch, which the server does not know."""
        self.stamp = _Stamp()
        self.began = now

    def _clean(self) -> None:
        self.streak, self.wait_end, self.failed_trials, self.windows = 0, _NEVER, 0, None
        self.trials, self.succeeded, self.answered = {}, 0, set()
        self.failing.clear()

    # --- callers

    def _note(self, verdict: str, slow: bool, now: int, caller: str) -> bool:
        """Records how a caller's last call ended; True if it is its first answered mistake since another outcome."""
        first = verdict == "answered" and caller not in self.answered
        if self.state == _CLOSED:
            if verdict == "answered":
                self.answered.add(caller)
            elif verdict != "ignored":
                self.answered.discard(caller)
        if self.policy.min_callers > 1:
            if verdict in ("failure", "fatal") or slow:
                self.failing[caller] = now
            elif verdict != "ignored":
                self.failing.pop(caller, None)
            if verdict == "success" and not slow:
                self.good = [each for each in self.good if each[0] != caller][-1:] + [(caller, now)]
        return first

    def _enough_fail(self, now: int) -> bool:
        least = self.policy.min_callers
        if least <= 1:
            return True
        failing = self._who(self.failing, now)
        callers = len(set(self._who(self.asked, now)) | set(failing))
        needed = callers if callers < least else max(least, (callers + 3) // 4)
        return len(failing) >= needed

    def _who(self, times: Dict[str, int], now: int) -> List[str]:
        span = 600 * _SECOND if self.policy.window_calls is not None else self.policy.window
        for who in [who for who, at in times.items() if now - at > span]:
            del times[who]
        return list(times)


def _attributed(outcome: Outcome, agent: str, depends_on: Sequence[str]) -> Optional[str]:
    """The circuit that a failure is attributed to; None for all of them."""
    if outcome.kind is None:
        return None
    whom = _KINDS[outcome.kind][1]
    if whom == "nobody":
        return None
    if outcome.attributed_to is not None and (outcome.attributed_to == agent or outcome.attributed_to in depends_on):
        return outcome.attributed_to

    def only(prefix: str) -> Optional[str]:
        found = [each for each in depends_on if each.startswith(prefix)]
        return found[0] if len(found) == 1 else None

    others = [each for each in depends_on if not each.startswith("key:")]
    upstream = others[0] if len(others) == 1 else None
    found = {
        "upstream": upstream,
        "key or upstream": only("key:") or upstream,
        "key or agent": only("key:"),
        "model": only("model:") or upstream,
        "tool": only("tool:"),
    }.get(whom)
    return found or agent


# --------------------------------------------------------------------------------------- permits and guards

_chain: "contextvars.ContextVar[Optional[Permit]]" = contextvars.ContextVar("interlock", default=None)


class Permit:
    """Permission to make one call. It is settled once; a second settlement changes nothing.

    ``with permit:`` settles by how the block ends. ``run`` calls a function as a call within this one.
    """

    # Defaults of the class: a call that passes closed circuits does not write these.
    _places: Optional[Dict[str, object]] = None
    _token: Optional[str] = None
    _settled = False
    _inner: Optional[Dict[str, int]] = None
    _alone = False
    _spending: Optional[_Spending] = None
    _spending_said = False
    _spent_within = False

    def __init__(self, guard: "Guard", outer: "Optional[Permit]", began: int, stamps: Sequence[Optional[_Stamp]]) -> None:
        self._guard = guard
        self._outer = outer
        self._began = began
        self._stamps = stamps
        self._life = guard._client._life

    def succeed(self) -> None:
        """The call succeeded."""
        self._guard._client._settle(self, SUCCESS, None)

    def fail(self, failure: Union[BaseException, str, Outcome]) -> None:
        """The call failed: an exception, which is classified, or a kind."""
        self._guard._client._settle(self, self._guard._judge(failure), None)

    def cancel(self) -> None:
        """The call was given up, or not made: it says nothing about health."""
        self._guard._client._settle(self, _CANCELLED, None)

    def settle(self, outcome: Outcome, took: Optional[float] = None) -> None:
        """The call ended with this outcome; ``took`` in seconds, by default the age of the permit."""
        self._guard._client._settle(self, outcome, None if took is None else int(took * _SECOND))

    def usage(self, tokens_in: int = 0, tokens_out: int = 0, tokens_cached: int = 0, cost_usd: Optional[float] = None) -> None:
        """What the call used, as in ``Usage``. It is sent with the outcome, so set it before. The last value counts."""
        self._spend(_said(Usage(tokens_in, tokens_out, tokens_cached, cost_usd)))
        self._spending_said = True

    def _spend(self, spending: _Spending) -> None:
        """Records what the call used; the calls around it do not report it again."""
        self._spending = spending
        outer = self._outer
        while outer is not None:
            if not outer._spending_said:
                outer._spending = None
            outer._spent_within = True
            outer = outer._outer

    def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Calls ``work`` within this call; settles nothing."""
        token = _chain.set(self)
        try:
            return work(*args, **kwargs)
        finally:
            _chain.reset(token)

    def __enter__(self) -> "Permit":
        return self

    def __exit__(self, kind: Optional[type], thrown: Optional[BaseException], trace: Any) -> None:
        if thrown is not None:
            self.fail(thrown)
        elif not self._settled:
            self.fail("ERROR")


class Guard:
    """Guards the calls of one agent: its circuit and those that it depends on all let a call pass, or none does.

    ``guard.call(work, *args)``, ``with guard:``, ``@guard``, ``await guard.acall(work, *args)``, ``async with guard:``,
    ``guard.iterate(stream)``, ``guard.aiterate(stream)``, ``guard.acquire()``. Safe for use by any thread.
    """

    _execution: Optional[str] = None

    def __init__(
        self,
        client: "Client",
        agent: str,
        depends_on: Tuple[str, ...],
        caller: Optional[str],
        alternatives: Tuple[str, ...],
        fallback: Optional[Callable[[CircuitOpen], Any]],
        usage: Optional[Callable[[Any], Optional[Usage]]] = None,
    ) -> None:
        self.agent = agent
        self.depends_on = depends_on
        self.alternatives = alternatives
        self._client = client
        self._caller = caller
        self._who = caller or agent
        self._fallback = fallback
        self._usage = usage
        self._silent: FrozenSet[type] = _SILENT_RESULTS if usage is None else frozenset()
        # Upstreams first: a failure that only this caller has counts in the agent's circuit after all.
        self._circuits = tuple(client._circuit(name) for name in (*dict.fromkeys(depends_on), agent) if name != agent) + (
            client._circuit(agent),
        )

    def with_fallback(self, fallback: Callable[[CircuitOpen], Any]) -> "Guard":
        """The same guard, which answers refusals by its own circuits with what ``fallback(refusal)`` returns."""
        return self._copy(fallback, self._usage)

    def with_usage(self, usage: Callable[[Any], Optional[Usage]]) -> "Guard":
        """The same guard, which asks ``usage(answer)`` what a call used; None is nothing.

        It replaces ``usage_of``, which reads answers of the SDKs. For a stream it is called with each piece, and the largest
        numbers count. Without a server it is not called.
        """
        return self._copy(self._fallback, usage)

    def with_execution(self, execution: "Union[Execution, str]") -> "Guard":
        """The same guard, for the calls of one run: once the server has found it in a loop, they are refused until that ends.

        The server says so when it is asked for a trial, and when entries of the run come with a report.
        """
        made = self._copy(self._fallback, self._usage, _GuardOfExecution)
        made._execution = execution if isinstance(execution, str) else execution.id
        return made

    def _copy(
        self,
        fallback: Optional[Callable[[CircuitOpen], Any]],
        usage: Optional[Callable[[Any], Optional[Usage]]],
        kind: "Optional[type[Guard]]" = None,
    ) -> "Guard":
        made = (kind or type(self))(self._client, self.agent, self.depends_on, self._caller, self.alternatives, fallback, usage)
        made._execution = self._execution
        return made

    def acquire(self) -> Permit:
        """Permission for one call; raises ``CircuitOpen``. Waits at most the client's ``timeout`` for a trial."""
        permit = self._try_fast()
        return permit if permit is not None else cast(Permit, self._client._decide(self, _chain.get(), True))

    async def aacquire(self) -> Permit:
        """As ``acquire``; if it has to wait, it does so in another thread than the event loop's."""
        permit = self._try_fast()
        if permit is None:
            outer = _chain.get()
            permit = self._client._decide(self, outer, False)
            if permit is None:
                import asyncio

                permit = await asyncio.to_thread(self._client._decide, self, outer, True)
        return cast(Permit, permit)

    def _try_fast(self) -> Optional[Permit]:
        """If all circuits are closed, and no other call is around: asks nobody."""
        if _chain.get() is not None:
            return None
        client = self._client
        now = client._ticks()
        with client._lock:
            stamps = []
            for circuit in self._circuits:
                if not circuit.plain:
                    return None
                if circuit.policy.min_callers > 1:
                    circuit.asked[self._who] = now
                stamps.append(circuit.stamp)
            return Permit(self, None, now, stamps)

    def call(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Calls ``work(*args, **kwargs)`` if its circuits let it pass, and reports how it ended."""
        try:
            permit = self.acquire()
        except CircuitOpen as refusal:
            if self._fallback is None:
                raise
            return cast(T, self._fallback(refusal))
        token = _chain.set(permit)
        try:
            result = work(*args, **kwargs)
        except BaseException as thrown:
            permit.fail(thrown)
            raise
        finally:
            _chain.reset(token)
        if type(result) is types.CoroutineType:
            permit.cancel()
            cast(Any, result).close()
            raise TypeError(f"{getattr(work, '__name__', work)!s} is asynchronous: await guard.acall(...) instead of guard.call(...)")
        self._client._settle(permit, SUCCESS if type(result) in self._silent else self._heard(permit, result), None)
        return result

    async def acall(self, work: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        """Awaits ``work(*args, **kwargs)`` if its circuits let it pass, and reports how it ended."""
        try:
            permit = await self.aacquire()
        except CircuitOpen as refusal:
            if self._fallback is None:
                raise
            answer = self._fallback(refusal)
            return cast(T, await answer if inspect.isawaitable(answer) else answer)
        token = _chain.set(permit)
        try:
            result = await work(*args, **kwargs)
        except BaseException as thrown:
            permit.fail(thrown)
            raise
        finally:
            _chain.reset(token)
        self._client._settle(permit, SUCCESS if type(result) in self._silent else self._heard(permit, result), None)
        return result

    def record(
        self, outcome: Union[Outcome, str, BaseException] = SUCCESS, took: float = 0.0, *, usage: Optional[Usage] = None
    ) -> None:
        """Reports a call that was made without a permit: it ended now, took this many seconds and used this much."""
        self._client._record(self, self._judge(outcome), int(took * _SECOND), None if usage is None else _said(usage))

    def _heard(self, permit: Permit, answer: Any) -> Outcome:
        """What an answer means; records first what the call used."""
        self._note_usage(permit, answer)
        return _of_result(answer)

    def _note_usage(self, permit: Permit, answer: Any) -> None:
        """Records the usage that an answer, or a piece of one, reports."""
        client = self._client
        if permit._spending_said or not client._link.urls:
            return
        if self._usage is not None:
            try:
                own = self._usage(answer)
                if own is not None:
                    spending = permit._spending or _Spending()
                    spending.say(own)
                    permit._spend(spending)
            except Exception as broken:  # the user's function failed; the call itself did not
                client._complain(f"what calls of {self.agent} used could not be read: {type(broken).__name__}: {broken}")
            return
        if permit._spent_within or self.agent in client._logs_usage:
            return
        kind = type(answer)
        if not _USAGE_IN.isdisjoint(answer) if kind is dict else _root(kind) in _FAMILIES:
            spending = permit._spending or _Spending()
            if spending.add(answer):
                permit._spend(spending)

    def _judge(self, failure: Union[BaseException, str, Outcome]) -> Outcome:
        if isinstance(failure, Outcome):
            return failure
        if isinstance(failure, str):
            return Outcome(failure)
        return _judged_by(self._client._classifier, failure)

    # --- with, async with, decorator

    def __enter__(self) -> Permit:
        permit = self.acquire()
        permit._outer = _chain.get()
        _chain.set(permit)
        return permit

    def __exit__(self, kind: Optional[type], thrown: Optional[BaseException], trace: Any) -> None:
        permit = _chain.get()
        while permit is not None and permit._guard is not self:
            permit = permit._outer
        if permit is not None:
            _chain.set(permit._outer)
            if thrown is not None:
                permit.fail(thrown)
            else:
                permit.succeed()

    async def __aenter__(self) -> Permit:
        permit = await self.aacquire()
        permit._outer = _chain.get()
        _chain.set(permit)
        return permit

    async def __aexit__(self, kind: Optional[type], thrown: Optional[BaseException], trace: Any) -> None:
        self.__exit__(kind, thrown, trace)

    def __call__(self, work: F) -> F:
        """``@guard``: every call of a function, coroutine function, generator or asynchronous generator is guarded."""
        if inspect.isasyncgenfunction(work):

            @functools.wraps(work)
            def pieces_later(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
                return self.aiterate(lambda: work(*args, **kwargs))

            return cast(F, pieces_later)
        if inspect.iscoroutinefunction(work):

            @functools.wraps(work)
            async def later(*args: Any, **kwargs: Any) -> Any:
                return await self.acall(work, *args, **kwargs)

            return cast(F, later)
        if inspect.isgeneratorfunction(work):

            @functools.wraps(work)
            def pieces(*args: Any, **kwargs: Any) -> Iterator[Any]:
                return self.iterate(functools.partial(work, *args, **kwargs))

            return cast(F, pieces)

        @functools.wraps(work)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return self.call(work, *args, **kwargs)

        return cast(F, guarded)

    # --- streams

    def iterate(
        self,
        source: Union[Iterable[T], Callable[[], Iterable[T]]],
        *,
        first: Optional[float] = None,
        idle: Optional[float] = None,
        total: Optional[float] = None,
    ) -> Iterator[T]:
        """The pieces of a stream, guarded until it ends; asks for permission, and calls ``source``, with the first piece.

        Limits in seconds: for the first piece, between two, and in all. At a limit the call counts as TIMEOUT at once, the
        source is closed if it is not a generator, and ``StreamTimeout`` is raised when the source returns. A Python thread
        cannot be interrupted, so give the library its own time-out as well. If the consumer stops early, the call counts
        as cancelled.
        """
        permit = self.acquire()
        watch = _StreamWatch(permit, first, idle, total)
        pieces: Optional[Iterator[T]] = None
        ended = False
        try:
            watch.next_piece()
            opened = permit.run(source) if callable(source) else source
            watch.source = opened
            pieces = iter(opened)
            while True:
                try:
                    piece: T = permit.run(next, pieces)
                except StopIteration:
                    watch.check(None)
                    permit.succeed()
                    ended = True
                    return
                watch.check(None)
                watch.pause()
                if type(piece) not in self._silent:
                    self._note_usage(permit, piece)
                yield piece
                watch.next_piece()
        except GeneratorExit:
            permit.cancel()
            raise
        except BaseException as thrown:
            ended = not isinstance(thrown, StreamTimeout)
            permit.fail(thrown)
            if not isinstance(thrown, StreamTimeout):
                watch.check(thrown)
            raise
        finally:
            watch.pause()
            if not ended:
                _close(pieces if pieces is not None else watch.source)

    async def aiterate(
        self,
        source: Union[AsyncIterable[T], Callable[[], Any]],
        *,
        first: Optional[float] = None,
        idle: Optional[float] = None,
        total: Optional[float] = None,
    ) -> AsyncIterator[T]:
        """As ``iterate``, for an asynchronous stream, or what returns one, awaited or not; cancelled at a limit."""
        import asyncio

        permit = await self.aacquire()
        clock = self._client._ticks
        end = None if total is None else clock() + int(total * _SECOND)
        limit = first
        pieces: Any = None
        ended = False
        try:
            opened = permit.run(source) if callable(source) else source
            if inspect.isawaitable(opened):
                opened = await asyncio.wait_for(opened, limit)
            pieces = opened.__aiter__()
            while True:
                wait = limit
                if end is not None:
                    left = (end - clock()) / _SECOND
                    wait = left if wait is None else min(wait, left)
                token = _chain.set(permit)
                try:
                    piece = await (pieces.__anext__() if wait is None else asyncio.wait_for(pieces.__anext__(), max(0.0, wait)))
                except StopAsyncIteration:
                    permit.succeed()
                    ended = True
                    return
                finally:
                    _chain.set(token.old_value if isinstance(token.old_value, Permit) else None)
                limit = idle
                if type(piece) not in self._silent:
                    self._note_usage(permit, piece)
                yield piece
        except GeneratorExit:
            permit.cancel()
            raise
        except asyncio.TimeoutError as late:
            permit.fail("TIMEOUT")
            if limit is None and end is None:
                raise  # an error of the source itself
            raise StreamTimeout(f"A stream of {self.agent} was slower than its limits") from late
        except BaseException as thrown:
            permit.fail(thrown)
            raise
        finally:
            if not ended and hasattr(pieces, "aclose"):
                try:
                    await pieces.aclose()
                except Exception:  # of a source that has failed already
                    pass


class _GuardOfExecution(Guard):
    """Guards the calls of one execution; checks first whether it is in a loop."""

    def _try_fast(self) -> Optional[Permit]:
        self._client._look_at_loop(self)
        return super()._try_fast()


def _judged_by(classifier: Optional[Callable[[Exception], Union[Outcome, str, None]]], thrown: BaseException) -> Outcome:
    """What an exception means: by the user's own classifier, or by the client's."""
    if classifier is not None and isinstance(thrown, Exception):
        own = classifier(thrown)
        if own is not None:
            return Outcome(own) if isinstance(own, str) else own
    return classify(thrown)


class _StreamWatch:
    """The limits of one stream; the client's watchdog settles a stream that hangs."""

    def __init__(self, permit: Permit, first: Optional[float], idle: Optional[float], total: Optional[float]) -> None:
        self.permit = permit
        self.client = permit._guard._client
        self.limit = first
        self.idle = idle
        self.end = None if total is None else permit._began + int(total * _SECOND)
        self.deadline: Optional[int] = None
        self.source: Any = None
        self.limited = first is not None or idle is not None or total is not None
        self.timed_out = False

    def next_piece(self) -> None:
        if self.limited:
            ends = [] if self.end is None else [self.end]
            if self.limit is not None:
                ends.append(self.client._ticks() + int(self.limit * _SECOND))
            self.limit = self.idle
            self.deadline = min(ends) if ends else None
            if self.deadline is not None:
                self.client._watch_stream(self)

    def pause(self) -> None:
        """The consumer is busy; only the limit of the whole stream goes on."""
        self.deadline = self.end

    def check(self, because: Optional[BaseException]) -> None:
        deadline = self.deadline
        if self.timed_out or (because is None and deadline is not None and self.client._ticks() > deadline):
            self.expire()
            raise StreamTimeout(f"A stream of {self.permit._guard.agent} was slower than its limits") from because

    def expire(self) -> None:
        self.timed_out = True
        self.permit.fail("TIMEOUT")


def _close(source: Any) -> None:
    try:
        if hasattr(source, "close"):
            source.close()
    except Exception:  # the source has failed already, or runs on another thread
        pass


# ------------------------------------------------------------------------------------------------ the link


class Clock:
    """The client's clock: ``ticks()`` in nanoseconds; a step of the wall clock does not move it."""

    def ticks(self) -> int:
        return time.monotonic_ns()


class ManualClock(Clock):
    """A clock that stands still until it is moved, for tests."""

    def __init__(self) -> None:
        self._now = 0

    def ticks(self) -> int:
        return self._now

    def advance(self, seconds: float) -> None:
        """Moves it forward."""
        self._now += round(seconds * _SECOND)


class _Away(Exception):
    """No Interlock server answered."""

    def __init__(self, reason: str, wait: float = 0.0, lives: bool = False, revoked: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.lives = lives
        self.revoked = revoked


class _Link:
    """Connections to one of several servers at a time; they are kept alive, and several threads use them."""

    def __init__(self, urls: Sequence[str], key: str, context: Optional[ssl.SSLContext]) -> None:
        self.urls = [urllib.parse.urlsplit(url.rstrip("/")) for url in urls]
        for url in self.urls:
            if url.scheme not in ("http", "https") or not url.hostname:
                raise ValueError(f"A URL of Interlock is http(s)://host[:port], but this is {urllib.parse.urlunsplit(url)!r}")
        self.key = key
        self.context = context
        self.index = 0
        self.tried = 0
        self.requests = 0
        self.idle: List[Tuple[int, http.client.HTTPConnection]] = []
        self.parked: Optional[http.client.HTTPConnection] = None
        self.lock = threading.Lock()

    @property
    def url(self) -> Optional[str]:
        return urllib.parse.urlunsplit(self.urls[self.index]) if self.urls else None

    def next(self, failed: int) -> bool:
        """Moves on from a URL that did not answer; True if all were tried since one answered, or since the last True."""
        with self.lock:
            if failed == self.index:  # if not, another thread was faster
                self.index = (self.index + 1) % len(self.urls)
                self.tried += 1
            if self.tried < len(self.urls):
                return False
            self.tried = 0
            return True

    def answered(self) -> None:
        """A server has answered: the next failure starts a new round."""
        with self.lock:
            self.tried = 0

    def post(self, path: str, body: Mapping[str, Any], timeout: float, parks: bool = False) -> Tuple[int, Any, Dict[str, str]]:
        """Status, JSON and headers of an answer; raises ``_Away`` if there is none within the time."""
        data = json.dumps(body, separators=(",", ":")).encode()
        end = time.monotonic() + timeout
        for attempt in (0, 1):
            index, connection = self._connection(attempt)
            fresh = connection.sock is None
            try:
                return self._post(index, connection, path, data, end, parks)
            except (ConnectionError, http.client.BadStatusLine) as broken:
                connection.close()
                if fresh or attempt:
                    raise _Away(_reason(broken)) from broken  # if it was idle too long: once more on a new connection
            except (OSError, http.client.HTTPException, ValueError) as broken:
                connection.close()
                raise _Away(_reason(broken)) from broken
            except BaseException:
                connection.close()
                raise
        raise _Away("no connection")

    def _connection(self, attempt: int) -> Tuple[int, http.client.HTTPConnection]:
        with self.lock:
            self.requests += 1
            index = self.index
            while self.idle and not attempt:
                of, connection = self.idle.pop()
                if of == index:
                    return index, connection
                connection.close()
        url = self.urls[index]
        if url.scheme == "https":
            return index, http.client.HTTPSConnection(cast(str, url.hostname), url.port, context=self.context)
        return index, http.client.HTTPConnection(cast(str, url.hostname), url.port)

    def _post(
        self, index: int, connection: http.client.HTTPConnection, path: str, data: bytes, end: float, parks: bool
    ) -> Tuple[int, Any, Dict[str, str]]:
        left = max(0.001, end - time.monotonic())
        connection.timeout = left
        if connection.sock is None:
            connection.connect()
        cast(socket.socket, connection.sock).settimeout(max(0.001, end - time.monotonic()))
        headers = {"Content-Type": "application/json", "Authorization": "Bearer " + self.key, "Accept": "application/json"}
        connection.request("POST", self.urls[index].path + path, data, headers)
        if parks:
            self.parked = connection
        try:
            response = connection.getresponse()
            text = response.read()
        finally:
            if parks:
                self.parked = None
        if response.will_close:
            connection.close()
        else:
            with self.lock:
                self.idle.append((index, connection))
        try:
            return response.status, json.loads(text) if text else None, {k.lower(): v for k, v in response.getheaders()}
        except ValueError as broken:
            raise _Away(f"status {response.status}, and no JSON") from broken

    def abort(self) -> None:
        """Ends a parked request."""
        parked = self.parked
        sock = None if parked is None else parked.sock
        if sock is not None:
            try:
                sock.shutdown(2)
            except OSError:
                pass

    def forget(self) -> None:
        """After a fork: connections are the parent's; closing this side's descriptors sends nothing to the server."""
        self.lock = threading.Lock()
        for _, connection in self.idle:
            connection.close()
        self.idle = []
        self.parked = None
        self.tried = 0
        self.requests = 0


def _reason(broken: BaseException) -> str:
    text = str(broken) or type(broken).__name__
    return "no answer in time" if isinstance(broken, TimeoutError) or "timed out" in text else text[:200]


# ------------------------------------------------------------------------------------------------ the client


class Status(NamedTuple):
    """The state of the client at a moment."""

    mode: str
    """``connecting``, ``connected``, ``revoked``, ``closed``; without a server ``local``, ``allow`` or ``refuse``."""
    since: float
    """Seconds since it has this mode."""
    url: Optional[str]
    generation: Optional[int]
    """The generation of the server that answered last; it changes when a server restarts."""
    waiting: int
    """Outcomes and entries of the log that are not acknowledged."""
    lost: int
    """Outcomes and entries that were dropped because too many waited, or that the server refused."""
    requests: int
    """HTTP requests made so far."""
    last_error: Optional[str]


class CircuitView(NamedTuple):
    """A circuit as the client would decide now."""

    name: str
    state: str
    held: bool
    retry_after: Optional[float]
    decided: str
    openings: int


class _Item(NamedTuple):
    """An outcome that is to be reported."""

    guard: Guard
    outcome: Outcome
    took: int
    ended: int
    stamps: Optional[Sequence[Optional[_Stamp]]]
    token: Optional[str]
    inner: Optional[Dict[str, int]]
    spending: Optional[_Spending]


class _Entry(NamedTuple):
    """An entry of the agent log that is to be reported."""

    fields: Dict[str, Any]
    began: int
    size: int


class _Batch(NamedTuple):
    number: int
    items: List[_Item]
    refusals: Dict[Tuple[str, str], int]
    entries: List[_Entry]


_MOST_WAITING = 10_000
_LONGEST_SUMMARY = 2_000
_MOST_LOOPS = 1_000
_USAGE_OF_ENTRIES = frozenset(("input_tokens", "output_tokens"))  # in metadata
_LARGEST_ENTRIES = 1 << 19  # characters of the entries in one report
_MOST_ENTRIES_KEPT = 1 << 24  # characters of the entries that wait
_MOST_IN_BATCH = 1_000
_MOST_WATCHED = 1_000
_POLL_MS = 25_000
_REPORT_AFTER = 0.25
_EXIT_FLUSH = 2.0
_GOODBYE = 0.5
_TRIPS = frozenset(kind for kind, (treatment, _) in _KINDS.items() if treatment == "TRIP")
_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


def connect(
    url: Union[str, Sequence[str], None] = None,
    key: Optional[str] = None,
    *,
    on_unreachable: str = "local",
    policies: Optional[Mapping[str, Mapping[str, Any]]] = None,
    watch: Sequence[str] = (),
    timeout: float = 0.2,
    backoff: float = 0.05,
    backoff_max: float = 5.0,
    classifier: Optional[Callable[[Exception], Union[Outcome, str, None]]] = None,
    context: Optional[ssl.SSLContext] = None,
    clock: Optional[Clock] = None,
) -> "Client":
    """A client of one server, or of several: when one does not answer, the next URL is tried.

    ``url`` and ``key`` default to the environment variables INTERLOCK_URL (several with commas) and INTERLOCK_KEY; without
    any URL the client always decides by its own figures, and logs that unless ``url`` is an empty list.
    ``on_unreachable``: ``local`` (default) goes by its own figures from the last state heard, ``allow`` lets everything
    pass, ``refuse`` refuses everything; the latter two begin 30 s after the last answer. ``policies`` by name pattern
    are used for local decisions until the server has sent others. ``timeout`` in seconds is the longest that a call
    waits for Interlock. ``classifier`` is asked first what an exception means: it returns an ``Outcome``, a kind, or
    None.
    """
    given = os.environ.get("INTERLOCK_URL", "").split(",") if url is None else [url] if isinstance(url, str) else list(url)
    urls = [each.strip() for each in given if each.strip()]
    if url is None and not urls:
        _log.warning("No URL: none was given, and INTERLOCK_URL is not set; this process decides alone")
    return Client(
        urls,
        key if key is not None else os.environ.get("INTERLOCK_KEY", ""),
        on_unreachable,
        policies or {},
        watch,
        timeout,
        backoff,
        backoff_max,
        classifier,
        context,
        clock or Clock(),
    )


class Client:
    """What all guards of a process share; created by ``connect``. Safe for use by any thread, and after a fork."""

    def __init__(
        self,
        urls: Sequence[str],
        key: str,
        on_unreachable: str,
        policies: Mapping[str, Mapping[str, Any]],
        watch: Sequence[str],
        timeout: float,
        backoff: float,
        backoff_max: float,
        classifier: Optional[Callable[[Exception], Union[Outcome, str, None]]],
        context: Optional[ssl.SSLContext],
        clock: Clock,
    ) -> None:
        if on_unreachable not in ("local", "allow", "refuse"):
            raise ValueError(f"on_unreachable must be local, allow or refuse, but is {on_unreachable!r}")
        if urls and not key:
            raise ValueError("A server needs a key: connect(url, key=...), or set INTERLOCK_KEY")
        self._on_unreachable = on_unreachable
        self._timeout = timeout
        self._backoff = backoff
        self._backoff_max = backoff_max
        self._classifier = classifier
        self._ticks = clock.ticks
        self._link = _Link(urls, key, context)
        self._own_policies = {pattern: _Policy.checked(pattern, settings) for pattern, settings in policies.items()}
        self._patterns = {pattern: _pattern(pattern) for pattern in policies}
        self._default = _Policy({})
        self._guards: Dict[Any, Guard] = {}
        self._guarded: Set[str] = set()
        self._loops: Dict[Tuple[str, str], Tuple[int, Optional[str]]] = {}  # by agent and execution: their end, their gate
        self._logs_usage: Set[str] = set()  # agents whose entries of the log say what their calls used
        self._circuits: Dict[str, _Circuit] = {}
        self._lost = 0
        self._gates: List[Dict[str, Any]] = []
        self._begin_life()
        for name in watch:
            self._circuit(name)
        _clients.add(self)

    def _begin_life(self) -> None:
        """Sets what belongs to one process alone; after a fork a child begins with the mirror of its parent."""
        self._life = object()
        self._talk = object()  # identifies the threads that are to run
        self._id = uuid.uuid4().hex
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._reporting = threading.Lock()
        self._started = False
        self._closed = False
        self._flushing = False
        self._urgent = False
        self._rounds = 0  # rounds in which no URL answered
        self._alone = not self._link.urls
        self._revoked = False
        self._since = self._ticks()
        self._asked_first: Optional[float] = None
        self._heard_at: Optional[int] = None
        self._valid_for = 30 * _SECOND
        self._stale = False
        self._generation: Optional[int] = None
        self._cursor: Optional[int] = None
        self._policies: Dict[str, _Policy] = {}
        self._watch_version = 1
        self._watch_known = 0
        self._queue: Deque[_Item] = deque()
        self._refusals: Dict[Tuple[str, str], int] = {}
        self._entries: Deque[_Entry] = deque()
        self._entries_size = 0
        self._entries_from: Optional[int] = None  # the server takes no entries before this time
        self._entry_number = 0
        self._batch: Optional[_Batch] = None
        self._number = 0
        self._reported = 0  # outcomes that were acknowledged, or are lost
        self._counted_at: Optional[int] = None  # once so many are reported, what was decided alone has counted
        self._last_error: Optional[str] = None
        self._complained: Set[str] = set()
        self._streams: List[_StreamWatch] = []
        self._refresh()

    # --- what a user calls

    def guard(
        self,
        agent: str,
        depends_on: Sequence[str] = (),
        *,
        caller: Optional[str] = None,
        alternatives: Sequence[str] = (),
    ) -> Guard:
        """The guard of an agent's calls and of what they depend on; the same arguments give the same guard.

        ``caller`` names who makes the calls, if the key may speak for it; ``alternatives`` are circuits to name in a
        refusal while they are closed, in place of those in the policy of the refusing circuit.
        """
        if isinstance(depends_on, str):
            raise TypeError("depends_on is a list of names, such as ['model:kimi-k2']")
        wanted = (agent, tuple(depends_on), caller, tuple(alternatives))
        with self._lock:
            guard = self._guards.get(wanted)
            if guard is None:
                guard = self._guards[wanted] = Guard(self, agent, wanted[1], caller, wanted[3], None)
                self._guarded.add(agent)
                for name in alternatives:
                    self._circuit(name)
                for circuit in guard._circuits:
                    circuit.guarded = True
                    self._know_alternatives(circuit)
        self._start()
        return guard

    def execution(self, agent: str, execution_id: Optional[str] = None) -> "Execution":
        """One run of an agent, whose entries in the agent log belong together; by default with a random id."""
        return Execution(self, agent, execution_id)

    def log(
        self,
        agent: str,
        action: str,
        name: Optional[str] = None,
        *,
        error: Union[BaseException, str, None] = None,
        error_kind: Optional[str] = None,
        took: Optional[float] = None,
        execution: Optional[str] = None,
        input: Optional[str] = None,
        output: Optional[str] = None,
        tokens: Optional[int] = None,
        cost_usd: Optional[float] = None,
        retry_after: Optional[float] = None,
        depends_on: Sequence[str] = (),
        caller: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        guarded: Optional[bool] = None,
    ) -> None:
        """Adds an entry to the agent log; it is sent with the next report, and nothing waits for it.

        ``action`` is ``llm_inference``, ``tool_call``, ``decision``, ``error`` or ``custom``; ``name`` is the model
        or tool. With ``error`` (an exception, which is classified, or a text) the entry is a failure. The action ended now
        and took ``took`` seconds. Entries of calls are outcomes of their agents' circuits, unless they are ``guarded``: by
        default those of agents for which this client has a guard, because the guard reports their outcomes.
        """
        if action not in ACTIONS:
            raise ValueError(f"action must be one of {', '.join(ACTIONS)}, but is {action!r}")
        outcome = _judged_by(self._classifier, error) if isinstance(error, BaseException) else None
        fields: Dict[str, Any] = {
            "agent_id": agent,
            "action_type": action,
            "action_name": name,
            "execution_id": execution,
            "status": "success" if error is None and error_kind is None else "failure",
            "error_message": None if error is None else str(error)[:_LONGEST_SUMMARY],
            "error_kind": _kind(error_kind) if error_kind is not None else None if outcome is None else outcome.kind,
            "input_summary": None if input is None else str(input)[:_LONGEST_SUMMARY],
            "output_summary": None if output is None else str(output)[:_LONGEST_SUMMARY],
            "latency_ms": None if took is None else round(took * 1000, 3),
            "token_count": tokens,
            "cost_usd": cost_usd,
            "depends_on": list(depends_on) or None,
            "caller": caller,
            "metadata": None if metadata is None else dict(metadata),
            "guarded": guarded if guarded is not None else agent in self._guarded,
        }
        if tokens is not None or cost_usd is not None or not _USAGE_OF_ENTRIES.isdisjoint(metadata or ()):
            self._logs_usage.add(agent)
        wait = retry_after if retry_after is not None or outcome is None else outcome.retry_after
        fields["retry_after_ms"] = None if wait is None else round(wait * 1000, 3)
        self._log(fields, took or 0.0)

    @property
    def status(self) -> Status:
        """The state of the client: its mode, and since when."""
        with self._lock:
            return Status(
                self._mode(),
                (self._ticks() - self._since) / _SECOND,
                self._link.url,
                self._generation,
                self._waiting(),
                self._lost,
                self._link.requests,
                self._last_error,
            )

    def circuit(self, name: str) -> CircuitView:
        """A circuit as the client would decide now, without a request; a circuit that no guard names is closed."""
        with self._lock:
            circuit = self._circuits.get(name) or _Circuit(name, self._policy(name), self._ticks())
            now = self._ticks()
            local = self._alone or circuit.by_itself
            if local:
                circuit.look(now, "", ())  # a hold may have ended
                left = 0 if circuit.state != _OPEN or circuit.until is None else circuit.until - now
                held, state = circuit.held, circuit.state
            else:
                state, held = circuit.server_state, circuit.server_held
                none = circuit.server_admits == "none"
                left = circuit.server_until - now if none and circuit.server_until is not None else 0
            wait = left / _SECOND if left > 0 else None
            return CircuitView(name, state, held, wait, "local" if local else "server", circuit.openings)

    def flush(self, timeout: float = _EXIT_FLUSH) -> bool:
        """Reports what is waiting; True if all of it was acknowledged within this many seconds.

        If nobody answers, it returns as soon as every URL was tried once more.
        """
        if not self._link.urls:
            return True
        end = time.monotonic() + timeout
        with self._changed:
            self._flushing = True
            tried = self._rounds
            self._changed.notify_all()
            while self._unsaid() and not (self._closed or self._revoked) and self._rounds == tried:
                left = end - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._flushing = False
            return not self._unsaid()

    def close(self) -> None:
        """Reports what is waiting, for at most 2 s, and ends the client's threads. Its guards go on locally."""
        self._end(_EXIT_FLUSH, _GOODBYE)

    def _end(self, within: float, goodbye: float) -> None:
        self.flush(within if self._started else 0)
        with self._changed:
            if self._closed:
                return
            is_known = self._started and not self._alone and self._generation is not None
            self._closed = True
            self._alone = True
            self._since = self._ticks()
            self._refresh()
            self._changed.notify_all()
        self._link.abort()
        if is_known:
            self._say_goodbye(goodbye)

    def _say_goodbye(self, within: float) -> None:
        """Says that a stop need not wait for this process any more. If that is lost, the server finds out by itself."""
        end = time.monotonic() + within
        if not self._reporting.acquire(timeout=within):  # a later list of watched circuits would register it again
            return
        try:
            self._link.post("/api/v1/sync", {"client": self._id, "leaving": True}, max(0.001, end - time.monotonic()))
        except _Away:
            pass
        finally:
            self._reporting.release()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: Optional[type], thrown: Optional[BaseException], trace: Any) -> None:
        self.close()

    # --- deciding

    def _circuit(self, name: str) -> _Circuit:
        with self._lock:
            circuit = self._circuits.get(name)
            if circuit is None:
                circuit = self._circuits[name] = _Circuit(name, self._policy(name), self._ticks())
                if len(self._circuits) > _MOST_WATCHED:
                    self._complain(f"{name} is not watched: a client watches {_MOST_WATCHED} circuits; it decides alone on others")
                    circuit.unwatched = True
                circuit.plain = self._plain(circuit)
                self._watch_version += 1
                self._changed.notify_all()
            return circuit

    def _know_alternatives(self, circuit: _Circuit) -> None:
        """Watches the alternatives of a guarded circuit's policy before it refuses, so that their states are known."""
        for name in circuit.policy.alternatives:
            if len(self._circuits) < _MOST_WATCHED:
                self._circuit(name)

    def _alternatives(self, guard: Guard, refusing: _Circuit) -> List[str]:
        """The closed alternatives: the guard's, or if it has none, those of the refusing circuit's policy."""
        named = [self._circuits.get(name) for name in guard.alternatives or refusing.policy.alternatives]
        others = [each for each in named if each is not None and each.name not in (guard.agent, refusing.name)]
        return [each.name for each in others if self._lets_pass(each)]

    def _policy(self, name: str) -> _Policy:
        best = max((p for p, regex in self._patterns.items() if regex.fullmatch(name)), key=_exactness, default=None)
        return self._default if best is None else self._own_policies[best]

    def _mode(self) -> str:
        if self._closed:
            return "closed"
        if self._revoked:
            return "revoked"
        if self._alone:
            return self._on_unreachable if self._link.urls else "local"
        return "connecting" if self._generation is None else "connected"

    def _is_local(self) -> bool:
        return self._alone and (self._on_unreachable == "local" or not self._link.urls or self._closed)

    def _plain(self, circuit: _Circuit) -> bool:
        """Whether a call passes this circuit without any check."""
        return not self._gates and self._lets_pass(circuit)

    def _lets_pass(self, circuit: _Circuit) -> bool:
        """The same, if there is no gate."""
        if self._is_local() or circuit.by_itself:
            return circuit.state == _CLOSED
        if not self._started:
            return False
        if self._alone and self._stale:
            return self._on_unreachable == "allow"
        return circuit.heard and circuit.server_admits == "all"

    def _refresh(self) -> None:
        for circuit in self._circuits.values():
            circuit.plain = self._plain(circuit)

    def _outers(self, outer: Optional[Permit]) -> List[Permit]:
        """The calls around one that have not ended, from the innermost outwards."""
        found = []
        while outer is not None:
            if not outer._settled and outer._life is self._life:
                found.append(outer)
            outer = outer._outer
        return found

    def _decide(self, guard: Guard, outer: Optional[Permit], may_wait: bool) -> Optional[Permit]:
        """Lets a call pass or raises ``CircuitOpen``; None if the server must be asked but the call may not wait."""
        self._start()
        if not self._alone and not all(each.heard or each.unwatched for each in guard._circuits):
            if not may_wait:
                return None
            self._await(guard)
        with self._lock:
            now = self._ticks()
            outers = self._outers(outer)
            self._look_at_gates(guard, outers, now)
            local = self._is_local()
            if self._alone and not local and self._stale:
                if self._on_unreachable == "refuse":
                    raise self._refused(guard, outers, guard._circuits[-1], "unreachable", None)
                return self._admit(guard, outer, outers, now, True)
            ask = self._look(guard, outers, now, local)
            parent = None
            for each in outers:
                if each._token is not None and any(circuit in guard._circuits for circuit in each._guard._circuits):
                    parent = each._token
                    break
            if not ask and (parent is None or self._alone):
                return self._admit(guard, outer, outers, now, local)
            if self._alone:  # obeys the last state heard, and cannot ask for a trial
                return self._unreachable(guard, outer, outers, now)
        return self._ask(guard, outer, parent) if may_wait else None

    def _look(self, guard: Guard, outers: List[Permit], now: int, local: bool) -> bool:
        """Raises if a circuit refuses (for the one with the longest wait); True if the server must be asked."""
        ask = False
        worst: Optional[_Circuit] = None
        longest = 0
        for circuit in guard._circuits:
            wait = 0
            if local or circuit.by_itself:
                wait = circuit.look(now, guard._who, outers)
            elif circuit.server_admits != "all":
                if circuit.server_admits == "none":
                    wait = 60 * _SECOND if circuit.server_until is None else circuit.server_until - now
                ask = ask or wait <= 0
            if wait > longest:
                longest, worst = wait, circuit
        if worst is not None:
            if worst.policy.min_callers > 1:
                worst.asked[guard._who] = now
            state = worst.state if local or worst.by_itself else worst.server_state
            held = (worst.held if local or worst.by_itself else worst.server_held) and state == _OPEN
            raise self._refused(guard, outers, worst, "held" if held else state, longest)
        return ask

    def _admit(self, guard: Guard, outer: Optional[Permit], outers: List[Permit], now: int, local: bool) -> Permit:
        stamps: List[Optional[_Stamp]] = []
        permit = Permit(guard, outer, now, stamps)
        permit._alone = self._alone
        for circuit in guard._circuits:
            if local or circuit.by_itself:
                stamp, place = circuit.take(now, guard._who, outers)
                if place is not None:
                    permit._places = permit._places or {}
                    permit._places[circuit.name] = place
                circuit.plain = self._plain(circuit)
            else:
                stamp = circuit.stamp
                if circuit.policy.min_callers > 1:
                    circuit.asked[guard._who] = now
            stamps.append(stamp)
        self._note(guard, outers)
        return permit

    def _note(self, guard: Guard, outers: List[Permit]) -> None:
        for outer in outers:
            for circuit in guard._circuits:
                _mark(outer, circuit, _ADMITTED)

    def _refused(
        self,
        guard: Guard,
        outers: List[Permit],
        circuit: _Circuit,
        reason: str,
        wait: Optional[int],
        gate: Optional[str] = None,
        why: Optional[str] = None,
    ) -> CircuitOpen:
        for outer in outers:
            _mark(outer, circuit, _REFUSED)
        if self._link.urls:
            if not self._refusals:
                self._changed.notify_all()  # the first one that waits wakes the thread that reports
            self._refusals[guard.agent, circuit.name] = self._refusals.get((guard.agent, circuit.name), 0) + 1
        local = self._alone or circuit.by_itself
        if reason not in ("open", "half_open", "held", "gate", "loop", "unreachable"):
            reason = "open"
        return CircuitOpen(
            circuit.name,
            reason,
            circuit.state if local else circuit.server_state,
            None if wait is None else wait / _SECOND,
            "local" if local else "server",
            self._alternatives(guard, circuit),
            gate,
            why,
        )

    def _look_at_gates(self, guard: Guard, outers: List[Permit], now: int) -> None:
        """Raises if a gate covers the call; those that have ended are forgotten."""
        if not self._gates:
            return
        live = [gate for gate in self._gates if gate["end"] is None or gate["end"] > now]
        if len(live) < len(self._gates):
            self._gates = live
            self._refresh()
        covering = [gate for gate in live if gate["covers"](guard)]
        if covering:
            last = max(covering, key=lambda gate: float("inf") if gate["end"] is None else gate["end"])
            wait = 60 * _SECOND if last["end"] is None else last["end"] - now
            raise self._refused(guard, outers, guard._circuits[-1], "gate", wait, last["id"], last["why"])

    def _await(self, guard: Guard) -> None:
        """Waits for a first report about the guard's circuits, at most ``timeout`` from the first call that has to wait."""
        with self._changed:
            begin = time.monotonic()
            if self._generation is None:
                begin = self._asked_first = self._asked_first or begin
            while not self._alone and not all(each.heard or each.unwatched for each in guard._circuits):
                left = begin + self._timeout - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            if self._generation is None and not self._alone:
                self._go_alone(f"no answer within {self._timeout:g} s")
            for circuit in guard._circuits:
                if not self._alone and not circuit.heard:
                    circuit.heard = True
            self._refresh()

    def _ask(self, guard: Guard, outer: Optional[Permit], parent: Optional[str]) -> Permit:
        """Asks the server for a trial."""
        path = f"/api/v1/circuits/{urllib.parse.quote(guard.agent, safe='')}/permits"
        body: Dict[str, Any] = {"depends_on": list(guard.depends_on)}
        if guard._caller is not None:
            body["caller"] = guard._caller
        if guard._execution is not None:
            body["execution"] = guard._execution
        if parent is not None:
            body["parent"] = parent
        try:
            status, answer, headers = self._link.post(path, body, self._timeout)
            if status == 422 and parent is not None:  # the enclosing permit has ended meanwhile
                del body["parent"]
                status, answer, headers = self._link.post(path, body, self._timeout)
        except _Away as away:
            status, answer, headers = 0, None, {}
            self._last_error = away.reason
        with self._lock:
            now = self._ticks()
            outers = self._outers(outer)
            if status == 200 and isinstance(answer, dict) and isinstance(answer.get("permit"), str):
                permit = Permit(guard, outer, now, ())
                permit._token = answer["permit"]
                self._note(guard, outers)
                return permit
            kind = str(answer.get("type", "")) if isinstance(answer, dict) else ""
            if status == 503 and isinstance(answer, dict) and kind.endswith(("circuit-open", "gate-closed")):
                raise self._refused_by_server(guard, outers, answer, kind.endswith("gate-closed"), now)
            if status == 429:  # the server answers, but takes no request yet
                waiting = next((each for each in guard._circuits if each.server_admits != "all"), guard._circuits[-1])
                wait = int((_wait_of_headers(headers.get) or 1.0) * _SECOND)
                waiting.server_admits, waiting.server_until = "none", now + wait
                raise self._refused(guard, outers, waiting, waiting.server_state, wait)
            if status:
                self._last_error = f"status {status} for a trial: {answer.get('detail', '') if isinstance(answer, dict) else ''}"[:200]
            return self._unreachable(guard, outer, outers, now)

    def _refused_by_server(
        self, guard: Guard, outers: List[Permit], answer: Mapping[str, Any], of_gate: bool, now: int
    ) -> CircuitOpen:
        wait = int(float(answer.get("retry_after_ms") or 1_000) * _MILLI)
        circuit = self._circuits.get(str(answer.get("agent_id"))) or guard._circuits[-1]
        if of_gate and answer.get("reason") == "loop" and guard._execution is not None:
            gate = str(answer.get("gate"))
            self._remember_loop(guard.agent, guard._execution, now, now + wait, gate)
            return self._refused(guard, outers, guard._circuits[-1], "loop", wait, gate)
        if of_gate:
            return self._refused(guard, outers, circuit, "gate", wait, str(answer.get("gate")), _why(answer))
        circuit.server_state = str(answer.get("state", _OPEN))
        if circuit.server_admits != "all":  # an answer may have closed it meanwhile
            circuit.server_admits, circuit.server_until = "none", now + wait
        return self._refused(guard, outers, circuit, "held" if circuit.server_held else circuit.server_state, wait)

    def _remember_loop(self, agent: str, execution: str, now: int, end: int, gate: Optional[str]) -> None:
        if len(self._loops) >= _MOST_LOOPS:
            self._loops = {key: each for key, each in self._loops.items() if each[0] > now}
        if len(self._loops) < _MOST_LOOPS:
            self._loops[agent, execution] = end, gate

    def _look_at_loop(self, guard: Guard) -> None:
        """Refuses a call of an execution that the server has reported as being in a loop."""
        known = self._loops.get((guard.agent, str(guard._execution)))
        if known is not None:
            self._start()  # after a fork: a child reports what it refuses
            with self._lock:
                now = self._ticks()
                if known[0] > now:
                    raise self._refused(guard, self._outers(_chain.get()), guard._circuits[-1], "loop", known[0] - now, known[1])

    def _unreachable(self, guard: Guard, outer: Optional[Permit], outers: List[Permit], now: int) -> Permit:
        """Decides one call for which no trial can be requested."""
        if self._on_unreachable == "refuse":
            raise self._refused(guard, outers, guard._circuits[-1], "unreachable", None)
        if self._on_unreachable == "allow":
            return self._admit(guard, outer, outers, now, False)
        for circuit in guard._circuits:
            wait = circuit.look(now, guard._who, outers)
            if wait > 0:
                raise self._refused(guard, outers, circuit, circuit.state, wait)
        permit = self._admit(guard, outer, outers, now, True)
        permit._alone = True
        return permit

    # --- settling

    def _settle(self, permit: Permit, outcome: Outcome, took: Optional[int]) -> None:
        now = self._ticks()
        with self._lock:
            if permit._settled or permit._life is not self._life:
                return
            permit._settled = True
            guard = permit._guard
            took = now - permit._began if took is None else took
            if outcome is SUCCESS and permit._inner is None and permit._places is None:
                for circuit, stamp in zip(guard._circuits, permit._stamps):
                    if not circuit.succeed(stamp, now):
                        circuit.settle(stamp, None, outcome, took, now, guard._who, self._is_local() or circuit.by_itself)
                        circuit.plain = self._plain(circuit)
            elif permit._stamps or permit._outer is not None:
                self._settle_here(permit, outcome, took, now)
            if self._link.urls:
                stamps = None if permit._alone or permit._token is not None else permit._stamps
                self._enqueue(_Item(guard, outcome, took, now, stamps, permit._token, permit._inner, permit._spending))

    def _settle_here(self, permit: Permit, outcome: Outcome, took: int, now: int) -> None:
        guard = permit._guard
        decides = self._is_local()
        attributed = _attributed(outcome, guard.agent, guard.depends_on)
        of_all = attributed is None
        outers = self._outers(permit._outer) if permit._outer is not None else ()
        of_agent = False
        for circuit, stamp in zip(guard._circuits, permit._stamps or [None] * len(guard._circuits)):
            place = permit._places.pop(circuit.name, None) if permit._places else None
            own = not of_all and attributed == guard.agent == circuit.name
            inner = permit._inner.get(circuit.name, 0) if permit._inner else 0
            hidden = inner & _REFUSED or (inner & _ADMITTED and not (own and not inner & _FAILED))
            reaches = of_all or attributed == circuit.name
            if not reaches and circuit.name.startswith("key:") and _KINDS[cast(str, outcome.kind)][1] == "model":
                reaches = True
            mine = circuit.name == guard.agent and of_agent
            if hidden or not (reaches or mine):
                circuit.give_back(place)
                continue
            state = circuit.state
            if permit._token is None:  # otherwise the server settles it
                of_agent |= circuit.settle(stamp, place, outcome, took, now, guard._who, decides or circuit.by_itself, mine)
            if circuit.state is not state:
                circuit.plain = self._plain(circuit)
            if outers and outcome.kind is not None and circuit.verdict(outcome) in ("failure", "fatal"):
                for outer in outers:
                    _mark(outer, circuit, _FAILED)

    def _record(self, guard: Guard, outcome: Outcome, took: int, spending: Optional[_Spending]) -> None:
        now = self._ticks()
        with self._lock:
            attributed = _attributed(outcome, guard.agent, guard.depends_on)
            for circuit in guard._circuits:
                if attributed is None or attributed == circuit.name:
                    circuit.record(outcome, took, now, guard._who, self._is_local() or circuit.by_itself)
                    circuit.plain = self._plain(circuit)
            if self._link.urls:
                self._enqueue(_Item(guard, outcome, took, now, None, None, None, spending))

    def _enqueue(self, item: _Item) -> None:
        queue = self._queue
        if len(queue) >= _MOST_WAITING - (len(self._batch.items) if self._batch else 0):
            queue.popleft()
            self._lost += 1
            self._reported += 1
        queue.append(item)
        kind = item.outcome.kind
        urgent = item.token is not None or len(queue) >= 100
        if kind is not None and not urgent:
            urgent = kind in _TRIPS or item.outcome.retry_after is not None or any(c.streak >= 3 for c in item.guard._circuits)
        if urgent and not self._urgent:
            self._urgent = True
            self._changed.notify_all()
        elif len(queue) == 1:
            self._changed.notify_all()

    def _waiting(self) -> int:
        return self._owed() + len(self._entries) + (len(self._batch.entries) if self._batch else 0)

    def _unsaid(self) -> bool:
        """Whether anything is left to report: what waits, or how often calls were refused."""
        return bool(self._waiting() or self._refusals or self._batch)

    # --- the agent log

    def _log(self, fields: Dict[str, Any], took: float) -> None:
        if not self._link.urls or self._closed:
            return
        text = json.dumps({name: value for name, value in fields.items() if value is not None}, default=str)
        entry = _Entry(json.loads(text), self._ticks() - int(took * _SECOND), len(text))
        self._start()
        with self._changed:
            self._entry_number += 1
            entry.fields["entry_id"] = f"{self._id}-{self._entry_number}"
            self._entries.append(entry)
            self._entries_size += entry.size
            while len(self._entries) > _MOST_WAITING or self._entries_size > _MOST_ENTRIES_KEPT:
                self._entries_size -= self._entries.popleft().size
                self._lost += 1
            self._urgent = self._urgent or len(self._entries) >= _MOST_IN_BATCH
            if self._urgent or len(self._entries) == 1:
                self._changed.notify_all()

    # --- exchange with the server, on threads of its own

    def _start(self) -> None:
        if self._started or self._closed or not self._link.urls:
            return
        with self._lock:
            if self._started:
                return
            self._started = True
            self._refresh()
            talk = self._talk = object()
            try:
                for target in (self._poll, self._report):
                    threading.Thread(target=target, args=(talk,), name=f"interlock{target.__name__}", daemon=True).start()
            except RuntimeError as full:  # no thread can start, as while the interpreter ends: the next call tries again
                self._started = False
                self._talk = object()  # the other thread ends
                self._go_alone(str(full))
                return
        _end_before_fast_exit()

    def _poll(self, talk: object) -> None:
        """Polls for changes, for ever. While no server answers it tries again; it then reports first."""
        wait = self._backoff
        quick = True
        while self._talk is talk and not self._closed:
            index = self._link.index
            try:
                quick = quick or self._alone or self._generation is None
                self._sync(0 if quick else _POLL_MS, quick)
                wait = self._backoff
                quick = False
                continue
            except _Away as away:
                if not (quick or away.lives or away.revoked):
                    quick = True  # a poll that was cut proves nothing yet: some balancers do that
                    continue
                pause = self._missed(away, index, True)
                hurries = pause is None
                if pause is None:
                    pause = wait * (0.5 + random.random() / 2)
                    wait = min(2 * wait, self._backoff_max)
            except Exception as broken:  # a defect of this client must not end the exchange in silence
                self._complain(f"an error in the exchange with the server: {type(broken).__name__}: {broken}")
                pause, hurries = self._backoff_max, False
            self._pause(talk, pause, hurries)

    def _report(self, talk: object) -> None:
        """Reports outcomes and the watched circuits while the client is connected."""
        again = False
        while self._talk is talk:
            with self._changed:
                while not self._closed and (self._alone or self._generation is None or not self._due()):
                    self._changed.wait(self._until_due())
                if self._closed:
                    return
                end = time.monotonic() + _REPORT_AFTER
                while not (self._urgent or self._flushing or self._closed or self._watch_version != self._watch_known):
                    left = end - time.monotonic()
                    if left <= 0:
                        break
                    self._changed.wait(left)
            index = self._link.index
            try:
                self._sync(0, True)
                again = False
            except _Away as away:
                if not (again or away.lives or away.revoked):
                    again = True  # the answer may be lost: try again at once
                    continue
                again = False
                pause = self._missed(away, index, False)
                self._pause(talk, self._backoff if pause is None else pause)
            except Exception as broken:  # as above
                self._complain(f"an error in reporting: {type(broken).__name__}: {broken}")
                self._pause(talk, self._backoff_max)

    def _due(self) -> bool:
        return bool(self._queue or self._batch or self._refusals or self._entries_due()) or self._watch_version != self._watch_known

    def _until_due(self) -> Optional[float]:
        """Seconds until entries are due that the server did not take yet; None if there are none."""
        if not self._entries or self._entries_from is None:
            return None
        return max(0.001, (self._entries_from - self._ticks()) / _SECOND)

    def _pause(self, talk: object, seconds: float, hurries: bool = False) -> None:
        end = time.monotonic() + seconds
        with self._changed:
            rounds = self._rounds
            while self._talk is talk and not self._closed:
                left = end - time.monotonic()
                if left <= 0 or (hurries and self._flushing and self._rounds == rounds):
                    return
                self._changed.wait(min(left, self._look_at_age()))

    def _look_at_age(self) -> float:
        """Marks the last state heard as stale when its time is over; returns the seconds until then, or a large number."""
        if self._stale or not self._alone:
            return 60.0
        left = 0 if self._heard_at is None else self._heard_at + self._valid_for - self._ticks()
        if left <= 0:
            self._stale = True
            self._refresh()
            return 60.0
        return left / _SECOND

    def _missed(self, away: _Away, index: int, polls: bool) -> Optional[float]:
        """No answer came from the URL of this index. Returns how many seconds to wait, or None for a backoff."""
        with self._lock:
            if self._closed:
                return 0.0
            self._last_error = away.reason
            if away.lives:
                self._link.answered()
                self._valid_for = max(30 * _SECOND, int((away.wait + 30) * _SECOND))
                if self._generation is None:
                    self._go_alone(away.reason)
                return max(away.wait, self._backoff)
            if away.revoked:
                self._revoked = True
                self._rounds += 1
                self._go_alone(away.reason)
                self._changed.notify_all()
                return 30.0
            if not self._link.next(index):
                return 0.0  # another URL is left to try
            self._rounds += 1
            self._go_alone(away.reason)
            self._changed.notify_all()
        if not polls:
            self._link.abort()  # the poll must look for a server, too
        return None

    def _go_alone(self, reason: str) -> None:
        if self._alone or self._closed:
            return
        self._alone = True
        self._since = self._ticks()
        self._last_error = reason
        self._look_at_age()
        self._refresh()
        self._changed.notify_all()
        what = {
            "local": "decides by its own figures",
            "allow": "obeys the last state it heard for 30 s and then lets every call pass",
            "refuse": "obeys the last state it heard for 30 s and then refuses every call",
        }[self._on_unreachable]
        if self._revoked:
            _log.error("Interlock refuses the key (%s): this process %s", reason, what)
        else:
            where = f"Interlock at {self._link.url} cannot be reached"
            _log.warning("%s (%s): this process %s (on_unreachable: %s)", where, reason, what, self._on_unreachable)

    def _come_back(self, now: int) -> None:
        alone = (now - self._since) / _SECOND
        self._alone = self._revoked = self._stale = False
        self._since = now
        for circuit in self._circuits.values():
            if circuit.heard and not circuit.kept:
                circuit.follow(now, self._generation)
        _log.warning("Interlock at %s answers again after %.1f s: this process follows the server again", self._link.url, alone)

    def _sync(self, wait_ms: int, reports: bool) -> None:
        """One exchange; raises ``_Away``."""
        if reports:
            with self._reporting:
                self._exchange(wait_ms, True)
        else:
            self._exchange(wait_ms, False)

    def _exchange(self, wait_ms: int, reports: bool) -> None:
        for _ in range(4):
            with self._lock:
                if self._closed:
                    raise _Away("this client is closed")
                batch = self._next_batch() if reports else None
                sent = self._generation
                watch = self._watch_version
                body = self._body(wait_ms, batch)
            status, answer, headers = self._link.post(
                "/api/v1/sync", body, wait_ms / 1000 + (5.0 if wait_ms or batch else 2.0), wait_ms > 0
            )
            kind = str(answer.get("type", "")) if isinstance(answer, dict) else ""
            wait = _wait_of_headers(headers.get) or 1.0
            if status == 200 and isinstance(answer, dict) and "generation" in answer and "cursor" in answer:
                self._link.answered()
                with self._changed:
                    self._apply(answer, sent, watch, batch)
                if answer.get("closing"):
                    raise _Away("the server is shutting down")
                return
            if status == 409 and kind.endswith("sync-unknown"):
                with self._lock:
                    self._cursor = None
                    self._watch_known = 0
            elif status == 409:
                time.sleep(0.1)  # the server still works on a report of this client
            elif status == 413 and batch is not None and len(batch.items) + len(batch.entries) > 1:
                with self._lock:
                    half = len(batch.items) if batch.entries else (len(batch.items) + 1) // 2
                    part = 0 if batch.items else (len(batch.entries) + 1) // 2
                    self._queue.extendleft(reversed(batch.items[half:]))
                    self._put_back(batch.entries[part:])
                    self._batch = _Batch(batch.number, batch.items[:half], batch.refusals, batch.entries[:part])
            elif status in (400, 413, 422) and batch is not None:
                with self._changed:
                    lost = len(batch.items) + len(batch.entries)
                    self._complain(f"a report was refused, {lost} outcomes and entries are lost: {answer}")
                    self._lost += lost
                    self._reported += len(batch.items)
                    self._batch = None
                    self._changed.notify_all()
            elif status == 429:
                raise _Away("status 429: too many requests", wait, lives=True)
            elif status in (401, 403):
                raise _Away(f"status {status}: {answer.get('detail') if isinstance(answer, dict) else ''}", revoked=True)
            else:
                raise _Away(f"status {status}" + (f": {answer['detail']}" if isinstance(answer, dict) and "detail" in answer else ""))
        raise _Away("the server took none of four requests")

    def _next_batch(self) -> Optional[_Batch]:
        if self._batch is None and (self._queue or self._refusals or self._entries_due()):
            self._number += 1
            items = [self._queue.popleft() for _ in range(min(len(self._queue), _MOST_IN_BATCH))]
            names = list(self._refusals)[:200]
            entries: List[_Entry] = []
            size = 0
            while self._entries_due() and len(entries) < _MOST_IN_BATCH and size < _LARGEST_ENTRIES:
                entries.append(self._entries.popleft())
                size += entries[-1].size
                self._entries_size -= entries[-1].size
            self._batch = _Batch(self._number, items, {name: self._refusals.pop(name) for name in names}, entries)
        self._urgent = len(self._queue) >= 100 or (self._entries_due() and len(self._entries) >= _MOST_IN_BATCH)
        return self._batch

    def _entries_due(self) -> bool:
        return bool(self._entries) and (self._entries_from is None or self._entries_from <= self._ticks())

    def _put_back(self, entries: Sequence[_Entry]) -> None:
        self._entries.extendleft(reversed(entries))
        self._entries_size += sum(each.size for each in entries)

    def _body(self, wait_ms: int, batch: Optional[_Batch]) -> Dict[str, Any]:
        body: Dict[str, Any] = {
            "client": self._id,
            "name": _printable(f"{_host()}/{os.getpid()} python {__version__}"),
            "on_unreachable": self._on_unreachable,
        }
        if self._generation is not None:
            body["generation"] = self._generation
            if self._cursor is not None and (batch is None or self._counted_at is None):
                body["cursor"] = str(self._cursor)  # if not, the answer has the whole state, after this report has counted
        if self._watch_known != self._watch_version:
            body["watch"] = [c.name for c in self._circuits.values() if not c.unwatched or c.heard][:_MOST_WATCHED]
            body["watch_number"] = self._watch_version  # if several lists are under way, the newest counts
        if wait_ms:
            body["wait_ms"] = wait_ms
        if batch is not None:
            now = self._ticks()
            body["batch"] = batch.number
            body["outcomes"] = [self._entry(item, now) for item in batch.items]
            body["refusals"] = [
                {"agent_id": agent, "circuit": circuit, "count": min(count, 1_000_000)}
                for (agent, circuit), count in batch.refusals.items()
            ]
            if batch.entries:
                wall = time.time()
                body["sent_at"] = _written(wall)
                body["entries"] = [
                    {**each.fields, "timestamp": _written(wall - max(0, now - each.began) / _SECOND)} for each in batch.entries
                ]
        return body

    def _entry(self, item: _Item, now: int) -> Dict[str, Any]:
        kind = item.outcome.kind
        entry: Dict[str, Any] = {"outcome": "success" if kind is None else "cancelled" if kind == "CANCELLED" else "failure"}
        if entry["outcome"] == "failure":
            entry["kind"] = kind
            if item.outcome.retry_after is not None:
                entry["retry_after_ms"] = round(item.outcome.retry_after * 1000, 3)
            attributed = item.outcome.attributed_to
            if attributed == item.guard.agent or attributed in item.guard.depends_on:
                entry["concerning"] = attributed
        entry["duration_ms"] = round(item.took / _MILLI, 3)
        if item.guard._caller is not None:
            entry["caller"] = item.guard._caller
        if item.spending is not None:
            entry.update(item.spending.wire())
        if item.token is not None:
            entry["permit"] = item.token
            return entry
        entry["agent_id"] = item.guard.agent
        if item.guard.depends_on:
            entry["depends_on"] = list(dict.fromkeys(name for name in item.guard.depends_on if name != item.guard.agent))
        entry["age_ms"] = round(max(0, now - item.ended) / _MILLI, 3)
        if item.stamps and all(s is not None and s.epoch is not None and s.generation == self._generation for s in item.stamps):
            entry["epochs"] = {c.name: cast(_Stamp, s).epoch for c, s in zip(item.guard._circuits, item.stamps)}
        if item.inner:
            entry["inner"] = {
                word: [name for name, bits in item.inner.items() if bits & bit]
                for word, bit in (("admitted", _ADMITTED), ("refused", _REFUSED), ("failed", _FAILED))
                if any(bits & bit for bits in item.inner.values())
            }
        return entry

    def _apply(self, answer: Mapping[str, Any], sent: Optional[int], watch: int, batch: Optional[_Batch]) -> None:
        """Applies an answer."""
        now = self._ticks()
        generation = int(answer["generation"])
        cursor = int(answer["cursor"])
        receipt = answer.get("receipt")
        if batch is not None and self._batch is not None and batch.number == self._batch.number and isinstance(receipt, dict):
            self._batch = None
            self._receive(batch, receipt, now)
        if generation != self._generation:
            if sent != self._generation:
                return  # the answer of an earlier generation
            if self._generation is not None:
                _log.info("Interlock at %s has restarted (generation %s): its earlier state is forgotten", self._link.url, generation)
            self._generation, self._cursor = generation, None
            self._policies, self._gates = {}, []
        self._watch_known = max(self._watch_known, watch)
        self._heard_at = now
        if self._alone and self._owed():
            self._counted_at = self._reported + self._owed()
            for own in self._circuits.values():
                own.keep()
        self._valid_for = int(float(answer.get("stale_after_ms", 30_000)) * _MILLI)
        if self._cursor is None or cursor > self._cursor or (answer.get("reset") and cursor >= self._cursor):
            self._cursor = cursor
            for name, settings in (answer.get("policies") or {}).items():
                self._policies[name] = _Policy(settings)
            for said in answer.get("circuits") or ():
                circuit = self._circuits.get(said["agent_id"])
                if circuit is not None:
                    circuit.unwatched = False
                    policy = self._policies.get(said.get("policy", ""))
                    if policy is not None and policy is not circuit.policy:
                        circuit.obey(policy)
                        if circuit.guarded:
                            self._know_alternatives(circuit)
                    circuit.hear(said, now, generation)
            if "gates" in answer:
                self._gates = [_gate(said, now) for said in answer["gates"] or ()]
        for refused in answer.get("unwatched") or ():
            circuit = self._circuits.get(refused["agent_id"])
            if circuit is not None and not circuit.unwatched:
                circuit.unwatched = True
                self._complain(f"this process decides alone on {circuit.name}: {refused.get('detail')}")
        if self._alone and not self._closed:
            self._come_back(now)
        elif sent is None:
            self._since = now
        self._follow_counted(now)
        self._refresh()
        self._changed.notify_all()

    def _owed(self) -> int:
        """Outcomes that no server has counted yet."""
        return len(self._queue) + (len(self._batch.items) if self._batch else 0)

    def _follow_counted(self, now: int) -> None:
        """The server has counted what opened circuits in this process: from now on its state applies to these, too."""
        if self._counted_at is None or self._reported < self._counted_at and self._owed():
            return
        self._counted_at = None
        for circuit in self._circuits.values():
            if circuit.kept and circuit.heard:
                circuit.follow_now(now, self._generation)
            circuit.kept = False

    def _receive(self, batch: _Batch, receipt: Mapping[str, Any], now: int) -> None:
        self._reported += len(batch.items)
        again = receipt.get("entries_again_ms")
        if again is not None:
            self._put_back(batch.entries)
            self._entries_from = now + int(float(again) * _MILLI)
        for loop in receipt.get("loops") or ():
            end = now + int(float(loop["retry_after_ms"]) * _MILLI)
            self._remember_loop(str(loop["agent_id"]), str(loop["execution"]), now, end, None)
        refused = int(receipt.get("refused") or 0)
        if refused:
            self._lost += refused
            for error in receipt.get("errors") or ():
                self._complain(f"the server did not take a report: {error.get('detail')}")

    def _complain(self, what: str) -> None:
        if what not in self._complained and len(self._complained) < 100:
            self._complained.add(what)
            _log.warning("Interlock: %s", what)

    # --- streams that hang

    def _watch_stream(self, watch: _StreamWatch) -> None:
        with self._changed:
            if watch in self._streams:
                return
            self._streams.append(watch)
            if len(self._streams) == 1:
                threading.Thread(target=self._watchdog, args=(self._life,), name="interlock_streams", daemon=True).start()

    def _watchdog(self, life: object) -> None:
        """Settles streams that are slower than their limits; ends when no stream is left."""
        while self._life is life:
            late = []
            with self._changed:
                now = self._ticks()
                self._streams = [each for each in self._streams if not each.permit._settled]
                if not self._streams:
                    return
                late = [each for each in self._streams if each.deadline is not None and each.deadline < now]
            for each in late:
                each.expire()
                if not isinstance(each.source, types.GeneratorType):
                    _close(each.source)
            time.sleep(0.02)


ACTIONS: Tuple[str, ...] = ("llm_inference", "tool_call", "decision", "error", "custom")
"""What entries of the agent log are about."""


class Execution:
    """One run of an agent: its entries in the agent log have the same id. Safe for use by any thread."""

    def __init__(self, client: Client, agent: str, execution_id: Optional[str] = None) -> None:
        self.agent = agent
        self.id = execution_id or uuid.uuid4().hex
        self._client = client

    def log(self, action: str, name: Optional[str] = None, **details: Any) -> None:
        """An entry of this run; ``details`` are those of ``Client.log``."""
        self._client.log(self.agent, action, name, execution=self.id, **details)


def _written(seconds: float) -> str:
    """A time as JSON has it."""
    whole, rest = divmod(round(seconds * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{rest:03d}Z"


def _mark(outer: Permit, circuit: _Circuit, bit: int) -> None:
    """Records in an outer call what happened to an inner call in a circuit that both ask."""
    if circuit in outer._guard._circuits:
        if outer._inner is None:
            outer._inner = {}
        outer._inner[circuit.name] = outer._inner.get(circuit.name, 0) | bit


def _pattern(pattern: str) -> "re.Pattern[str]":
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _exactness(pattern: str) -> Tuple[bool, int]:
    return "*" not in pattern, len(pattern)


def _gate(said: Mapping[str, Any], now: int) -> Dict[str, Any]:
    wait = said.get("retry_after_ms")
    regex = _pattern(str(said.get("pattern") or "*"))
    covers: Callable[[Guard], bool] = {
        "organization": lambda guard: True,
        "agents": lambda guard: regex.fullmatch(guard.agent) is not None,
    }.get(str(said.get("covers")), lambda guard: any(regex.fullmatch(c.name) for c in guard._circuits))
    end = None if wait is None else now + int(wait * _MILLI)
    return {"id": str(said.get("id")), "end": end, "covers": covers, "why": _why(said)}


def _why(said: Mapping[str, Any]) -> Optional[str]:
    """What a gate says to callers, if it does."""
    why = said.get("why")
    return why if isinstance(why, str) and why else None


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "host")


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)[:128]


# ------------------------------------------------------------------------------------- exits and forks


def _end_all() -> None:
    end = time.monotonic() + _EXIT_FLUSH
    for client in list(_clients):
        if client._started:
            client._end(max(0.0, end - time.monotonic()), max(0.0, min(_GOODBYE, end + _GOODBYE - time.monotonic())))


def _end_before_fast_exit() -> None:
    """Workers of process pools end without ``atexit``, but with finalizers of their own."""
    for name in ("multiprocessing.util", "billiard.util"):
        module = sys.modules.get(name)
        if module is not None and os.getpid() != _main_process:
            module.Finalize(None, _end_all, exitpriority=100)


_main_process = os.getpid()
atexit.register(_end_all)


_forking: Dict[int, List["Client"]] = {}  # the clients that a thread holds while it forks: others may be created meanwhile


def _before_fork() -> None:
    held = _forking[threading.get_ident()] = list(_clients)
    for client in held:
        client._lock.acquire()


def _after_fork_in_parent() -> None:
    for client in _forking.pop(threading.get_ident(), ()):
        client._lock.release()


def _after_fork_in_child() -> None:
    _forking.clear()
    for client in list(_clients):
        client._link.forget()
        client._begin_life()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
