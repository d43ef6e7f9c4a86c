package dev.interlock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitOpenException;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** Who lies outside of whom: retries and threads outside of the guard, transactions inside. */
class AdviceOrderTest {
    static class Agents {
        final AtomicInteger calls = new AtomicInteger();
        volatile String thread = "";

        @Retryable(maxRetries = 2, delay = 1, excludes = CircuitOpenException.class)
        @Guarded("retried")
        public String retried() {
            calls.incrementAndGet();
            throw new IllegalStateException("down");
        }

        @Async
        @Guarded("async")
        public CompletableFuture<String> async() {
            thread = Thread.currentThread().getName();
            return CompletableFuture.failedFuture(new IllegalStateException("down"));
        }

        @Transactional
        @Guarded("transactional")
        public String transactional() {
            calls.incrementAndGet();
            return "written";
        }
    }

    /** Counts transactions, and fails when it is to commit. */
    static class Transactions extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1;
        final AtomicInteger begun = new AtomicInteger();

        @Override
        protected Object doGetTransaction() {
            return new Object();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {
            begun.incrementAndGet();
        }

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            throw new UnexpectedRollbackException("rolled back");
        }

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableResilientMethods
    @EnableAsync
    @EnableTransactionManagement
    static class App {
        @Bean
        Agents agents() {
            return new Agents();
        }

        @Bean
        PlatformTransactionManager transactions() {
            return new Transactions();
        }
    }

    private static void counted(CircuitBreakerManager circuits, String agent, int failures) {
        assertThat(circuits.snapshot(CircuitId.of(agent)).figures().failures()).isEqualTo(failures);
    }

    @Test
    void retries_and_threads_lie_outside_and_transactions_inside() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(InterlockAutoConfiguration.class))
                .withUserConfiguration(App.class)
                .run(context -> {
                    Agents agents = context.getBean(Agents.class);
                    CircuitBreakerManager circuits = context.getBean(CircuitBreakerManager.class);
                    Transactions transactions = context.getBean(Transactions.class);

                    assertThatThrownBy(agents::retried).hasMessage("down");
                    counted(circuits, "retried", 3); // each attempt is a call of its own

                    assertThatThrownBy(() -> agents.async().join()).isInstanceOf(CompletionException.class);
                    counted(circuits, "async", 1);

                    assertThatThrownBy(agents::transactional).isInstanceOf(UnexpectedRollbackException.class);
                    counted(circuits, "transactional", 1); // the commit that fails is seen

                    for (String each : new String[] {"retried", "async", "transactional"}) {
                        circuits.override(CircuitId.of(each), ManualOverride.of(OverrideAction.OPEN, "ann"));
                    }
                    int begun = transactions.begun.get();
                    assertThatThrownBy(agents::transactional).isInstanceOf(CircuitOpenException.class);
                    assertThat(transactions.begun).hasValue(begun); // a refused call opens no transaction
                    assertThatThrownBy(() -> agents.async().join()).hasCauseInstanceOf(CircuitOpenException.class);
                    assertThatThrownBy(agents::retried).isInstanceOf(CircuitOpenException.class);
                });
    }

    @Test
    void the_place_among_the_advices_can_be_set() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(InterlockAutoConfiguration.class))
                .withPropertyValues("interlock.aspect-order=7")
                .run(context -> assertThat(context.getBean(GuardedAdvisor.class).getOrder())
                        .isEqualTo(7));
    }
}
