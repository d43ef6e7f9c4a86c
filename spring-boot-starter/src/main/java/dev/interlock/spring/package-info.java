/**
 * Interlock in Spring Boot: beans that give way to one's own, policies from properties, and guarded methods.
 *
 * <p>Begin with {@link dev.interlock.spring.Guarded}.
 */
@Beta
@NullMarked
package dev.interlock.spring;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
