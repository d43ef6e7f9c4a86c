/**
 * Guards around what agents of LangChain4j call: models, streams of models, and tools.
 *
 * <p>Begin with {@link dev.interlock.langchain4j.GuardedChatModel}. LangChain4j 1.13 is the least release.
 */
@Beta
@NullMarked
package dev.interlock.langchain4j;

import dev.interlock.Beta;
import org.jspecify.annotations.NullMarked;
