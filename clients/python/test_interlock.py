"""What the client does without a server; clients/conformance.json is what it does with one."""

import ast
import asyncio
import concurrent.futures
import contextlib
import contextvars
import http.client
import http.server
import json
import logging
import multiprocessing
import os
import pickle
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
from unittest import mock

import interlock
from interlock import CircuitOpen, Failure, ManualClock, StreamTimeout, Usage, classify, connect, usage_of

THREE = {"*": {"failure_threshold": 3, "failure_rate_threshold": None, "cooldown_ms": 60_000, "half_open_max_requests": 1, "success_threshold": 1}}


def unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def broken(kind="ERROR", **more):
    raise Failure(kind, **more)


class Alone(unittest.TestCase):
    """A client that has no server at all."""

    def setUp(self):
        self.clock = ManualClock()
        self.client = connect([], policies=THREE, clock=self.clock)
        self.planner = self.client.guard("planner")

    def fail_three_times(self, guard=None, kind="ERROR"):
        for _ in range(3):
            with self.assertRaises(Failure):
                (guard or self.planner).call(broken, kind)

    def state(self, name="planner"):
        return self.client.circuit(name).state


class Forms(Alone):
    def test_call_hands_on_arguments_results_and_exceptions(self):
        self.assertEqual(self.planner.call(lambda a, b=0: a + b, 1, b=2), 3)
        with self.assertRaisesRegex(ZeroDivisionError, "division"):
            self.planner.call(lambda: 1 / 0)

    def test_three_failures_open_and_nothing_is_called(self):
        self.fail_three_times()
        called = []
        with self.assertRaises(CircuitOpen) as refused:
            self.planner.call(called.append, 1)
        self.assertEqual(called, [])
        refusal = refused.exception
        self.assertEqual((refusal.circuit, refusal.reason, refusal.state, refusal.decided), ("planner", "open", "open", "local"))
        self.assertEqual(refusal.retry_after, 60)
        self.assertEqual(str(refusal), "planner is open; retry in 60 s. Do not repeat this call.")

    def test_a_refusal_survives_pickling(self):
        self.fail_three_times()
        with self.assertRaises(CircuitOpen) as refused:
            self.planner.acquire()
        copy = pickle.loads(pickle.dumps(refused.exception))
        self.assertEqual((str(copy), copy.retry_after), (str(refused.exception), 60))

    def test_a_fallback_answers_refusals_alone(self):
        guarded = self.planner.with_fallback(lambda refusal: f"instead of {refusal.circuit}")
        self.fail_three_times(guarded)
        self.assertEqual(guarded.call(str), "instead of planner")

    def test_alternatives_are_named_while_they_are_closed(self):
        guard = self.client.guard("planner", alternatives=["model:small", "model:other"])
        self.fail_three_times(self.client.guard("model:other"))
        self.fail_three_times()
        with self.assertRaises(CircuitOpen) as refused:
            guard.acquire()
        self.assertEqual(refused.exception.alternatives, ("model:small",))
        self.assertIn("Instead: model:small. Do not repeat this call.", str(refused.exception))

    def test_a_policy_names_alternatives_where_the_guard_names_none(self):
        named = {"failure_threshold": 3, "alternatives": ["model:a", "model:b", "planner", "model:c"]}
        with connect([], policies={"model:*": named, "*": {"failure_threshold": 3}}) as client:
            self.fail_three_times(client.guard("model:b"))
            self.fail_three_times(client.guard("model:a"))
            for alternatives, expected in (((), ("model:c",)), (("tool:x",), ("tool:x",)), (("model:b",), ())):
                with self.subTest(alternatives=alternatives), self.assertRaises(CircuitOpen) as refused:
                    client.guard("planner", ["model:a"], alternatives=alternatives).acquire()
                self.assertEqual(refused.exception.alternatives, expected)

    def test_alternatives_of_a_policy_are_a_list_of_names(self):
        for wrong in ("model:a", [1], [""], ["x" * 257]):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(ValueError, r"'m': alternatives must be a list of names"):
                connect([], policies={"m": {"alternatives": wrong}})

    def test_with_settles_by_how_the_block_ends(self):
        with self.planner:
            pass
        for _ in range(3):
            with self.assertRaises(Failure), self.planner:
                broken()
        self.assertEqual(self.state(), "open")
        with self.assertRaises(CircuitOpen), self.planner:
            self.fail("it ran")

    def test_with_may_be_nested_and_used_by_threads_at_once(self):
        inside = threading.Barrier(4)

        def work():
            with self.planner, self.client.guard("searcher"), self.planner:
                inside.wait(30)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual((self.state(), interlock._chain.get()), ("closed", None))

    def test_a_permit_settles_once_and_is_a_failure_if_nobody_settles_it(self):
        for _ in range(3):
            with self.planner.acquire():
                pass
        self.assertEqual(self.state(), "open")
        self.clock.advance(60)
        permit = self.planner.acquire()
        permit.succeed()
        permit.fail("ERROR")
        self.assertEqual(self.state(), "closed")

    def test_functions_generators_and_coroutines_are_decorated(self):
        @self.planner
        def plan(text):
            """Plans."""
            return text.upper()

        @self.planner
        def pieces():
            yield from "abc"

        @self.planner
        async def later(text):
            return text.upper()

        @self.planner
        async def pieces_later():
            for piece in "abc":
                yield piece

        async def all_later():
            return await later("a"), [piece async for piece in pieces_later()]

        self.assertEqual((plan("a"), plan.__name__, plan.__doc__), ("A", "plan", "Plans."))
        self.assertEqual(list(pieces()), ["a", "b", "c"])
        self.assertEqual(asyncio.run(all_later()), ("A", ["a", "b", "c"]))

    def test_a_coroutine_function_in_a_call_that_does_not_await_it_is_a_mistake(self):
        async def later():
            return 1

        with self.assertRaisesRegex(TypeError, "await guard.acall"):
            self.planner.call(later)

    def test_mistakes_are_named(self):
        with self.assertRaisesRegex(ValueError, "no failure kind 'TIME_OUT'"):
            Failure("TIME_OUT")
        with self.assertRaisesRegex(ValueError, "on_unreachable must be local, allow or refuse"):
            connect([], on_unreachable="open")
        with self.assertRaisesRegex(ValueError, "Policy '\\*': unknown settings cooldown;"):
            connect([], policies={"*": {"cooldown": "60s"}})
        with self.assertRaisesRegex(ValueError, "base must be one of default"):
            connect([], policies={"*": {"base": "upstreams"}})
        with self.assertRaisesRegex(ValueError, r"http\(s\)://host"):
            connect("localhost:8080", key="k")
        with self.assertRaisesRegex(ValueError, "needs a key"):
            connect("http://localhost:8080", key="")
        with self.assertRaisesRegex(TypeError, "list of names"):
            self.client.guard("planner", "model:kimi-k2")

    def test_without_any_url_a_client_says_that_it_is_alone_unless_that_is_what_was_asked_for(self):
        with mock.patch.dict(os.environ):
            os.environ.pop("INTERLOCK_URL", None)
            with self.assertLogs("interlock", "WARNING") as logged:
                self.assertEqual(connect().status.mode, "local")
                connect([])
        self.assertEqual(
            [record.getMessage() for record in logged.records],
            ["No URL: none was given, and INTERLOCK_URL is not set; this process decides alone"],
        )

    def test_the_same_arguments_give_the_same_guard(self):
        self.assertIs(self.client.guard("planner"), self.planner)

    def test_an_answer_with_an_error_status_is_a_failure_though_nothing_is_raised(self):
        answer = type("Response", (), {"__module__": "httpx", "status_code": 503, "headers": {}})()
        for _ in range(3):
            self.assertIs(self.planner.call(lambda: answer), answer)
        self.assertEqual(self.state(), "open")


