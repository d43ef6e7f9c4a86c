package dev.interlock.benchmarks;

import dev.interlock.spring.Guarded;
import dev.interlock.spring.InterlockAutoConfiguration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.aopalliance.intercept.MethodInterceptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * A call of a method of a bean: bare, behind advice that does nothing, and guarded by an agent's and a model's circuit. A
 * proxy has its price whatever advice it has.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpringAdapterBenchmark {
    /** The object alone. */
    @Benchmark
    public String bare(Beans beans) {
        return beans.bare.plan("a trip");
    }

    /** Behind advice that does nothing. */
    @Benchmark
    public String empty(Beans beans) {
        return beans.empty.plan("a trip");
    }

    /** Behind a guard, without judging health. */
    @Benchmark
    public String alone(Beans beans) {
        return beans.alone.plan("a trip");
    }

    /** Behind a guard, as the starter sets it up: each call is timed, and counts for health. */
    @Benchmark
    public String guarded(Beans beans) {
        return beans.guarded.plan("a trip");
    }

    /** What is called. */
    public static class Planner {
        /** A plan, without work. */
        public String plan(String goal) {
            return goal;
        }
    }

    /** The same with a guard. */
    public static class GuardedPlanner extends Planner {
        @Override
        @Guarded(value = "planner", dependingOn = "model:kimi-k2")
        public String plan(String goal) {
            return goal;
        }
    }

    /** The same object in its four ways. */
    @State(Scope.Benchmark)
    public static class Beans {
        private final AnnotationConfigApplicationContext judging = context(true);
        private final AnnotationConfigApplicationContext counting = context(false);
        private final Planner bare = new Planner();
        private final Planner empty = advised(bare);
        private final Planner alone = counting.getBean(Planner.class);
        private final Planner guarded = judging.getBean(Planner.class);

        private static Planner advised(Planner target) {
            ProxyFactory factory = new ProxyFactory(target);
            factory.setProxyTargetClass(true);
            factory.addAdvice((MethodInterceptor) invocation -> invocation.proceed());
            return (Planner) factory.getProxy();
        }

        private static AnnotationConfigApplicationContext context(boolean health) {
            AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource(
                            "benchmark",
                            Map.of(
                                    "interlock.default-policy.base",
                                    "recommended",
                                    "interlock.health.enabled",
                                    health)));
            context.register(InterlockAutoConfiguration.class, GuardedPlanner.class);
            context.refresh();
            return context;
        }

        /** Ends their threads. */
        @TearDown
        public void end() {
            judging.close();
            counting.close();
        }
    }
}
