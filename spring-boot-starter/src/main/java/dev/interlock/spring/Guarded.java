package dev.interlock.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Guards a method of a bean, or all public methods of its class: a call asks its circuits first, and how it ends is counted.
 *
 * <p>A {@code CompletionStage} is guarded until it completes, a {@code Mono}, {@code Flux}, {@code Flow.Publisher}, {@code
 * Stream} or {@code Iterator} until it ends; everything else while the method runs. Like all of Spring's annotations it
 * works where a bean is called by another one, not within the bean. Everything about it is checked when the application
 * starts: a mistake is reported there, with what would be right.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface Guarded {
    /**
     * Whose circuit: the agent's name. May hold placeholders ({@code ${planner.name}}) and expressions over the arguments
     * ({@code agent-#{#request.tenant}}).
     *
     * @return the name
     */
    String value();

    /**
     * What the call depends on, such as {@code model:kimi-k2}; with placeholders and expressions as {@link #value()}.
     *
     * @return the names of circuits that have to admit the call as well
     */
    String[] dependingOn() default {};

    /**
     * A method that answers in place of this one: of the same class, of whatever visibility, or {@code bean::method}. It has
     * the parameters of this method, or none of them, and may have an exception after them. Without one, or with a {@code
     * CircuitOpenException}, it answers calls that this guard refuses; with another exception also calls that fail with it.
     * Of several methods of the name the one with the nearest exception answers.
     *
     * @return its name; by default there is none, and a refusal is thrown
     */
    String fallbackMethod() default "";

    /**
     * How long a stage, {@code Mono} or {@code Flux} may take before it ends as a time-out, such as {@code 30s}; may hold
     * placeholders. A method that returns a plain value cannot be ended from outside, so a limit for it is refused at
     * the start.
     *
     * @return a duration; by default there is no limit
     */
    String timeout() default "";

    /**
     * The bean that says what exceptions and results mean.
     *
     * @return its name; by default the manager's classifier decides
     */
    String classifier() default "";
}
