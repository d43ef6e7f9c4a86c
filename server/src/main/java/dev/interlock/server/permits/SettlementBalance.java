package dev.interlock.server.permits;

import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * That this server settles no more of its own permits than it gave: counted apart from the memory of which are settled,
 * so that a mistake there shows. Safe for use by any thread; takes no lock.
 */
final class SettlementBalance {
    private final LongAdder given = new LongAdder();
    private final LongAdder settled = new LongAdder();
    private final AtomicLong reported = new AtomicLong();

    void given() {
        given.increment();
    }

    void settled() {
        settled.increment();
    }

    /** Reports how many settlements there are too many, each once. */
    void check() {
        long ended = settled.sum(); // first: what is given from now on cannot be among these
        long excess = ended - given.sum();
        for (long known = reported.get(); known < excess; known = reported.get()) {
            if (reported.compareAndSet(known, known + 1)) {
                BrokenPromises.report(
                        Promise.ONE_SETTLEMENT, "more permits of this server were settled than it has given");
            }
        }
    }
}