class Asyncio(Alone, unittest.IsolatedAsyncioTestCase):
    async def test_failures_count_and_cancelling_says_nothing(self):
        async def fails():
            raise Failure("TIMEOUT")

        started = asyncio.Event()

        async def hangs():
            started.set()
            await asyncio.Event().wait()

        for _ in range(2):
            with self.assertRaises(Failure):
                await self.planner.acall(fails)
        task = asyncio.ensure_future(self.planner.acall(hangs))
        await started.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertEqual(self.state(), "closed")
        with self.assertRaises(Failure):
            async with self.planner:
                raise Failure()
        self.assertEqual(self.state(), "open")
        with self.assertRaises(CircuitOpen):
            await self.planner.acall(fails)

    async def test_tasks_have_chains_of_their_own(self):
        seen = []

        async def work(name):
            async with self.client.guard(name):
                await asyncio.sleep(0)
                seen.append(interlock._chain.get()._guard.agent == name)

        await asyncio.gather(*(work(f"agent-{i}") for i in range(5)))
        self.assertEqual(seen, [True] * 5)
        self.assertIsNone(interlock._chain.get())

    async def test_a_stream_that_is_too_slow_is_cancelled_and_counts_as_a_timeout(self):
        closed = []

        async def hangs():
            try:
                yield 1
                await asyncio.Event().wait()
            finally:
                closed.append(True)

        for _ in range(3):
            with self.assertRaises(StreamTimeout):
                async for _ in self.planner.aiterate(hangs, first=30, idle=0.01):
                    pass
        self.assertEqual((self.state(), len(closed)), ("open", 3))

    async def test_a_stream_that_is_awaited_first_and_read_to_its_end_is_a_success(self):
        async def pieces():
            for piece in range(3):
                yield piece

        async def opened():
            return pieces()

        self.assertEqual([piece async for piece in self.planner.aiterate(opened, first=30, total=30)], [0, 1, 2])

    async def test_a_consumer_that_stops_early_has_cancelled(self):
        async def pieces():
            while True:
                yield 1

        for _ in range(5):
            stream = self.planner.aiterate(pieces)
            await stream.__anext__()
            await stream.aclose()
        self.assertEqual(self.state(), "closed")


class Streams(Alone):
    def test_a_stream_asks_with_its_first_piece_and_counts_at_its_end(self):
        def fails():
            yield 1
            raise Failure("SERVER_ERROR")

        for _ in range(3):
            with self.assertRaises(Failure):
                list(self.planner.iterate(fails))
        stream = self.planner.iterate(fails)
        with self.assertRaises(CircuitOpen):
            next(stream)

    def test_a_consumer_that_stops_early_has_cancelled(self):
        for _ in range(5):
            for _ in self.planner.iterate([1, 2, 3]):
                break
        self.assertEqual(self.state(), "closed")

    def test_a_slow_consumer_is_no_slow_stream(self):
        stream = self.planner.iterate([1, 2], first=1, idle=1)
        next(stream)
        self.clock.advance(100)
        self.assertEqual(list(stream), [2])

    def test_a_slow_piece_is_a_timeout(self):
        def slow():
            self.clock.advance(2)
            yield 1

        for _ in range(3):
            with self.assertRaises(StreamTimeout):
                list(self.planner.iterate(slow, first=1))
        self.assertEqual(self.state(), "open")

    def test_a_stream_that_hangs_counts_while_it_hangs_and_its_source_is_closed(self):
        client = connect([], policies=THREE)
        guard = client.guard("planner")

        class Hangs:
            def __init__(self):
                self.closed = threading.Event()

            def __iter__(self):
                return self

            def __next__(self):
                self.closed.wait(30)
                raise OSError("closed")

            def close(self):
                self.closed.set()

        for _ in range(3):
            with self.assertRaises(StreamTimeout):
                list(guard.iterate(Hangs, first=0.01))
        self.assertEqual(client.circuit("planner").state, "open")

    def test_the_pieces_are_made_within_the_call(self):
        inner = self.client.guard("searcher", depends_on=["model:m"])
        outer = self.client.guard("planner", depends_on=["model:m"])

        def pieces():
            for _ in range(2):
                yield inner.call(str)

        stream = outer.iterate(pieces)
        next(stream)
        self.assertIsNone(interlock._chain.get(), "nothing of the consumer's is within the call")
        list(stream)


class Chains(Alone):
    def test_each_real_call_counts_once(self):
        outer = self.client.guard("planner", depends_on=["model:m"])
        inner = self.client.guard("searcher", depends_on=["model:m"])
        for _ in range(2):
            with self.assertRaises(Failure):
                outer.call(inner.call, broken, "SERVER_ERROR")
        self.assertEqual(self.client._circuits["model:m"].streak, 2)

    def test_an_answer_instead_of_a_refused_call_is_nobodys_success(self):
        outer = self.client.guard("planner", depends_on=["model:m"])
        inner = self.client.guard("searcher", depends_on=["model:m"]).with_fallback(lambda refusal: "nothing")
        permit = self.client.guard("model:m").acquire()
        self.fail_three_times(self.client.guard("model:m"))
        permit.succeed()
        self.assertEqual(self.state("model:m"), "open")
        self.clock.advance(60)
        self.assertEqual(outer.call(inner.call, str), "", "within the trial of the outer call")
        self.assertEqual(self.state("model:m"), "closed")

    def test_a_thread_is_handed_a_chain_by_its_context(self):
        outer = self.client.guard("planner", depends_on=["model:m"])
        inner = self.client.guard("searcher", depends_on=["model:m"])
        self.fail_three_times(self.client.guard("model:m"))
        self.clock.advance(60)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:

            def work():
                stranger = pool.submit(inner.call, str)
                self.assertIsInstance(stranger.exception(30), CircuitOpen)
                return pool.submit(contextvars.copy_context().run, inner.call, str).result(30)

            self.assertEqual(outer.call(work), "")


