/** Health and figures of the server: {@link dev.interlock.server.status.StatusEndpoints}. */
@NullMarked
package dev.interlock.server.status;

import org.jspecify.annotations.NullMarked;
