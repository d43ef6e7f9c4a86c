/** Places at which tests let a process fail: {@link dev.interlock.failpoints.Failpoint}. For Interlock's own tests. */
@Alpha
@NullMarked
package dev.interlock.failpoints;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
