/** Recorded calls through real circuits on a virtual clock; start from {@link dev.interlock.server.replay.Replay}. */
@NullMarked
package dev.interlock.server.replay;

import org.jspecify.annotations.NullMarked;
