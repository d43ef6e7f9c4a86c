/**
 * The server's settings: {@link dev.interlock.server.config.Settings} is the one table from which flags, environment
 * names, YAML keys and the page in {@code docs} come.
 */
@NullMarked
package dev.interlock.server.config;

import org.jspecify.annotations.NullMarked;
