package dev.interlock.spring;

import java.lang.reflect.Method;
import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AbstractPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.Ordered;

/** Puts guards before methods, for the container's own creator of proxies. */
final class GuardedAdvisor extends AbstractPointcutAdvisor {
    /** Outside of transactions, whose default is the lowest precedence. */
    static final int DEFAULT_ORDER = Ordered.LOWEST_PRECEDENCE - 1_000;

    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // proxies of beans are not serialized
    private final Advice advice;

    @SuppressWarnings("serial")
    private final Pointcut pointcut = new StaticMethodMatcherPointcut() {
        @Override
        public boolean matches(Method method, Class<?> target) {
            return GuardedMethods.annotation(method, target) != null;
        }
    };

    GuardedAdvisor(GuardedInterceptor advice, int order) {
        this.advice = advice;
        setOrder(order);
    }

    @Override
    public Pointcut getPointcut() {
        return pointcut;
    }

    @Override
    public Advice getAdvice() {
        return advice;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
