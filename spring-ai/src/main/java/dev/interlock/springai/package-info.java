/**
 * Guards around what agents of Spring AI call: models, streams of models, and tools.
 *
 * <p>Begin with {@link dev.interlock.springai.GuardedModelAdvisor} and {@link dev.interlock.springai.GuardedAgentAdvisor}.
 */
@Beta
@NullMarked
package dev.interlock.springai;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
