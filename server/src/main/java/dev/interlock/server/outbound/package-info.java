/**
 * Requests that the server itself makes to hosts that its operator has listed: start from {@link
 * dev.interlock.server.outbound.OutboundClient}.
 */
@NullMarked
package dev.interlock.server.outbound;

import org.jspecify.annotations.NullMarked;