class Attribution(Alone):
    def test_a_models_failure_opens_the_model_and_not_its_agents(self):
        guard = self.client.guard("planner", depends_on=["model:kimi-k2", "key:team"])
        self.fail_three_times(guard, "SERVER_ERROR")
        self.assertEqual((self.state("model:kimi-k2"), self.state("key:team"), self.state()), ("open", "closed", "closed"))

    def test_an_unknown_failure_stays_with_the_agent(self):
        guard = self.client.guard("planner", depends_on=["model:kimi-k2"])
        self.fail_three_times(guard)
        self.assertEqual((self.state("model:kimi-k2"), self.state()), ("closed", "open"))

    def test_a_used_up_quota_is_the_keys(self):
        guard = self.client.guard("planner", depends_on=["model:kimi-k2", "key:team"])
        with self.assertRaises(Failure):
            guard.call(broken, "QUOTA_EXHAUSTED")
        self.assertEqual((self.state("key:team"), self.state("model:kimi-k2")), ("open", "closed"))

    def test_all_circuits_let_a_call_pass_or_none_does(self):
        guard = self.client.guard("planner", depends_on=["model:kimi-k2"])
        self.fail_three_times(self.client.guard("model:kimi-k2"))
        self.clock.advance(60)
        trial = self.client.guard("model:kimi-k2").acquire()
        self.fail_three_times()
        self.clock.advance(60)
        for _ in range(3):
            with self.assertRaises(CircuitOpen) as refused:
                guard.acquire()
            self.assertEqual(refused.exception.circuit, "model:kimi-k2")
        trial.succeed()
        guard.acquire().succeed()
        self.assertEqual((self.state(), self.state("model:kimi-k2")), ("closed", "closed"))


