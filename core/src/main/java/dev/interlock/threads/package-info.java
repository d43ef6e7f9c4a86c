/**
 * The threads that Interlock starts, and what becomes of what others' code throws on them; start with {@link
 * dev.interlock.threads.Worker}. For the modules of Interlock; what uses Interlock needs none of it, and it may change.
 */
@Alpha
@NullMarked
package dev.interlock.threads;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
