"""Measures a guarded call whose circuits are closed: microseconds a call, the best of several rounds.

    python3 clients/python/measure.py
"""

import platform
import time

import interlock


def best(work, rounds=15, calls=20_000):
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


if __name__ == "__main__":
    main()
