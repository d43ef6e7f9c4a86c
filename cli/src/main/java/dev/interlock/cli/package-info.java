/** The command line; {@link dev.interlock.cli.Main} starts it. */
@NullMarked
package dev.interlock.cli;

import org.jspecify.annotations.NullMarked;
