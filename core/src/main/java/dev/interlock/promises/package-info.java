/** What Interlock promises and watches while it runs: {@link dev.interlock.promises.BrokenPromises}. */
@NullMarked
package dev.interlock.promises;

import org.jspecify.annotations.NullMarked;
