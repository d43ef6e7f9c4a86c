package dev.interlock.server.traces;

import org.jspecify.annotations.Nullable;

/** The process that spans come from, as its resource says. For the thread that reads it; then not changed. */
final class Sender {
    static final String AGENT = "interlock.agent";
    static final String SERVICE = "service.name";
    static final String GUARDED = "interlock.guarded";
    static final String PROXIED = "interlock.proxied";
    static final String SAMPLED = "interlock.sampled";

    private static final String NOBODY = "unknown_service";

    private String agent = "";
    private String service = "";
    private boolean guarded;
    private boolean proxied;
    private boolean thinned;
    private @Nullable Boolean saysSampled;

    /** Whether an attribute of a resource says anything here. */
    static boolean reads(String key) {
        return key.equals(AGENT)
                || key.equals(SERVICE)
                || key.equals(GUARDED)
                || key.equals(PROXIED)
                || key.equals(SAMPLED);
    }

    void attribute(String key, String value) {
        switch (key) {
            case AGENT -> agent = value.strip();
            case SERVICE -> service = value.startsWith(NOBODY) ? "" : value.strip(); // what SDKs say if nobody said
            case GUARDED -> guarded = value.equals("true");
            case PROXIED -> proxied = value.equals("true");
            case SAMPLED -> saysSampled = value.equals("true");
            default -> {}
        }
    }

    /** Something on the way says that it leaves spans out. */
    void isThinned() {
        thinned = true;
    }

    /** The one agent that the process says to be, or empty. */
    String agent() {
        return agent;
    }

    /** What it is called: as an agent, else as a service, or empty. */
    String name() {
        return agent.isEmpty() ? service : agent;
    }

    /** Whether all of its calls are counted elsewhere. */
    boolean countsElsewhere() {
        return guarded || proxied;
    }

    /** Whether rates of its spans mean nothing; its own word goes before marks on the way. */
    boolean isThinned(boolean span) {
        return saysSampled != null ? saysSampled : thinned || span;
    }
}
