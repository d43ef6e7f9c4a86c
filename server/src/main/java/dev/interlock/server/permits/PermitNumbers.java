package dev.interlock.server.permits;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The numbers of permits: none comes twice, and each organization has runs of {@link SettledPermits#PERMITS_PER_SEGMENT}
 * of its own, so that a segment of what is remembered belongs to one. Safe for use by any thread; takes no lock.
 */
final class PermitNumbers {
    private static final class Run {
        final long first;
        final AtomicInteger used = new AtomicInteger();

        Run(long first) {
            this.first = first;
        }
    }

    private final AtomicLong runs = new AtomicLong();
    private final ConcurrentMap<String, Run> ofOrganization = new ConcurrentHashMap<>();

    long next(String organization) {
        while (true) {
            Run run = ofOrganization.get(organization);
            if (run == null) {
                run = ofOrganization.computeIfAbsent(organization, name -> fresh());
            }
            int offset = run.used.getAndIncrement();
            if (offset >= 0 && offset < SettledPermits.PERMITS_PER_SEGMENT) {
                return run.first + offset;
            }
            ofOrganization.replace(organization, run, fresh());
        }
    }

    private Run fresh() {
        return new Run(runs.getAndIncrement() * SettledPermits.PERMITS_PER_SEGMENT);
    }
}
