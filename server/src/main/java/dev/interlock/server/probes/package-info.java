/** Probes of policies as HTTP requests: start from {@link dev.interlock.server.probes.HttpProbes}. */
@NullMarked
package dev.interlock.server.probes;

import org.jspecify.annotations.NullMarked;
