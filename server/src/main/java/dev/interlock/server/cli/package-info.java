/** The command line; {@link dev.interlock.server.cli.Main} starts it. */
@NullMarked
package dev.interlock.server.cli;

import org.jspecify.annotations.NullMarked;
