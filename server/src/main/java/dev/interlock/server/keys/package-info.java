/** API keys over HTTP; start from {@link dev.interlock.server.keys.KeyEndpoints}. */
@NullMarked
package dev.interlock.server.keys;

import org.jspecify.annotations.NullMarked;
