/**
 * What can be read off a failure before anyone judges it: waits, marks of providers, statuses. Depends on nothing but
 * the JDK; start from {@link dev.interlock.facts.RetryAfter}.
 */
@NullMarked
package dev.interlock.facts;

import org.jspecify.annotations.NullMarked;
