/** Threads for what takes time, which organizations share: {@link dev.interlock.server.workers.Workers}. */
@NullMarked
package dev.interlock.server.workers;

import org.jspecify.annotations.NullMarked;
