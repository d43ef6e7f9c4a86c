package dev.interlock;

import dev.interlock.store.GateFollowers;
import dev.interlock.store.GateRecord;
import dev.interlock.threads.Reporting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What is to be said of those who hear of gates through this process: with each change, and again for some seconds while any
 * of them is missing. For one thread; {@link #by} may be called by any.
 */
final class GateFollowing {
    /** How often it is looked who is missing. */
    static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

    /** How long after a change: nobody waits longer for its answer. */
    static final long FOLLOWED_NANOS = Duration.ofSeconds(3).toNanos();

    /** Where nobody can say who hears of gates here, a stop must not say that all obey. */
    private static final GateFollowers UNKNOWN = new GateFollowers(0, 1, "");

    private record Said(GateFollowers followers, long until) {}

    /** Changes that somebody has not confirmed, and what was said last of each. */
    private final Map<GateRecord, Said> followed = new LinkedHashMap<>();

    private volatile Function<String, GateFollowers> source = organization -> GateFollowers.NONE;
    private long lookAt;

    /** From now on this says how the followers of an organization are doing with the gates in effect. */
    void by(Function<String, GateFollowers> followers) {
        source = followers;
    }

    /** What is to be said now of changes that are obeyed here. */
    Map<GateRecord, GateFollowers> say(Collection<GateRecord> changes, long now) {
        Map<GateRecord, GateFollowers> said = new LinkedHashMap<>();
        Map<String, GateFollowers> present = new HashMap<>();
        for (GateRecord change : changes) {
            GateFollowers followers = present.computeIfAbsent(change.organization(), this::look);
            said.put(change, followers);
            Said before = followed.remove(change);
            long until = before == null ? now + FOLLOWED_NANOS : before.until();
            if (followers.missing() > 0 && now - until < 0) {
                lookAt = followed.isEmpty() ? now + LOOK_NANOS : lookAt;
                followed.put(change, new Said(followers, until));
            }
        }
        return said;
    }

    /** Changes whose followers have changed since the last report. */
    List<GateRecord> news(long now) {
        List<GateRecord> news = new ArrayList<>();
        if (followed.isEmpty() || now - lookAt < 0) {
            return news;
        }
        lookAt = now + LOOK_NANOS;
        Map<String, GateFollowers> present = new HashMap<>();
        for (Iterator<Map.Entry<GateRecord, Said>> all = followed.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<GateRecord, Said> each = all.next();
            String organization = each.getKey().organization();
            if (!present.computeIfAbsent(organization, this::look)
                    .equals(each.getValue().followers())) {
                news.add(each.getKey());
            } else if (now - each.getValue().until() >= 0) {
                all.remove();
            }
        }
        return news;
    }

    /** In how many nanoseconds it is to be looked again, at most the given number. */
    long left(long now, long otherwise) {
        return followed.isEmpty() ? otherwise : Math.min(otherwise, Math.max(0, lookAt - now));
    }

    private GateFollowers look(String organization) {
        try {
            return source.apply(organization);
        } catch (RuntimeException broken) {
            Reporting.report(broken); // the process itself obeys, and says so
            return UNKNOWN;
        }
    }
}
