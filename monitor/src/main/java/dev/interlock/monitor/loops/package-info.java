/**
 * Loops: the same call with the same result, again and again in one execution. {@link
 * dev.interlock.monitor.loops.LoopDetector} finds them, and says which executions are in one.
 */
@Alpha
@NullMarked
package dev.interlock.monitor.loops;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
