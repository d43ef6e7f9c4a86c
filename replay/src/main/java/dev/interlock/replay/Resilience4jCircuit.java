package dev.interlock.replay;

import dev.interlock.FailureKind;

/**
 * A circuit of Resilience4j 2.4 with its defaults: it opens when half of the last 100 calls failed, or all of them took
 * longer than 60 s, for 60 s. Half-open it lets ten calls through and judges their rates; every outcome that comes
 * meanwhile is one of the ten, also of a call that was let through before.
 */
final class Resilience4jCircuit extends PeerCircuit {
    private static final int CALLS = 100;
    private static final int TRIALS = 10;
    private static final long OPEN = 60_000_000_000L;
    private static final long SLOW = 60_000_000_000L;

    /** The latest calls: what was bad about each, and when it ended. */
    private static final class Ring {
        private final boolean[] failed;
        private final boolean[] slow;
        private final long[] at;
        private int next;
        private int size;
        private int failures;
        private int slowCalls;

        Ring(int calls) {
            failed = new boolean[calls];
            slow = new boolean[calls];
            at = new long[calls];
        }

        void add(boolean isFailed, boolean isSlow, long now) {
            if (size == at.length) {
                failures -= failed[next] ? 1 : 0;
                slowCalls -= slow[next] ? 1 : 0;
            } else {
                size++;
            }
            failed[next] = isFailed;
            slow[next] = isSlow;
            at[next] = now;
            failures += isFailed ? 1 : 0;
            slowCalls += isSlow ? 1 : 0;
            next = (next + 1) % at.length;
        }

        boolean isFull() {
            return size == at.length;
        }

        boolean isBad() {
            return 2 * failures >= size || slowCalls == size;
        }

        /** When the first call ended that speaks for opening. */
        long firstSign() {
            boolean[] bad = 2 * failures >= size ? failed : slow;
            for (int i = 0; i < size; i++) {
                int place = (next + i) % size;
                if (bad[place]) {
                    return at[place];
                }
            }
            throw new IllegalStateException("A ring without a bad call is not bad");
        }
    }

    private enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    private State state = State.CLOSED;
    private Ring calls = new Ring(CALLS);
    private long openUntil;
    private int places;

    Resilience4jCircuit(String name, Incidents incidents) {
        super(name, incidents);
    }

    @Override
    boolean admits(long now) {
        if (state == State.OPEN && now > openUntil) {
            state = State.HALF_OPEN;
            calls = new Ring(TRIALS);
            places = TRIALS;
        }
        return state == State.CLOSED || state == State.HALF_OPEN && places-- > 0 || noPlace();
    }

    /** A place that was not there was not taken. */
    private boolean noPlace() {
        places = Math.max(places, 0);
        return false;
    }

    @Override
    void giveBack() {
        places++;
    }

    @Override
    void ended(Call call, long now) {
        if (call.kind() == FailureKind.CANCELLED) {
            giveBack();
        } else if (state != State.OPEN) {
            calls.add(call.kind() != null, call.duration() > SLOW, now);
            if (calls.isFull()) {
                judge(now);
            }
        }
    }

    private void judge(long now) {
        if (calls.isBad()) {
            if (state == State.CLOSED) {
                tripped(now, calls.firstSign());
            } else {
                flapped(now);
            }
            state = State.OPEN;
            openUntil = now + OPEN;
        } else if (state == State.HALF_OPEN) {
            closed(now);
            state = State.CLOSED;
            calls = new Ring(CALLS);
        }
    }
}
