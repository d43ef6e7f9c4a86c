package dev.interlock.server.security;

import dev.interlock.TimeSource;
import dev.interlock.monitor.Shares;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tickets: bound to a caller, good once, for 30 seconds, on the server that made them. Bounded in all, for each
 * organization and for each caller. Safe for use by any thread.
 */
public final class Tickets {
    static final Duration LIFE = Duration.ofSeconds(30);
    static final int MOST = 10_000;
    static final int MOST_EACH = 100;
    static final int PERCENT = 25;

    private static final String PREFIX = "ilt_";

    private final Authenticator authenticator;
    private final TimeSource time;
    private final SecureRandom random = new SecureRandom();

    /** By hash, the oldest first; all live equally long. */
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();

    private final Map<String, Integer> each = new HashMap<>();
    private final Shares shares = new Shares(MOST, PERCENT);

    Tickets(Authenticator authenticator, TimeSource time) {
        this.authenticator = authenticator;
        this.time = time;
    }

    /**
     * Makes a ticket.
     *
     * @param caller whom the WebSocket will belong to
     * @return the ticket
     * @throws TooManyRequestsException if the caller, or its organization, has too many unused ones
     */
    public Ticket issue(Caller caller) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        String text = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        synchronized (waiting) {
            long now = time.ticks();
            forgetEnded(now);
            if (each.getOrDefault(caller.bucket(), 0) >= MOST_EACH || !shares.take(caller.organization(), 1)) {
                throw new TooManyRequestsException(
                        "Too many tickets that were never used; open a stream with each", LIFE.toNanos());
            }
            each.merge(caller.bucket(), 1, Integer::sum);
            waiting.put(nameOf(text), new Waiting(caller, now + LIFE.toNanos()));
        }
        return new Ticket(text, time.wallTime().plus(LIFE));
    }

    /**
     * Takes a ticket, which then is used up.
     *
     * @param ticket what the client sent
     * @return its caller; null if there is no such ticket, or no more, or its caller would not be let in any more
     */
    public @Nullable Caller redeem(String ticket) {
        Waiting found;
        synchronized (waiting) {
            forgetEnded(time.ticks());
            found = waiting.remove(nameOf(ticket));
            if (found == null) {
                return null;
            }
            release(found.caller);
        }
        return authenticator.isValid(found.caller) ? found.caller : null;
    }

    int size() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    private void forgetEnded(long now) {
        Iterator<Waiting> oldestFirst = waiting.values().iterator();
        while (oldestFirst.hasNext()) {
            Waiting oldest = oldestFirst.next();
            if (oldest.until > now) {
                return;
            }
            oldestFirst.remove();
            release(oldest.caller);
        }
    }

    private void release(Caller caller) {
        shares.give(caller.organization(), 1);
        each.computeIfPresent(caller.bucket(), (bucket, count) -> count > 1 ? count - 1 : null);
    }

    private static String nameOf(String ticket) {
        return HexFormat.of().formatHex(ApiKeyText.hash(ticket));
    }

    private record Waiting(Caller caller, long until) {}
}
