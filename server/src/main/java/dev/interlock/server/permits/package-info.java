/** Guarding from afar: permits as signed tokens, outcomes one by one and in batches; begin at {@code PermitDesk}. */
@NullMarked
package dev.interlock.server.permits;

import org.jspecify.annotations.NullMarked;
