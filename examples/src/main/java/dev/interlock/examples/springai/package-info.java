/** An application of Spring Boot that asks its model by Spring AI. */
@NullMarked
package dev.interlock.examples.springai;

import org.jspecify.annotations.NullMarked;
