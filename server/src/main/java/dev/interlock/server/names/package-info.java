/** Which names may be new; start from {@link dev.interlock.server.names.NameGate}. */
@NullMarked
package dev.interlock.server.names;

import org.jspecify.annotations.NullMarked;
