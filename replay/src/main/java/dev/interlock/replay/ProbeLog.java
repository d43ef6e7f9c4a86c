package dev.interlock.replay;

import dev.interlock.FailureKind;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Recorded calls answer for probes: the one that began nearest, if that is within a second, else one that is drawn from
 * the nearest eight within ten minutes before or after. The draw depends on circuit and time alone, so it is the same in
 * each replay and for each policy. Where there is no call, a probe fails.
 *
 * <p>Several probes that all looked at one call would be one piece of evidence, so one is drawn; of probes at one time
 * each looks at the next nearest.
 */
final class ProbeLog implements ProbeAnswers {
    /** How far away a call may be that answers for a probe, and so how far calls must have been read ahead. */
    static final long HORIZON = 600_000_000_000L;

    private static final long NEAR = 1_000_000_000L;
    private static final int DRAWN_FROM = 8;

    /** The calls of one circuit in the order of their beginnings. */
    private static final class Evidence {
        private long[] times = new long[16];
        private boolean[] good = new boolean[16];
        private int from;
        private int to;

        void add(long time, boolean isGood) {
            while (from < to && times[from] < time - 2 * HORIZON) {
                from++;
            }
            if (to == times.length) {
                makeRoom();
            }
            times[to] = time;
            good[to++] = isGood;
        }

        /** The first call at or after a time. */
        int firstAt(long time) {
            int low = from;
            int high = to;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (times[middle] < time) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private void makeRoom() {
            int size = to - from;
            long[] keptTimes = new long[Math.max(16, 2 * size)];
            boolean[] keptGood = new boolean[keptTimes.length];
            System.arraycopy(times, from, keptTimes, 0, size);
            System.arraycopy(good, from, keptGood, 0, size);
            times = keptTimes;
            good = keptGood;
            from = 0;
            to = size;
        }
    }

    private final Map<String, Evidence> byName = new HashMap<>();

    /** A call that was read ahead: not before the one that was added last. */
    void add(Call call, By by) {
        FailureKind kind = call.kind();
        if (kind == FailureKind.CANCELLED || kind == FailureKind.DOWNSTREAM_OPEN) {
            return;
        }
        boolean isGood = kind == null || isAnswer(kind);
        if (by.needsAgent() && call.agent() != null) {
            add(call.agent(), call.time(), isGood);
        }
        if (by.needsTarget() && call.target() != null && call.target() != call.agent()) {
            add(call.target(), call.time(), isGood);
        }
    }

    @Override
    public boolean isGood(String circuit, long time, int before) {
        Evidence evidence = byName.get(circuit);
        if (evidence == null) {
            return false;
        }
        int after = evidence.firstAt(time);
        int earlier = after - 1;
        int[] nearest = new int[DRAWN_FROM];
        int found = 0;
        while (found < DRAWN_FROM) {
            long left = earlier < evidence.from ? Long.MAX_VALUE : time - evidence.times[earlier];
            long right = after >= evidence.to ? Long.MAX_VALUE : evidence.times[after] - time;
            if (Math.min(left, right) > HORIZON) {
                break;
            }
            if (found == before && Math.min(left, right) <= NEAR) {
                return evidence.good[left <= right ? earlier : after];
            }
            nearest[found++] = left <= right ? earlier-- : after++;
        }
        return found > 0 && evidence.good[nearest[draw(circuit, time, before).nextInt(found)]];
    }

    private static SplittableRandom draw(String circuit, long time, int before) {
        return new SplittableRandom(31L * (circuit.hashCode() ^ time) + before);
    }

    private void add(Name name, long time, boolean isGood) {
        byName.computeIfAbsent(name.toString(), any -> new Evidence()).add(time, isGood);
    }

    /** Who refuses a wrong request is healthy. */
    private static boolean isAnswer(FailureKind kind) {
        return switch (kind) {
            case INVALID_REQUEST, CONTEXT_LENGTH, CONTENT_FILTERED -> true;
            default -> false;
        };
    }
}
