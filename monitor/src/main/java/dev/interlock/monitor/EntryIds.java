package dev.interlock.monitor;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Ids for entries and runs: those of one logger have a random beginning in common. Safe for use by any thread. */
final class EntryIds {
    private final String prefix = Long.toHexString(new SecureRandom().nextLong() | Long.MIN_VALUE) + "-";
    private final AtomicLong last = new AtomicLong();

    String next() {
        return prefix + Long.toHexString(last.incrementAndGet());
    }
}
