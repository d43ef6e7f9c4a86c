/** How the program's logs are written: {@link dev.interlock.server.logs.Logs}. */
@NullMarked
package dev.interlock.server.logs;

import org.jspecify.annotations.NullMarked;
