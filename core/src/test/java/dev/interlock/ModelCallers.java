package dev.interlock;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asked a circuit and whose last call failed, said once more as plainly as possible from rule 18: maps from callers to
 * moments. A caller counts for the window at least and a fifth longer at most; in between there is doubt.
 */
final class ModelCallers {
    private static final Duration WITHOUT_TIME = Duration.ofMinutes(10);

    /** Ticks of good calls are kept without their lowest bits. */
    private static final long GRAIN = 64;

    /** What is certain, and what may be. */
    enum Answer {
        NO,
        PERHAPS,
        YES
    }

    /** Which window they belong to; they end with it. */
    final int shape;

    private final long window;
    private final Map<Integer, Long> asked = new HashMap<>();
    private final Map<Integer, Long> failed = new HashMap<>();
    private final Map<Integer, Long> good = new HashMap<>();
    private final Set<Integer> failing = new HashSet<>();
    private final Set<Integer> answered = new HashSet<>();

    ModelCallers(int shape, Window window) {
        Duration time = window.time();
        this.shape = shape;
        this.window = (time == null ? WITHOUT_TIME : time).toNanos();
    }

    void asked(int caller, long now) {
        asked.put(caller, now);
    }

    /** A counted call of an upstream or an agent has ended. */
    void ended(int caller, boolean isFailed, boolean isSlow, long now) {
        answered.remove(caller);
        if (isFailed) {
            fails(caller, now);
            return;
        }
        failing.remove(caller);
        if (isSlow) {
            fails(caller, now);
        } else {
            good.put(caller, now / GRAIN * GRAIN);
        }
    }

    /** A call is slow of which nothing else is known. */
    void fails(int caller, long now) {
        failing.add(caller);
        failed.put(caller, now);
    }

    /** 5: a caller's own mistake was refused; whether that is its first since another outcome. */
    boolean isAnswered(int caller, boolean isSlow, long now) {
        failing.remove(caller);
        if (isSlow) {
            fails(caller, now);
        }
        return answered.add(caller);
    }

    void reset() {
        failing.clear();
        answered.clear();
    }

    /** Whether a good call of another caller has ended since a call began. */
    boolean wasGoodForAnother(int caller, long began) {
        return good.entrySet().stream().anyMatch(each -> each.getKey() != caller && each.getValue() > began);
    }

    /** Whether another caller asked within the window. */
    Answer hasAnother(int caller, long now) {
        return asked.entrySet().stream()
                .filter(each -> each.getKey() != caller)
                .map(each -> counts(each.getValue(), now))
                .max(Answer::compareTo)
                .orElse(Answer.NO);
    }

    /** Whether so many are failing that the circuit may open by itself. */
    Answer allow(int minCallers, long now) {
        Set<Integer> all = new HashSet<>(asked.keySet());
        all.addAll(failing);
        List<Integer> callers = List.copyOf(all);
        boolean yes = false;
        boolean no = false;
        // Each caller in doubt may have asked or not, and may be failing or not.
        for (int chosen = 0; chosen < 1 << 2 * callers.size(); chosen++) {
            int count = 0;
            int bad = 0;
            boolean possible = true;
            for (int i = 0; i < callers.size(); i++) {
                boolean isThere = (chosen >> 2 * i & 1) != 0;
                boolean isFailing = (chosen >> 2 * i + 1 & 1) != 0;
                possible &= fits(isThere, counts(asked.get(callers.get(i)), now));
                possible &= fits(
                        isFailing,
                        failing.contains(callers.get(i)) ? counts(failed.get(callers.get(i)), now) : Answer.NO);
                count += isThere || isFailing ? 1 : 0;
                bad += isFailing ? 1 : 0;
            }
            if (possible) {
                boolean enough = bad >= (count < minCallers ? count : Math.max(minCallers, (count + 3) / 4));
                yes |= enough;
                no |= !enough;
            }
        }
        return yes && no ? Answer.PERHAPS : yes ? Answer.YES : Answer.NO;
    }

    private static boolean fits(boolean chosen, Answer answer) {
        return answer == Answer.PERHAPS || chosen == (answer == Answer.YES);
    }

    private Answer counts(@Nullable Long at, long now) {
        if (at == null || now - at > window + window / 5 + 1) {
            return Answer.NO;
        }
        return now - at < window ? Answer.YES : Answer.PERHAPS;
    }
}
