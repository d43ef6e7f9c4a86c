/** An application of Spring Boot that asks its models by LangChain4j. */
@NullMarked
package dev.interlock.examples.langchain4j;

import org.jspecify.annotations.NullMarked;
