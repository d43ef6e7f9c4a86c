package dev.interlock.server.config;

import dev.interlock.server.http.BasePath;

/** The settings of the front, which all requests pass; {@link Settings#ALL} lists them among the others. */
public final class SettingsOfFront {
    /** The path below which a reverse proxy shows the server. */
    public static final Setting<String> BASE_PATH = new Setting<>(
            "base-path",
            "a path such as /interlock",
            null,
            "none: the server is at the root of its host",
            false,
            "The path below which a reverse proxy shows the server. It answers below that path and, for what asks it"
                    + " directly, without it.",
            BasePath::checked);

    /** How many connections an address may have. */
    public static final Setting<Integer> MAX_CONNECTIONS = new Setting<>(
            "max-connections-per-address",
            "1 to 1000000",
            "10000",
            null,
            false,
            "How many connections one address may have (of IPv6, one network of 64 bits). Raise it if a proxy before the"
                    + " server holds more.",
            Parsers.whole(1, 1_000_000));

    /** How many of them may be unauthenticated. */
    public static final Setting<Integer> MAX_STRANGERS = new Setting<>(
            "max-unauthenticated-per-address",
            "1 to 1000000",
            "1000",
            null,
            false,
            "How many of these may be without a good credential so far; beyond, the oldest of them are closed.",
            Parsers.whole(1, 1_000_000));

    private SettingsOfFront() {}
}
