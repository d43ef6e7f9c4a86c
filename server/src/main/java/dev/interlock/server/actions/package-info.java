/**
 * What people do to many at once: stops and resumptions, and overrides of many circuits with preview and undo; start with
 * {@link dev.interlock.server.actions.ActionsEndpoints}.
 */
@NullMarked
package dev.interlock.server.actions;

import org.jspecify.annotations.NullMarked;
