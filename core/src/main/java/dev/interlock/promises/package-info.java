/** What Interlock promises and watches while it runs: {@link dev.interlock.promises.BrokenPromises}. */
@Alpha
@NullMarked
package dev.interlock.promises;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
