/** Rooms that organizations share, so that none can fill them: {@link dev.interlock.server.shares.Shares}. */
@NullMarked
package dev.interlock.server.shares;

import org.jspecify.annotations.NullMarked;
