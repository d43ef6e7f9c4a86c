/** Places at which tests let a process fail: {@link dev.interlock.failpoints.Failpoint}. For Interlock's own tests. */
@NullMarked
package dev.interlock.failpoints;

import org.jspecify.annotations.NullMarked;
