package dev.interlock.server.security;

import dev.interlock.TimeSource;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of people, each sealed into a cookie, so that all servers of an installation know it and none keeps it. Those
 * that were ended are remembered by this server until they would have ended anyway. Safe for use by any thread.
 */
public final class Sessions {
    private static final String PURPOSE = "session";
    private static final int MOST_ENDED = 100_000;

    private final Seal seal;
    private final TimeSource time;
    private final Map<String, Instant> ended = new LinkedHashMap<>();

    Sessions(Seal seal, TimeSource time) {
        this.seal = seal;
        this.time = time;
    }

    /** What names the installation: its key does not follow from it. */
    String installation() {
        return seal.name();
    }

    /**
     * The session as a cookie holds it.
     *
     * @param session somebody's
     * @return letters, digits, - and _
     */
    public String write(Session session) {
        return seal.close(
                PURPOSE,
                new JsonObject()
                        .put("id", session.id())
                        .put("by", session.signIn())
                        .put("sub", session.subject())
                        .put("org", session.organization())
                        .put("role", session.role().text())
                        .put("actor", session.actor())
                        .put("began", session.began().toEpochMilli())
                        .put("ends", session.ends().toEpochMilli())
                        .encode());
    }

    /**
     * The session of a cookie.
     *
     * @param cookie what a browser sent
     * @return null if it is none of ours, or over
     */
    public @Nullable Session read(String cookie) {
        String text = seal.open(PURPOSE, cookie);
        if (text == null) {
            return null;
        }
        try {
            JsonObject read = new JsonObject(text);
            Session session = new Session(
                    read.getString("id"),
                    read.getString("by"),
                    read.getString("sub"),
                    read.getString("org"),
                    Role.of(read.getString("role")),
                    read.getString("actor"),
                    Instant.ofEpochMilli(read.getLong("began")),
                    Instant.ofEpochMilli(read.getLong("ends")));
            boolean over = !time.wallTime().isBefore(session.ends()) || hasEnded(session.id());
            return over ? null : session;
        } catch (DecodeException
                | ClassCastException
                | NullPointerException
                | IllegalArgumentException ofOtherRelease) {
            return null;
        }
    }

    /**
     * Seals something else that a browser keeps.
     *
     * @param purpose what for
     * @param value what
     * @return letters, digits, - and _
     */
    public String close(String purpose, JsonObject value) {
        return seal.close(purpose, value.encode());
    }

    /**
     * Opens what was sealed.
     *
     * @param purpose what for
     * @param sealed what a browser sent
     * @return null if it is none of ours
     */
    public @Nullable JsonObject open(String purpose, String sealed) {
        String text = seal.open(purpose, sealed);
        return text == null ? null : new JsonObject(text);
    }

    /**
     * Somebody signs out: the session counts at this server no longer, nor what a refresh would make of it.
     *
     * @param session whose
     */
    public void end(Session session) {
        Instant now = time.wallTime();
        synchronized (ended) {
            Iterator<Instant> eldest = ended.values().iterator();
            while (eldest.hasNext()) {
                Instant until = eldest.next();
                if (until.isAfter(now) && ended.size() < MOST_ENDED) {
                    break;
                }
                eldest.remove();
            }
            ended.put(session.id(), now.plus(SignIn.LONGEST).plus(Duration.ofMinutes(1)));
        }
    }

    /**
     * Whether somebody has signed out.
     *
     * @param id of a session
     * @return true if that was at this server
     */
    public boolean hasEnded(String id) {
        synchronized (ended) {
            return ended.containsKey(id);
        }
    }
}
