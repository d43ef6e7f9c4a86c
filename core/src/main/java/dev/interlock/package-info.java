/** Circuit breakers for AI agents. */
@NullMarked
package dev.interlock;

import org.jspecify.annotations.NullMarked;