class Classifier(unittest.TestCase):
    def sdk(self, module, name, text="", base=Exception, **facts):
        thrown = type(name, (base,), {"__module__": module})(text)
        for key, value in facts.items():
            setattr(thrown, key, value)
        return thrown

    def test_exceptions_of_the_sdks_by_name_and_status(self):
        answer = type("Response", (), {"status_code": 429, "headers": {"Retry-After": "7"}, "_content": b""})()
        quota = {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}
        aws = {
            "Error": {"Code": "ThrottlingException", "Message": "Too many tokens"},
            "ResponseMetadata": {"HTTPStatusCode": 429, "HTTPHeaders": {"retry-after": "3"}},
        }
        for thrown, kind, wait in [
            (self.sdk("openai", "RateLimitError", status_code=429, response=answer, body=None), "RATE_LIMITED", 7),
            (self.sdk("openai", "RateLimitError", status_code=429, code="insufficient_quota", body=quota), "QUOTA_EXHAUSTED", None),
            (self.sdk("openai", "APITimeoutError"), "TIMEOUT", None),
            (self.sdk("openai", "APIConnectionError"), "CONNECTION", None),
            (self.sdk("openai", "BadRequestError", status_code=400, code="context_length_exceeded"), "CONTEXT_LENGTH", None),
            (self.sdk("openai", "NotFoundError", status_code=404, code="model_not_found"), "MODEL_NOT_FOUND", None),
            (self.sdk("openai", "InternalServerError", status_code=503), "OVERLOADED", None),
            (self.sdk("anthropic", "APIStatusError", status_code=529), "OVERLOADED", None),
            (self.sdk("anthropic", "APIStatusError", status_code=200, body={"error": {"type": "overloaded_error"}}), "OVERLOADED", None),
            (self.sdk("anthropic", "AuthenticationError", status_code=401), "AUTHENTICATION", None),
            (self.sdk("anthropic", "PermissionDeniedError", status_code=403), "FORBIDDEN", None),
            (self.sdk("httpx", "ReadTimeout"), "TIMEOUT", None),
            (self.sdk("httpx", "RemoteProtocolError", base=self.sdk("httpx", "TransportError").__class__), "CONNECTION", None),
            (self.sdk("httpx", "HTTPStatusError", response=answer), "RATE_LIMITED", 7),
            (self.sdk("requests.exceptions", "ConnectTimeout"), "TIMEOUT", None),
            (self.sdk("requests.exceptions", "ChunkedEncodingError"), "CONNECTION", None),
            (self.sdk("requests.exceptions", "HTTPError", response=answer), "RATE_LIMITED", 7),
            (self.sdk("botocore.exceptions", "ClientError", response=aws), "RATE_LIMITED", 3),
            (self.sdk("botocore.errorfactory", "ModelTimeoutException", response={"Error": {"Code": "ModelTimeoutException"}}), "TIMEOUT", None),
            (self.sdk("botocore.exceptions", "EndpointConnectionError"), "CONNECTION", None),
            (self.sdk("botocore.exceptions", "NoCredentialsError"), "AUTHENTICATION", None),
            (urllib.error.HTTPError("http://x", 503, "Service Unavailable", {"Retry-After": "2"}, None), "OVERLOADED", 2),
            (urllib.error.URLError(ConnectionRefusedError()), "CONNECTION", None),
            (TimeoutError(), "TIMEOUT", None),
            (asyncio.TimeoutError(), "TIMEOUT", None),
            (socket.timeout(), "TIMEOUT", None),
            (ConnectionResetError(), "CONNECTION", None),
            (socket.gaierror(), "CONNECTION", None),
            (ssl.SSLError(), "CONNECTION", None),
            (http.client.RemoteDisconnected(), "CONNECTION", None),
            (http.client.IncompleteRead(b""), "CONNECTION", None),
            (json.JSONDecodeError("x", "", 0), "MALFORMED_OUTPUT", None),
            (asyncio.CancelledError(), "CANCELLED", None),
            (KeyboardInterrupt(), "CANCELLED", None),
            (RuntimeError("500 items"), "ERROR", None),
            (RuntimeError("429 - slow down, try again in 1m12.5s"), "RATE_LIMITED", 72.5),
            (RuntimeError("Error code: 503 - busy"), "OVERLOADED", None),
            (ValueError("a bug"), "ERROR", None),
        ]:
            with self.subTest(type(thrown).__name__, module=type(thrown).__module__, kind=kind):
                outcome = classify(thrown)
                self.assertEqual((outcome.kind, outcome.retry_after), (kind, wait))

    def test_a_refusal_by_a_circuit_is_read_first_wherever_it_is(self):
        header = type("Response", (), {"status_code": 424, "headers": {"interlock-refused": "model:m"}})()
        for thrown in (
            CircuitOpen("model:m", "open", "open", 1.0, "local"),
            self.sdk("openai", "APIStatusError", status_code=424, response=header),
            self.sdk("openai", "RateLimitError", status_code=429, body={"code": "circuit_open"}),
        ):
            wrapped = RuntimeError("tool failed")
            wrapped.__cause__ = thrown
            self.assertEqual((classify(thrown).kind, classify(wrapped).kind), ("DOWNSTREAM_OPEN",) * 2)

    def test_causes_count_and_suppressed_contexts_do_not(self):
        def chained(suppress):
            try:
                try:
                    raise TimeoutError()
                except TimeoutError:
                    if suppress:
                        raise RuntimeError("other") from None
                    raise RuntimeError("wrapped")
            except RuntimeError as thrown:
                return classify(thrown).kind

        self.assertEqual((chained(False), chained(True)), ("TIMEOUT", "ERROR"))

    def test_a_circle_of_causes_and_accessors_that_throw_end(self):
        class Hostile(Exception):
            __module__ = "openai"

            @property
            def status_code(self):
                raise RuntimeError("no")

            def __str__(self):
                raise RuntimeError("no")

        thrown = Hostile()
        other = RuntimeError()
        thrown.__cause__, other.__cause__ = other, thrown
        self.assertEqual(classify(thrown).kind, "ERROR")

    def test_waits_in_all_forms(self):
        def wait(**headers):
            response = type("Response", (), {"status_code": 429, "headers": headers})()
            return classify(self.sdk("openai", "RateLimitError", status_code=429, response=response)).retry_after

        ahead = time.time() + 100
        rfc = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(ahead))
        self.assertEqual(wait(**{"retry-after-ms": "1500"}), 1.5)
        self.assertEqual(wait(**{"Retry-After": "0.5"}), 0.5)
        self.assertAlmostEqual(wait(**{"retry-after": rfc}), 100, delta=30)
        self.assertIsNone(wait(**{"retry-after": "0"}))
        self.assertIsNone(wait(**{"retry-after": "soon"}))
        self.assertIsNone(wait(**{"x-ratelimit-reset-requests": "20s"}), "a reset alone is no wait")
        self.assertEqual(wait(**{"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}), 360)

    def test_a_wait_of_more_than_a_day_is_a_quota(self):
        response = type("Response", (), {"status_code": 429, "headers": {"retry-after": "90000"}})()
        self.assertEqual(classify(self.sdk("openai", "RateLimitError", response=response)).kind, "QUOTA_EXHAUSTED")

    def test_ones_own_classifier_is_asked_first(self):
        client = connect([], policies=THREE, classifier=lambda thrown: "QUOTA_EXHAUSTED" if "used up" in str(thrown) else None)
        guard = client.guard("planner")
        with self.assertRaises(ValueError):
            guard.call(int, "a number that is no number")
        self.assertEqual(client.circuit("planner").state, "closed")
        with self.assertRaises(RuntimeError):
            with guard:
                raise RuntimeError("used up")
        self.assertEqual(client.circuit("planner").state, "open")


class NobodyThere(unittest.TestCase):
    """A server that does not answer: nothing listens at its port, or what listens says nothing."""

    def client(self, on_unreachable, url=None):
        self.clock = ManualClock()
        client = connect(
            url or f"http://127.0.0.1:{unused_port()}",
            "il_none",
            on_unreachable=on_unreachable,
            policies=THREE,
            clock=self.clock,
        )
        self.addCleanup(client.close)
        return client

    def setUp(self):
        self.logged = []
        handler = logging.Handler()
        handler.emit = lambda record: self.logged.append(record.getMessage())
        logging.getLogger("interlock").addHandler(handler)
        logging.getLogger("interlock").propagate = False
        self.addCleanup(logging.getLogger("interlock").removeHandler, handler)

    def test_local_goes_by_its_own_figures_and_says_so(self):
        client = self.client("local")
        guard = client.guard("planner")
        for _ in range(3):
            with self.assertRaises(Failure):
                guard.call(broken)
        with self.assertRaises(CircuitOpen) as refused:
            guard.call(str)
        self.assertEqual(refused.exception.decided, "local")
        self.assertEqual((client.status.mode, client.status.waiting, client.status.generation), ("local", 3, None))
        self.assertIsNotNone(client.status.last_error)
        self.assertRegex(self.logged[0], "cannot be reached .*: this process decides by its own figures")

    def test_allow_lets_everything_pass(self):
        client = self.client("allow")
        guard = client.guard("planner")
        for _ in range(10):
            with self.assertRaises(Failure):
                guard.call(broken)
        self.assertEqual(client.status.mode, "allow")

    def test_refuse_refuses_everything_and_names_why(self):
        client = self.client("refuse")
        with self.assertRaises(CircuitOpen) as refused:
            client.guard("planner").call(str)
        self.assertEqual((refused.exception.reason, refused.exception.retry_after), ("unreachable", None))
        self.assertIn("Do not repeat this call.", str(refused.exception))

    def test_a_server_that_says_nothing_holds_a_call_up_by_the_time_out_at_most_and_once(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(10)
            client = self.client("local", f"http://127.0.0.1:{silent.getsockname()[1]}")
            guard = client.guard("planner")
            self.assertEqual(guard.call(str), "")
            self.assertEqual(client.status.mode, "local")
            self.assertRegex(self.logged[0], "no answer within 0.2 s")

    def test_what_is_no_answer_of_interlock_is_nobody(self):
        page = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>Hi</html>"
        with socket.socket() as balancer:
            balancer.bind(("127.0.0.1", 0))
            balancer.listen(10)

            def answer():
                while True:
                    try:
                        connection, _ = balancer.accept()
                    except OSError:
                        return
                    with connection:
                        connection.recv(65_536)
                        connection.sendall(page)

            threading.Thread(target=answer, daemon=True).start()
            client = self.client("local", f"http://127.0.0.1:{balancer.getsockname()[1]}")
            self.assertEqual(client.guard("planner").call(str), "")
            self.assertEqual(client.status.mode, "local")

    def test_outcomes_wait_and_the_oldest_are_lost_and_counted(self):
        client = self.client("local")
        guard = client.guard("planner")
        for _ in range(10_010):
            guard.call(str)
        self.assertEqual((client.status.waiting, client.status.lost), (10_000, 10))
        self.assertFalse(client.flush(0.01))


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers POST /api/v1/sync as a test says: real HTTP."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.__dict__.setdefault("paths", set()).add(self.path)
        status, said = self.server.answer(body)
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # a poll whose client is gone
            self.wfile.write(text)

    def log_message(self, *args):
        pass


class Reporting(unittest.TestCase):
    """A client whose reports a server takes."""

    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that is gone
        self.server.asked, self.server.answer = [], self.take
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        logging.getLogger("interlock").propagate = False
        self.client = connect(f"http://127.0.0.1:{self.server.server_address[1]}", "il_any", policies=THREE, timeout=10)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.client.close)

    def take(self, body, **receipt):
        if body.get("wait_ms"):
            threading.Event().wait(0.05)
        answer = {"generation": 1, "cursor": str(len(self.server.asked)), "stale_after_ms": 30_000}
        if "batch" in body:
            answer["receipt"] = {"batch": body["batch"], "refused": 0, "errors": [], "entries_again_ms": None, **receipt}
        return 200, answer


class Logs(Reporting):
    """Entries of the agent log, as a server reads them."""

    def with_entries(self):
        return [body for body in self.server.asked if body.get("entries")]

    def test_entries_that_the_server_takes_later_go_in_a_new_report(self):
        full = [60]
        self.server.answer = lambda body: self.take(body, entries_again_ms=full.pop() if body.get("entries") and full else None)
        run = self.client.execution("planner", "run-7")
        self.client.guard("planner")
        run.log("llm_inference", "kimi-k2", took=1.0, error=TimeoutError("no plan"), metadata={"tries": 2})
        self.client.log("searcher", "decision", input="x" * 3_000)
        self.assertTrue(self.client.flush(20))
        sent = self.with_entries()
        self.assertGreater(sent[-1]["batch"], sent[0]["batch"])
        entries = {entry["agent_id"]: entry for body in sent[1:] for entry in body["entries"]}
        plan, search = entries["planner"], entries["searcher"]
        self.assertEqual(
            [plan[field] for field in ("action_type", "action_name", "execution_id", "status", "error_message", "error_kind", "latency_ms")],
            ["llm_inference", "kimi-k2", "run-7", "failure", "no plan", "TIMEOUT", 1000],
        )
        self.assertEqual((plan["guarded"], search["guarded"], plan["metadata"]), (True, False, {"tries": 2}))
        self.assertEqual(len(search["input_summary"]), 2_000)
        self.assertLess(plan["timestamp"], sent[-1]["sent_at"])
        self.assertNotEqual(plan["entry_id"], search["entry_id"])
        self.assertEqual((self.client.status.waiting, self.client.status.lost), (0, 0))

    def test_a_report_that_is_too_large_goes_in_halves(self):
        def answer(body):
            size = len(body.get("entries") or ()) + len(body.get("outcomes") or ())
            return (413, {"type": "too-large"}) if size > 1 else self.take(body)

        self.server.answer = answer
        guard = self.client.guard("planner")
        for _ in range(3):
            guard.record()
            self.client.log("planner", "custom")
        self.assertTrue(self.client.flush(20))
        taken = [body for body in self.server.asked if len(body.get("entries") or ()) + len(body.get("outcomes") or ()) == 1]
        self.assertEqual((len(taken), self.client.status.lost), (6, 0))

    def test_an_entry_that_can_be_none_is_refused_at_once(self):
        with self.assertRaisesRegex(ValueError, "one of llm_inference"):
            self.client.log("planner", "dance")
        with self.assertRaisesRegex(ValueError, "failure kind"):
            self.client.log("planner", "error", error_kind="BAD")


def of(module, **fields):
    """An object of a class of an SDK."""
    return type("Answer", (), {"__module__": module, **fields})()


def chat(tokens_in, tokens_out, cached=0):
    """An answer of OpenAI's chat completions, as the SDK has it."""
    usage = of("openai.types", prompt_tokens=tokens_in, completion_tokens=tokens_out, prompt_tokens_details={"cached_tokens": cached})
    return of("openai.types.chat", usage=usage)


class Watching(Reporting):
    """A client whose server says that all circuits are in one state."""

    def setUp(self):
        super().setUp()
        self.watched = set()
        self.admits = {"state": "closed", "admits": "all"}
        self.server.answer = self.said

    def said(self, body, **receipt):
        self.watched.update(body.get("watch") or ())
        status, answer = self.take(body, **receipt)
        circuit = {"held": False, "retry_after_ms": 0, "epoch": 1, "mode": "enforce", "policy": "default", **self.admits}
        return status, {**answer, "circuits": [{"agent_id": name, **circuit} for name in sorted(self.watched)]}


class Paths(Watching):
    """A server below a path of its host, as behind a reverse proxy."""

    def test_the_path_of_the_url_comes_before_that_of_all_requests(self):
        for end in ("", "/"):
            self.client.close()
            self.server.paths = set()
            self.client = connect(f"http://127.0.0.1:{self.server.server_address[1]}/tools/interlock{end}", "il_any", timeout=10)
            self.addCleanup(self.client.close)
            self.assertEqual(self.client.guard("planner").call(str), "")
            self.assertTrue(self.client.flush(20))
            self.assertEqual(self.server.paths, {"/tools/interlock/api/v1/sync"})


class Lists(Watching):
    """What is watched, as the server hears of it."""

    def test_a_list_has_a_number_and_a_longer_one_a_higher_number(self):
        for name in ("planner", "writer", "reader"):
            self.client.guard(name).call(str)
        self.assertTrue(self.client.flush(20))
        said = list(self.server.asked)
        lists = sorted((len(body["watch"]), body["watch_number"]) for body in said if "watch" in body)
        self.assertEqual(lists[-1][0], 3)
        for (shorter, before), (longer, after) in zip(lists, lists[1:]):
            self.assertTrue(after > before if longer > shorter else after >= before, lists)
        self.assertTrue(all(("watch" in body) == ("watch_number" in body) for body in said))


class NoThreads(Watching):
    """A process that gets no more threads, for a while."""

    def test_calls_go_on_alone_until_there_are_threads(self):
        start = threading.Thread.start
        for threads in (0, 1):  # so many of its two
            left = [None] * threads

            def scarce(thread):
                if thread.name.startswith("interlock"):
                    if not left:
                        raise RuntimeError("can't start new thread")
                    left.pop()
                start(thread)

            with mock.patch.object(threading.Thread, "start", scarce):
                self.assertEqual(self.client.guard("planner").call(str), "")
            if threads == 0:
                self.assertEqual((self.client.status.mode, self.client.status.last_error), ("local", "can't start new thread"))
        self.assertEqual(self.client.guard("planner").call(str), "")
        self.assertTrue(self.client.flush(20))
        self.assertEqual(self.client.status.mode, "connected")
        self.assertEqual(sum(len(body.get("outcomes") or ()) for body in self.server.asked), 3)


class SeveralServers(Watching):
    """Two servers of one fleet, which answer or not."""

    def setUp(self):
        super().setUp()
        self.other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        self.other.daemon_threads = True
        self.other.handle_error = lambda *_: None
        self.other.asked, self.other.answer = [], self.said
        threading.Thread(target=self.other.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.other.server_close)
        self.addCleanup(self.other.shutdown)
        self.client.close()
        urls = [f"http://127.0.0.1:{each.server_address[1]}" for each in (self.server, self.other)]
        self.client = connect(urls, "il_any", policies=THREE, timeout=10)
        self.addCleanup(self.client.close)
        self.first, self.second = urls
        self.logged = []
        handler = logging.Handler()
        handler.emit = lambda record: self.logged.append(record.getMessage())
        logging.getLogger("interlock").addHandler(handler)
        self.addCleanup(logging.getLogger("interlock").removeHandler, handler)

    def until(self, what):
        end = time.monotonic() + 30
        while not what():
            self.assertLess(time.monotonic(), end, self.client.status)
            threading.Event().wait(0.01)

    def follows(self, url):
        """It takes a report; to be the next that is asked says little."""
        self.assertEqual(self.client.guard("planner").call(str), "")
        self.assertTrue(self.client.flush(20))
        self.assertEqual((self.client.status.mode, self.client.status.url), ("connected", url))

    def test_one_that_does_not_answer_has_another_in_its_place_and_nobody_goes_alone(self):
        away = lambda body: (503, {})
        self.server.answer = away
        self.follows(self.second)
        self.server.answer = self.said  # first: one of them answers at any moment
        self.other.answer = away
        self.follows(self.first)
        self.other.answer = self.said
        self.server.answer = away
        self.follows(self.second)
        self.assertEqual(self.logged, [])

    def test_alone_is_who_has_tried_them_all(self):
        self.follows(self.first)
        self.server.answer = self.other.answer = lambda body: (503, {})
        self.until(lambda: self.client.status.mode == "local")
        self.assertTrue(self.other.asked)
        self.assertRegex(self.logged[0], "this process decides by its own figures")
        self.other.answer = self.said
        self.until(lambda: self.client.status.mode == "connected")
        self.assertEqual(self.client.status.url, self.second)
        self.assertRegex(self.logged[1], f"{self.second} answers again")


class Leaving(Watching):
    """A process that ends says so."""

    def test_a_client_that_is_closed_says_so_alone_and_after_its_last_report(self):
        self.client.guard("planner").call(str)
        self.client.close()
        first, last = self.server.asked[0], [body for body in self.server.asked if "wait_ms" not in body][-1]
        self.assertEqual(last, {"client": first["client"], "leaving": True})
        self.assertEqual(sum(len(body.get("outcomes") or ()) for body in self.server.asked), 1)
        self.client.close()
        self.assertEqual(sum("leaving" in body for body in self.server.asked), 1)

    def test_a_server_that_does_not_answer_or_knows_of_no_goodbye_keeps_nobody_waiting(self):
        over = threading.Event()
        self.addCleanup(over.set)

        def answer(body):
            if "leaving" not in body:
                return self.said(body)
            over.wait(60)
            return 400, {"type": "invalid"}

        self.server.answer = answer
        self.client.guard("planner").call(str)
        with self.assertNoLogs("interlock", "WARNING") if hasattr(self, "assertNoLogs") else contextlib.nullcontext():
            self.client.close()
        self.assertEqual(self.client.status.mode, "closed")
        self.assertFalse(over.is_set())

    def test_a_client_that_is_alone_waits_for_no_server_to_say_goodbye_to(self):
        self.server.answer = lambda body: (500, {})
        self.client.guard("planner").call(str)
        self.assertFalse(self.client.flush(20))
        self.assertEqual(self.client.status.mode, "local")
        self.client.close()
        self.assertFalse(any("leaving" in body for body in self.server.asked))

    def test_a_script_says_so_at_its_exit(self):
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        script = f"import interlock; c = interlock.connect({url!r}, 'il_any'); c.guard('planner').call(str); c.flush(20)"
        folder = os.path.dirname(os.path.abspath(interlock.__file__))
        ended = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(len([body for body in self.server.asked if body.get("leaving")]), 1)  # others ask meanwhile


class Refusals(Watching):
    """A client that has nothing to report but how often it refused."""

    def setUp(self):
        super().setUp()
        self.admits = {"state": "open", "admits": "none", "retry_after_ms": 60_000}

    def refuse(self, guard, times=4):
        for _ in range(times):
            with self.assertRaises(CircuitOpen):
                guard.call(str)

    def reported(self):
        return [refusal for body in list(self.server.asked) for refusal in body.get("refusals") or ()]

    def expected(self, times=4):
        return [{"agent_id": "planner", "circuit": "planner", "count": times}]

    def test_they_are_reported_though_nobody_asks_for_it(self):
        self.refuse(self.client.guard("planner"), 1)
        with self.client._changed:
            self.assertTrue(self.client._changed.wait_for(lambda: self.reported() and not self.client._unsaid(), 30))
        self.assertEqual(self.reported(), self.expected(1))

    def test_flush_and_close_report_them(self):
        for end in (lambda client: client.flush(20), lambda client: client.close()):
            client = connect(f"http://127.0.0.1:{self.server.server_address[1]}", "il_any", policies=THREE, timeout=10)
            self.addCleanup(client.close)
            self.refuse(client.guard("planner"), 1)
            self.assertTrue(client.flush(20))
            self.server.asked = []
            with client._reporting:  # no report goes before the end
                self.refuse(client.guard("planner"))
                self.assertEqual(self.reported(), [])
            self.assertIn(end(client), (True, None))
            self.assertEqual(sum(each["count"] for each in self.reported()), 4)

    def test_flush_says_whether_they_were_taken(self):
        self.refuse(self.client.guard("planner"), 1)
        self.assertTrue(self.client.flush(20))
        self.server.answer = lambda body: (503, {})
        self.refuse(self.client.guard("planner"))
        self.assertFalse(self.client.flush(20))

    def test_a_script_reports_them_at_its_exit(self):
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        script = (
            f"import interlock\nguard = interlock.connect({url!r}, 'il_any', timeout=10).guard('planner')\n"
            "for _ in range(4):\n try: guard.call(str)\n except interlock.CircuitOpen: pass"
        )
        folder = os.path.dirname(os.path.abspath(interlock.__file__))
        ended = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(sum(each["count"] for each in self.reported()), 4)

    def test_a_client_without_a_server_counts_none(self):
        with connect([], policies=THREE) as client:
            guard = client.guard("planner")
            for _ in range(3):
                guard.record("ERROR")
            self.refuse(guard)
            self.assertFalse(client._unsaid())


REPEATS = (
    "planner repeats itself: the same call had the same result several times in this execution; its further calls are refused"
    " for 60 s. Do not repeat this call."
)

USED_UP = "The budget small is used up: 1,050 of 1,000 tokens used in an hour"


class Gates(Watching):
    """What a refusal by a gate says."""

    def refused(self, guard):
        with self.assertRaises(CircuitOpen) as refused:
            guard.call(str)
        return refused.exception

    def test_a_budget_s_says_which_budget_and_a_stop_s_which_gate(self):
        budget = {"id": "budget:small:planner", "covers": "agents", "pattern": "planner", "retry_after_ms": None, "why": USED_UP}
        stop = {"id": "stop", "covers": "agents", "pattern": "writer", "retry_after_ms": None}
        self.server.answer = lambda body: (200, {**self.said(body)[1], "gates": [budget, stop]})
        refusal = self.refused(self.client.guard("planner"))
        self.assertEqual((refusal.reason, refusal.gate, refusal.why), ("gate", "budget:small:planner", USED_UP))
        self.assertEqual(str(refusal), f"planner is over a budget; retry in 60 s. {USED_UP}. Do not repeat this call.")
        self.assertEqual(str(pickle.loads(pickle.dumps(refusal))), str(refusal))
        refusal = self.refused(self.client.guard("writer"))
        self.assertEqual(str(refusal), "writer is behind a closed gate 'stop'; retry in 60 s. Do not repeat this call.")
        self.assertIsNone(refusal.why)

    def test_the_refusal_of_a_trial_says_so_too(self):
        self.admits = {"state": "half_open", "admits": "trial"}
        said = {"type": "gate-closed", "reason": "gate", "agent_id": "planner", "gate": "budget:small:planner", "retry_after_ms": 1_000}
        self.server.answer = lambda body: self.said(body) if "client" in body else (503, {**said, "why": USED_UP})
        refusal = self.refused(self.client.guard("planner"))
        self.assertEqual(str(refusal), f"planner is over a budget; retry in 1 s. {USED_UP}. Do not repeat this call.")


class Loops(Watching):
    """Executions that the server has found in a loop."""

    def setUp(self):
        super().setUp()
        self.clock = ManualClock()
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.client = connect(url, "il_any", policies=THREE, timeout=10, clock=self.clock)
        self.addCleanup(self.client.close)
        self.planner = self.client.guard("planner")
        self.run_1 = self.planner.with_execution(self.client.execution("planner", "run-1"))

    def refused(self, guard=None):
        with self.assertRaises(CircuitOpen) as refused:
            (guard or self.run_1).call(str)
        return refused.exception

    def test_one_that_a_receipt_names_is_refused_until_that_ends_and_others_pass(self):
        loop = {"agent_id": "planner", "execution": "run-1", "retry_after_ms": 60_000}
        self.server.answer = lambda body: self.said(body, loops=[loop] if body.get("entries") else [])
        self.assertEqual(self.run_1.call(str), "")
        self.client.log("planner", "tool_call", "search", execution="run-1")
        self.assertTrue(self.client.flush(20))
        refusal = self.refused()
        self.assertEqual((refusal.circuit, refusal.reason, refusal.state, refusal.decided), ("planner", "loop", "closed", "server"))
        self.assertEqual(str(refusal), REPEATS)
        self.assertEqual(self.run_1.with_fallback(lambda refused: refused.reason).call(str), "loop")
        with self.assertRaises(CircuitOpen):
            asyncio.run(self.run_1.acall(asyncio.sleep, 0))
        for guard in (self.planner, self.planner.with_execution("run-2")):
            self.assertEqual(guard.call(str), "")
        self.clock.advance(60)
        self.assertEqual(self.run_1.call(str), "")

    def test_a_trial_names_its_execution_and_its_refusal_is_remembered(self):
        self.admits = {"state": "half_open", "admits": "trial"}
        asked = []

        def answer(body):
            if "client" in body:
                return self.said(body)
            asked.append(body)
            return 503, {"type": "gate-closed", "reason": "loop", "agent_id": "writer", "gate": "loop:1", "retry_after_ms": 60_000}

        self.server.answer = answer
        writer = self.client.guard("writer").with_execution("run-1")  # watched from here on, and never heard of as closed
        for _ in range(2):
            refusal = self.refused(writer)
            self.assertEqual((refusal.reason, refusal.gate), ("loop", "loop:1"))
        self.assertEqual(asked, [{"depends_on": [], "execution": "run-1"}])


class Usages(Watching):
    """What calls used, as a server reads it whose circuits are all closed."""

    def sent(self, client=None):
        """Of each outcome what it used, in order."""
        self.assertTrue((client or self.client).flush(20))
        fields = ("tokens_in", "tokens_out", "tokens_cached", "cost_usd")
        outcomes = [outcome for body in self.server.asked for outcome in body.get("outcomes") or ()]
        return [tuple(outcome.get(field) for field in fields) for outcome in outcomes]

    def test_answers_of_the_sdks_in_all_forms(self):
        anthropic = {"input_tokens": 40, "output_tokens": 10, "cache_read_input_tokens": 500, "cache_creation_input_tokens": 100}
        responses = {"input_tokens": 70, "output_tokens": 9, "input_tokens_details": {"cached_tokens": 60}}
        for answer, expected in (
            (chat(300, 50, 200), Usage(300, 50, 200)),
            ({"usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}}, Usage(7, 3)),
            ({"usage": {"prompt_tokens": 7, "completion_tokens": 3, "cache_read_input_tokens": 5}}, Usage(7, 3, 5)),
            ({"usage": anthropic}, Usage(640, 10, 500)),
            ({"usage": responses}, Usage(70, 9, 60)),
            ({"type": "message_start", "message": {"usage": anthropic}}, Usage(640, 10, 500)),
            ({"type": "response.completed", "response": {"usage": responses}}, Usage(70, 9, 60)),
            ({"usage": {"prompt_tokens": -1, "completion_tokens": True, "output_tokens": "9"}}, None),
            ({"usage": {"prompt_tokens": 0}}, None),
            ({"usage": None}, None),
            ({"usage": "much"}, None),
            ({}, None),
            ("usage", None),
            (None, None),
        ):
            self.assertEqual(usage_of(answer), expected, answer)

    def test_answers_of_sdks_say_it_by_themselves_and_others_are_not_asked(self):
        planner = self.client.guard("planner", depends_on=["model:m"])
        planner.call(lambda: chat(300, 50, 200))
        asyncio.run(planner.acall(asyncio.sleep, 0, {"usage": {"input_tokens": 40, "output_tokens": 10, "cache_read_input_tokens": 500}}))
        planner.call(lambda: of("somebodys", usage={"prompt_tokens": 5}))
        planner.call(lambda: "a plan")
        nothing = (None, None, None, None)
        self.assertEqual(self.sent(), [(300, 50, 200, None), (540, 10, 500, None), nothing, nothing])

    def test_ones_own_reader_goes_before_them_and_its_mistake_is_not_the_calls(self):
        planner = self.client.guard("planner").with_usage(lambda plan: None if plan is None else Usage(len(plan), 2, cost_usd=0.5))
        planner.call(lambda: "a plan")
        planner.with_fallback(str).call(lambda: {"usage": {"prompt_tokens": 5}})
        planner.call(lambda: None)
        with self.assertLogs("interlock", "WARNING") as logged:
            for _ in range(2):
                self.assertEqual(planner.call(lambda: 7), 7)
            planner.with_usage(lambda plan: Usage(-1)).call(lambda: "x")
        self.assertEqual(self.sent()[:3], [(6, 2, None, 0.5), (1, 2, None, 0.5), (None, None, None, None)])
        self.assertEqual(self.sent()[3:], [(None, None, None, None)] * 3)
        self.assertEqual(len(logged.output), 2, logged.output)
        self.assertRegex(logged.output[1], "what calls of planner used .*tokens_in must be a whole number")

    def test_a_permit_and_a_record_say_it_and_a_failed_call_has_cost(self):
        planner = self.client.guard("planner")
        with planner as permit:
            permit.usage(1)
            permit.usage(1_200, 340, tokens_cached=800, cost_usd=0.0)
        permit = planner.acquire()
        permit.usage(tokens_out=5)
        permit.fail("TIMEOUT")
        planner.record(usage=Usage(7))
        self.assertEqual(self.sent(), [(1_200, 340, 800, 0), (None, 5, None, None), (7, None, None, None)])
        for wrong in ({"tokens_in": -1}, {"tokens_out": 1.5}, {"tokens_cached": True}, {"cost_usd": float("nan")}, {"tokens_in": 10**13}):
            with self.assertRaisesRegex(ValueError, next(iter(wrong))):
                planner.acquire().usage(**wrong)

    def test_a_stream_says_it_in_parts_and_one_that_is_cut_off_says_what_it_knows(self):
        planner = self.client.guard("planner")
        begin = {"type": "message_start", "message": {"usage": {"input_tokens": 40, "cache_read_input_tokens": 60, "output_tokens": 1}}}
        events = [begin, {"type": "content_block_delta"}, {"type": "message_delta", "usage": {"output_tokens": 12}}]
        self.assertEqual(list(planner.iterate(events)), events)
        stopped = planner.iterate(events)
        next(stopped)
        stopped.close()

        async def pieces():
            yield of("openai.types.chat", usage=None, choices=[])
            yield chat(8, 4)

        async def read():
            return [piece async for piece in planner.aiterate(pieces)]

        self.assertEqual(len(asyncio.run(read())), 2)
        self.assertEqual(self.sent(), [(100, 12, 60, None), (100, 1, 60, None), (8, 4, None, None)])

    def test_calls_within_calls_count_it_once_unless_the_outer_one_says_its_own(self):
        outer, inner = self.client.guard("planner", depends_on=["model:m"]), self.client.guard("searcher", depends_on=["model:m"])
        outer.call(inner.call, lambda: chat(30, 5))
        list(outer.iterate(lambda: inner.iterate([{"usage": {"prompt_tokens": 9}}])))
        with outer as permit:
            inner.call(lambda: chat(3, 1))
            permit.usage(70)
        nothing = (None, None, None, None)
        self.assertEqual(
            self.sent(), [(30, 5, None, None), nothing, (9, None, None, None), nothing, (3, 1, None, None), (70, None, None, None)]
        )

    def test_an_agent_whose_log_says_it_reports_nothing_by_itself(self):
        planner, writer = self.client.guard("planner"), self.client.guard("writer")
        self.client.log("planner", "llm_inference", tokens=35)
        self.client.log("writer", "tool_call", "web")
        for guard in (planner, writer):
            guard.call(lambda: chat(30, 5))
        with planner as permit:
            permit.usage(7)
        self.assertEqual(self.sent(), [(None, None, None, None), (30, 5, None, None), (7, None, None, None)])


@unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
class Forks(unittest.TestCase):
    def test_a_client_that_is_made_while_another_thread_forks_is_held_by_nobody(self):
        connect([], policies=THREE)
        interlock._before_fork()
        client = connect([], policies=THREE)
        interlock._after_fork_in_parent()
        self.assertEqual(client.guard("planner").call(str), "")
        gone = connect([], policies=THREE)
        interlock._before_fork()
        held = gone._lock
        del gone
        interlock._after_fork_in_parent()
        self.assertTrue(concurrent.futures.ThreadPoolExecutor(1).submit(held.acquire, timeout=5).result(30))

    def test_a_child_goes_on_while_other_threads_call(self):
        client = connect([], policies=THREE)
        guard = client.guard("planner", depends_on=["model:m"])
        stop = threading.Event()

        def calls():
            while not stop.is_set():
                guard.call(str)

        threads = [threading.Thread(target=calls, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    os._exit(0 if guard.call(str) == "" else 1)
                self.assertEqual(os.waitpid(child, 0)[1], 0)
        finally:
            stop.set()
            for thread in threads:
                thread.join(30)

    def test_a_child_has_a_name_of_its_own_and_no_outcomes_of_its_parent(self):
        client = connect(f"http://127.0.0.1:{unused_port()}", "il_none", policies=THREE)
        logging.getLogger("interlock").propagate = False
        client.guard("planner").call(str)
        before = client._id
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, f"{client._id != before} {client.status.waiting}".encode())
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual(os.read(reader, 100), b"True 0")
        self.assertEqual(client.status.waiting, 1)
        client.close()


class Types(unittest.TestCase):
    def test_it_is_written_in_the_python_of_its_oldest_release(self):
        folder = os.path.dirname(os.path.abspath(interlock.__file__))
        for name in ("interlock.py", "build_backend.py"):
            with open(os.path.join(folder, name), encoding="utf-8") as source:
                ast.parse(source.read(), name, feature_version=(3, 9))

    def test_every_public_name_is_there_and_annotated(self):
        for name in interlock.__all__:
            self.assertTrue(hasattr(interlock, name), name)
        for name in ("call", "acall", "acquire", "record", "iterate", "aiterate", "with_fallback", "with_usage", "with_execution"):
            self.assertIn("return", getattr(interlock.Guard, name).__annotations__, name)


if __name__ == "__main__":
    unittest.main()
