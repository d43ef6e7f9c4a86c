/** Who changed keys and policies, over HTTP; start from {@link dev.interlock.server.changes.ChangeEndpoints}. */
@NullMarked
package dev.interlock.server.changes;

import org.jspecify.annotations.NullMarked;
