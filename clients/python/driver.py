"""Drives the client by lines of JSON, for the conformance tests: one command a line on stdin, one answer on stdout."""

from __future__ import annotations

import json
import logging
import os
import platform
import sys
import time
from typing import Any, Dict, List, Optional

import interlock


class Driver:
    def __init__(self) -> None:
        self.clients: Dict[str, interlock.Client] = {}
        self.clocks: Dict[str, interlock.Clock] = {}
        self.guards: Dict[str, interlock.Guard] = {}
        self.permits: Dict[str, interlock.Permit] = {}
        self.logged: List[str] = []
        self.shift = 0.0
        handler = logging.StreamHandler(sys.stderr)
        handler.emit = self._heard  # type: ignore[method-assign]
        logging.getLogger("interlock").addHandler(handler)
        logging.getLogger("interlock").setLevel(logging.INFO)

    def _heard(self, record: logging.LogRecord) -> None:
        self.logged.append(record.getMessage())
        print(record.getMessage(), file=sys.stderr, flush=True)

    def answer(self, command: Dict[str, Any]) -> Dict[str, Any]:
        work = getattr(self, "do_" + str(command["do"]), None)
        if work is None:
            raise ValueError(f"There is no command {command['do']!r}")
        return work({key: value for key, value in command.items() if key not in ("do", "id")})

    def do_hello(self, given: Dict[str, Any]) -> Dict[str, Any]:
        return {"language": "python", "version": interlock.__version__, "runtime": platform.python_version()}

    def do_connect(self, given: Dict[str, Any]) -> Dict[str, Any]:
        name = given.pop("client")
        manual = given.pop("clock", "real") == "manual"
        clock = interlock.ManualClock() if manual else interlock.Clock()
        for key in ("timeout", "backoff", "backoff_max"):
            if key + "_ms" in given:
                given[key] = given.pop(key + "_ms") / 1000
        self.clocks[name] = clock
        self.clients[name] = interlock.connect(given.pop("urls", []), given.pop("key", ""), clock=clock, **given)
        return {}

    def do_close(self, given: Dict[str, Any]) -> Dict[str, Any]:
        self.clients[given["client"]].close()
        return {}

    def do_clock(self, given: Dict[str, Any]) -> Dict[str, Any]:
        clock = self.clocks[given["client"]]
        if given.get("at_ms") is not None:
            assert isinstance(clock, interlock.ManualClock)
            clock.advance(given["at_ms"] / 1000 - clock.ticks() / 1e9)
        if given.get("wall_ms") is not None:
            shift, real = given["wall_ms"] / 1000, self.real_time
            time.time = lambda: real() + shift
        return {}

    real_time = staticmethod(time.time)

    def do_guard(self, given: Dict[str, Any]) -> Dict[str, Any]:
        client = self.clients[given["client"]]
        self.guards[given["guard"]] = client.guard(
            given["agent"], given.get("depends_on") or [], caller=given.get("caller"), alternatives=given.get("alternatives") or []
        )
        if given.get("execution") is not None:
            self.guards[given["guard"]] = self.guards[given["guard"]].with_execution(given["execution"])
        return {}

    def do_call(self, given: Dict[str, Any]) -> Dict[str, Any]:
        result: Dict[str, Any] = {}
        for _ in range(given.get("repeat") or 1):
            result = self.call(given)
        return result

    def call(self, given: Dict[str, Any]) -> Dict[str, Any]:
        guard = self.guards[given["guard"]]
        nested: Dict[str, Any] = {}
        took = given.get("took_ms") or 0

        def work() -> Any:
            if given.get("inner") is not None:
                nested.update(self.do_call(given["inner"]))
            outcome = self.outcome(given)
            if outcome.kind is not None:
                failure = interlock.Failure()
                failure.outcome = outcome
                raise failure
            return given.get("answer")

        try:
            if took:
                permit = guard.acquire()
                permit.settle(self.outcome(given), took / 1000)
            else:
                guard.call(work)
        except interlock.Failure:
            pass
        except interlock.CircuitOpen as refusal:
            return {"admitted": False, "refusal": self.refusal(refusal)}
        return {"admitted": True, **({"inner": nested} if nested else {})}

    def do_begin(self, given: Dict[str, Any]) -> Dict[str, Any]:
        guard = self.guards[given["guard"]]
        parent = self.permits.get(given["parent"]) if given.get("parent") else None
        try:
            self.permits[given["ref"]] = guard.acquire() if parent is None else parent.run(guard.acquire)
        except interlock.CircuitOpen as refusal:
            return {"admitted": False, "refusal": self.refusal(refusal)}
        return {"admitted": True}

    def do_end(self, given: Dict[str, Any]) -> Dict[str, Any]:
        took = given.get("took_ms")
        if given.get("usage") is not None:
            self.permits[given["ref"]].usage(**given["usage"])
        self.permits[given["ref"]].settle(self.outcome(given), None if took is None else took / 1000)
        return {}

    def do_record(self, given: Dict[str, Any]) -> Dict[str, Any]:
        for _ in range(given.get("repeat") or 1):
            self.guards[given["guard"]].record(self.outcome(given), (given.get("took_ms") or 0) / 1000)
        return {}

    def do_circuit(self, given: Dict[str, Any]) -> Dict[str, Any]:
        view = self.clients[given["client"]].circuit(given["name"])
        return {
            "state": view.state,
            "held": view.held,
            "retry_after_ms": millis(view.retry_after),
            "openings": view.openings,
            "decided": view.decided,
        }

    def do_status(self, given: Dict[str, Any]) -> Dict[str, Any]:
        status = self.clients[given["client"]].status._asdict()
        status["since_ms"] = millis(status.pop("since"))
        return {**status, "logged": list(self.logged)}

    def do_flush(self, given: Dict[str, Any]) -> Dict[str, Any]:
        return {"flushed": self.clients[given["client"]].flush(given["within_ms"] / 1000)}

    def do_log(self, given: Dict[str, Any]) -> Dict[str, Any]:
        client = self.clients[given.pop("client")]
        for _ in range(given.pop("repeat", 1)):
            client.log(given["agent"], given["action"], given.get("name"), **self.details(given))
        return {}

    @staticmethod
    def details(given: Dict[str, Any]) -> Dict[str, Any]:
        details = {key: value for key, value in given.items() if key not in ("agent", "action", "name", "took_ms")}
        if given.get("took_ms") is not None:
            details["took"] = given["took_ms"] / 1000
        return details

    def do_classify(self, given: Dict[str, Any]) -> Dict[str, Any]:
        name = given.get("name") or "APIStatusError"
        thrown = type(name, (Exception,), {"__module__": "openai"})(given.get("text") or "")
        if given.get("status") is not None:
            thrown.status_code = given["status"]
        thrown.headers = given.get("headers") or {}
        thrown.body = given.get("body")
        thrown.code = given.get("code")
        outcome = interlock.classify(thrown)
        return {"kind": outcome.kind, "retry_after_ms": millis(outcome.retry_after)}

    def do_stream(self, given: Dict[str, Any]) -> Dict[str, Any]:
        guard = self.guards[given["guard"]]
        count = given["pieces"]
        end = given.get("end") or "complete"

        def source() -> Any:
            yield from range(count)
            if end == "cancel":
                yield count
            if end == "fail":
                raise interlock.Failure(given.get("kind") or "ERROR")

        received = 0
        try:
            stream = guard.iterate(source)
            for _ in stream:
                received += 1
                if end == "cancel" and received == count:
                    stream.close()  # type: ignore[attr-defined]
                    break
        except interlock.Failure:
            pass
        except interlock.CircuitOpen as refusal:
            return {"admitted": False, "refusal": self.refusal(refusal), "pieces": received}
        return {"admitted": True, "pieces": received}

    def do_fork(self, given: Dict[str, Any]) -> Dict[str, Any]:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                result = self.do_call(given)
                client = self.guards[given["guard"]]._client
                result["flushed"] = client.flush(10)
                result["pid"] = os.getpid()
            except BaseException as broken:
                result = {"error": repr(broken)}
            os.write(writer, json.dumps(result).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as lines:
            result = json.loads(lines.read())
        os.waitpid(child, 0)
        return result

    def outcome(self, given: Dict[str, Any]) -> interlock.Outcome:
        what = given.get("outcome", "success")
        if what == "success":
            return interlock.SUCCESS
        kind = given.get("kind") or ("ERROR" if what == "failure" else "CANCELLED")
        wait: Optional[float] = given.get("retry_after_ms")
        return interlock.Outcome(kind, None if wait is None else wait / 1000, given.get("attributed_to"))

    @staticmethod
    def refusal(refusal: interlock.CircuitOpen) -> Dict[str, Any]:
        return {
            "circuit": refusal.circuit,
            "reason": refusal.reason,
            "state": refusal.state,
            "retry_after_ms": millis(refusal.retry_after),
            "alternatives": list(refusal.alternatives),
            "decided": refusal.decided,
            "gate": refusal.gate,
            "message": str(refusal),
        }


def millis(seconds: Optional[float]) -> Optional[float]:
    return None if seconds is None else round(seconds * 1000, 3)


def main() -> None:
    driver = Driver()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = driver.answer(command)
        except Exception as broken:
            answer = {"error": f"{type(broken).__name__}: {broken}"}
        print(json.dumps({"id": command.get("id"), **answer}), flush=True)
    for client in driver.clients.values():
        client.close()


if __name__ == "__main__":
    main()
