"""Measures a guarded call whose circuits are closed: microseconds a call, the best of several rounds.

    python3 clients/python/measure.py

With INTERLOCK_URL and INTERLOCK_KEY in the environment also of a client that reports to a server, which is asked for
nothing while a call is measured.
"""

import os
import platform
import sys
import time

import interlock


ROUNDS, CALLS = (1, 100) if "--quick" in sys.argv else (300, 1_000)


def best(work, rounds=ROUNDS, calls=CALLS):
    least = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(calls):
            work()
        least = min(least, (time.perf_counter() - begin) / calls)
    return least * 1e6


def main():
    client = interlock.connect([])
    alone = client.guard("planner")
    both = client.guard("planner", depends_on=["model:kimi-k2"])
    work = str
    bare = best(work)
    print(f"Python {platform.python_version()}, {platform.machine()}; a bare call takes {bare:.2f} µs")
    print(f"one closed circuit   {best(lambda: alone.call(work)) - bare:5.2f} µs")
    print(f"agent and model      {best(lambda: both.call(work)) - bare:5.2f} µs")
    if os.environ.get("INTERLOCK_URL"):
        reports = interlock.connect().guard("measured", depends_on=["model:measured"])
        print(f"the same, reported   {best(lambda: reports.call(work), calls=400) - bare:5.2f} µs")


if __name__ == "__main__":
    main()
