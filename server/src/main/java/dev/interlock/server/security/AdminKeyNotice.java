package dev.interlock.server.security;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an operator should know about the admin key after a start. Holds no key.
 *
 * @param made whether this start made it
 * @param file where it lies, or null if it lies in no file of this server
 * @param message one sentence or two, fit for a log and a terminal
 */
public record AdminKeyNotice(boolean made, @Nullable Path file, String message) {}
