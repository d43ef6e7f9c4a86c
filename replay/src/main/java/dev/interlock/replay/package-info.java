/** Recorded calls through real circuits on a virtual clock; start from {@link dev.interlock.replay.Replay}. */
@NullMarked
package dev.interlock.replay;

import org.jspecify.annotations.NullMarked;
