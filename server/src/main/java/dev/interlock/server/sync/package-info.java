/** What clients hear and report that decide locally; begin at {@code SyncEndpoints}. */
@NullMarked
package dev.interlock.server.sync;

import org.jspecify.annotations.NullMarked;
