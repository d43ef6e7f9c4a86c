/**
 * What can be read off a failure before anyone judges it: waits, marks of providers, statuses. Depends on nothing but
 * the JDK; start from {@link dev.interlock.facts.RetryAfter}.
 */
@Alpha
@NullMarked
package dev.interlock.facts;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
