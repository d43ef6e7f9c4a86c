package dev.interlock.server.config;

import dev.interlock.proxy.Upstream;
import java.util.List;

/** The settings of the proxy; {@link Settings#ALL} lists them among the others. */
public final class SettingsOfProxy {
    /** What is behind the proxy. */
    public static final Setting<List<Upstream>> UPSTREAMS = new Setting<>(
            "proxy-upstreams",
            "a list of maps",
            "[]",
            "none: there is no proxy",
            false,
            "The services that agents reach through /proxy/NAME/…: name, api, url, key, organizations, agents, models and"
                    + " more. As a flag or variable, the list as JSON.",
            Parsers::upstreams);

    /** The status of the proxy's refusals. */
    public static final Setting<Integer> REFUSAL_STATUS = new Setting<>(
            "proxy-refusal-status",
            "400 to 599",
            "424",
            null,
            false,
            "The status with which the proxy answers a call that a circuit refuses. Clients do not repeat 424 as a rule.",
            Parsers.whole(400, 599));

    /** How many calls may be under way through the proxy. */
    public static final Setting<Integer> MAX_CALLS = new Setting<>(
            "proxy-max-calls",
            "4 to 100000",
            "4000",
            null,
            false,
            "How many calls may be under way through the proxy at a time. An organization that is alone may have a quarter"
                    + " of them.",
            Parsers.whole(4, 100_000));

    private SettingsOfProxy() {}
}
