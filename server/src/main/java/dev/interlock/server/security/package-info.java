/** Who calls, and what they may do; start from {@link dev.interlock.server.security.Security}. */
@NullMarked
package dev.interlock.server.security;

import org.jspecify.annotations.NullMarked;
