package dev.interlock.server.sync;

import java.time.Duration;

/**
 * A client that decides locally and has not confirmed the gates that are in effect. Immutable.
 *
 * @param name what people call it, else its random id
 * @param onUnreachable what it does when it hears no server: {@code local}, {@code allow} or {@code refuse}
 * @param silent how long it has said nothing; a little below zero if it was heard meanwhile
 */
public record ClientBehind(String name, String onUnreachable, Duration silent) {}
