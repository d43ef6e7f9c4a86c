/** Loops that were found, for people: {@link dev.interlock.server.loops.LoopNews}. */
@NullMarked
package dev.interlock.server.loops;

import org.jspecify.annotations.NullMarked;
