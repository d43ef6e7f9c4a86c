/** The server: {@link dev.interlock.server.Server} puts its parts together. */
@NullMarked
package dev.interlock.server;

import org.jspecify.annotations.NullMarked;
