package dev.interlock.rules;

import static dev.interlock.Lab.seconds;
import static dev.interlock.Lab.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.Lab;
import dev.interlock.Outcome;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import dev.interlock.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A guarded call within a guarded call: each real call counts once, and no chain waits for its own trial. */
class Rule17CallsWithinCallsTest {
    private static final CircuitBreakerConfig ONE_TRIAL = settings()
            .failureThreshold(3)
            .failureRateThreshold(null)
            .halfOpenMaxRequests(1)
            .successThreshold(1)
            .build();

    private static final CircuitBreakerConfig TWO_SUCCESSES = settings()
            .failureThreshold(3)
            .failureRateThreshold(null)
            .trialsAtOnce(1)
            .halfOpenMaxRequests(2)
            .successThreshold(2)
            .build();

    /** An interface to be guarded by a proxy. */
    interface Model {
        String ask();

        CompletionStage<String> askLater();

        Object askAnyhow();
    }

    private Lab lab = new Lab(ONE_TRIAL);

    private void with(CircuitBreakerConfig config) {
        lab = new Lab(config);
    }

    /** The circuit has opened, and its cooldown is over. */
    private CircuitBreaker cooled(String name) {
        CircuitBreaker circuit = lab.circuits.getOrCreate(name);
        for (int i = 0; i < 3; i++) {
            circuit.recordFailure(FailureKind.ERROR);
        }
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        lab.pass(seconds(60));
        return circuit;
    }

    private Guard guard(String name, String... dependencies) {
        Guard guard = lab.circuits.guard(name);
        return dependencies.length == 0 ? guard : guard.dependingOn(dependencies);
    }

    private int calls(String name) {
        return lab.circuits.getOrCreate(name).snapshot().figures().calls();
    }

    private int failures(String name) {
        return lab.circuits.getOrCreate(name).snapshot().figures().failures();
    }

    @Nested
    class A_chain_is_opened_by {
        @Test
        void call() {
            CircuitBreaker agent = cooled("agent");
            assertThat(guard("agent")
                            .<String, RuntimeException>call(() -> guard("agent").call(() -> "well")))
                    .isEqualTo("well");
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void run() {
            CircuitBreaker agent = cooled("agent");
            guard("agent").<RuntimeException>run(() -> guard("agent").<RuntimeException>run(() -> {}));
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void a_call_with_a_fallback() {
            CircuitBreaker agent = cooled("agent");
            String answer = guard("agent")
                    .withFallback(refused -> "outer fallback")
                    .call(() -> guard("agent")
                            .withFallback(refused -> "inner fallback")
                            .call(() -> "well"));
            assertThat(answer).isEqualTo("well");
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void every_method_of_a_proxy() {
            Model model = new Model() {
                @Override
                public String ask() {
                    return guard("agent").<String, RuntimeException>call(() -> "well");
                }

                @Override
                public CompletionStage<String> askLater() {
                    return CompletableFuture.completedFuture(ask());
                }

                @Override
                public Object askAnyhow() {
                    return ask();
                }
            };
            Model guarded = guard("agent").proxy(Model.class, model);
            for (Supplier<Object> ask : List.<Supplier<Object>>of(
                    guarded::ask,
                    guarded::askAnyhow,
                    () -> guarded.askLater().toCompletableFuture().join())) {
                CircuitBreaker agent = cooled("agent");
                assertThat(ask.get()).isEqualTo("well");
                assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
            }
        }

        @Test
        void the_supplier_of_an_async_call() {
            CircuitBreaker agent = cooled("agent");
            CompletableFuture<String> source = new CompletableFuture<>();
            CompletableFuture<String> outer =
                    guard("agent").callAsync(() -> guard("agent").callAsync(() -> source));
            assertThat(agent.state()).isEqualTo(CircuitState.HALF_OPEN);
            source.complete("well");
            assertThat(outer).isCompletedWithValue("well");
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void run_and_supply_of_a_permit() {
            CircuitBreaker agent = cooled("agent");
            try (Permit permit = agent.acquire()) {
                permit.<RuntimeException>run(() -> guard("agent").<RuntimeException>run(() -> {}));
                assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
                permit.succeed();
            }
            cooled("agent");
            try (Permit permit = guard("agent").acquire()) {
                assertThat(permit.<String, RuntimeException>supply(
                                () -> guard("agent").call(() -> "well")))
                        .isEqualTo("well");
                permit.succeed();
            }
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void permit_run_keeps_checked_exceptions_and_settles_nothing() {
            try (Permit permit = lab.circuit.acquire()) {
                assertThatThrownBy(() -> permit.run(() -> {
                            throw new java.io.IOException("broken");
                        }))
                        .isInstanceOf(java.io.IOException.class);
                assertThat(permit.isSettled()).isFalse();
                permit.succeed();
            }
        }

        @Test
        void no_acquire_which_joins_one_all_the_same() {
            CircuitBreaker agent = cooled("agent");
            Permit first = agent.acquire();
            assertThat(agent.tryAcquire()).as("first opens no chain").isNull();
            Permit joined = first.<Permit, RuntimeException>supply(agent::tryAcquire);
            assertThat(joined).isNotNull();
            assertThat(agent.tryAcquire()).as("a stranger").isNull();
            joined.succeed();
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }
    }

    @Nested
    class A_chain_is_handed_on {
        @Test
        void to_an_executor_by_wrap_and_only_so() {
            CircuitBreaker agent = cooled("agent");
            ExecutorService executor = Executors.newSingleThreadExecutor();
            try {
                boolean[] admitted = new boolean[2];
                guard("agent").<RuntimeException>run(() -> {
                    executor.submit(() -> admitted[0] = agent.tryAcquire() != null);
                    CompletableFuture.runAsync(
                                    Permit.current().wrap(() -> {
                                        Permit inner = agent.tryAcquire();
                                        admitted[1] = inner != null;
                                        inner.succeed();
                                    }),
                                    executor)
                            .join();
                });
                assertThat(admitted).containsExactly(false, true);
                assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
            } finally {
                executor.shutdown();
            }
        }

        @Test
        void to_the_steps_of_a_pipeline() {
            CircuitBreaker agent = cooled("agent");
            CompletableFuture<String> began = new CompletableFuture<>();
            CompletableFuture<String> outer = guard("agent").callAsync(() -> {
                Function<String, CompletionStage<String>> step =
                        given -> guard("agent").callAsync(() -> CompletableFuture.completedFuture(given + ", well"));
                return began.thenCompose(Permit.current().wrap(step));
            });
            began.complete("slept");
            assertThat(outer).isCompletedWithValue("slept, well");
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void and_what_is_wrapped_leaves_the_thread_as_it_was() {
            with(TWO_SUCCESSES);
            CircuitBreaker agent = cooled("agent");
            Permit permit = agent.acquire();
            Supplier<String> wrapped = permit.<Supplier<String>, RuntimeException>supply(
                    () -> Permit.current().wrap(() -> Permit.current().toString()));
            assertThat(wrapped.get()).contains("agent");
            assertThat(Permit.current().toString()).isEqualTo("CallChain[]");
        }

        @Test
        void where_no_call_is_under_way_to_nobody() {
            CircuitBreaker agent = cooled("agent");
            Runnable outside =
                    Permit.current().wrap(() -> assertThat(agent.tryAcquire()).isNull());
            guard("agent").<RuntimeException>run(outside::run);
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void and_a_settled_permit_is_no_parent() {
            with(TWO_SUCCESSES);
            CircuitBreaker agent = cooled("agent");
            Permit outer = agent.acquire();
            Supplier<Permit> later = outer.<Supplier<Permit>, RuntimeException>supply(
                    () -> Permit.current().<Permit>wrap((Supplier<Permit>) agent::tryAcquire));
            outer.succeed();
            Permit stranger = later.get();
            assertThat(stranger).as("the place is free again").isNotNull();
            assertThat(later.get()).as("and taken by a stranger").isNull();
            stranger.succeed();
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }
    }

    @Nested
    class An_inner_call {
        @Test
        void asks_like_any_other_so_an_open_circuit_refuses_it() {
            CircuitBreaker model = lab.circuits.getOrCreate("model:m");
            guard("agent", "model:m").<RuntimeException>run(() -> {
                model.override(dev.interlock.ManualOverride.of(OverrideAction.HOLD_OPEN, "test"));
                assertThatThrownBy(() -> guard("other", "model:m").run(() -> {}))
                        .isInstanceOf(CircuitOpenException.class);
            });
        }

        @Test
        void of_an_outer_one_from_before_the_opening_is_itself_the_first_trial() {
            Permit outer = lab.circuit.acquire();
            cooled("agent");
            Permit inner = outer.<Permit, RuntimeException>supply(lab.circuit::acquire);
            assertThat(lab.circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
            assertThat(inner.isTrial()).isTrue();
            assertThat(outer.succeed()).isEqualTo(Settlement.LATE);
            inner.succeed();
            assertThat(lab.circuit.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void takes_over_the_place_one_at_a_time() {
            with(TWO_SUCCESSES);
            CircuitBreaker agent = cooled("agent");
            Permit outer = agent.acquire();
            Permit inner = outer.<Permit, RuntimeException>supply(agent::tryAcquire);
            assertThat(inner).isNotNull();
            assertThat(outer.<Permit, RuntimeException>supply(agent::tryAcquire))
                    .isNull();
            assertThat(agent.snapshot().trialsOut()).isEqualTo(1);
            inner.succeed();
            assertThat(agent.snapshot().trialsSucceeded()).isEqualTo(1);
            Permit next = outer.<Permit, RuntimeException>supply(agent::tryAcquire);
            assertThat(next).as("asks like a stranger").isNotNull();
            next.succeed();
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
            assertThat(outer.succeed()).isEqualTo(Settlement.LATE);
        }

        @Test
        void settles_the_place_also_by_an_ignored_outcome() {
            CircuitBreaker agent = cooled("agent");
            Permit outer = agent.acquire();
            outer.<Permit, RuntimeException>supply(agent::tryAcquire).cancel();
            assertThat(agent.snapshot().trialsOut()).isZero();
            Permit stranger = agent.tryAcquire();
            assertThat(stranger).isNotNull();
            assertThat(outer.<Permit, RuntimeException>supply(agent::tryAcquire))
                    .isNull();
            assertThat(outer.succeed()).isEqualTo(Settlement.IGNORED);
            assertThat(agent.state()).isEqualTo(CircuitState.HALF_OPEN);
            stranger.succeed();
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void of_several_circuits_that_is_refused_leaves_the_place_where_it_was() {
            CircuitBreaker agent = cooled("agent");
            lab.circuits
                    .getOrCreate("tool:t")
                    .override(dev.interlock.ManualOverride.of(OverrideAction.HOLD_OPEN, "test"));
            Permit outer = agent.acquire();
            assertThat(outer.<Permit, RuntimeException>supply(guard("agent", "tool:t")::tryAcquire))
                    .isNull();
            assertThat(outer.succeed()).isEqualTo(Settlement.COUNTED);
            assertThat(agent.state()).isEqualTo(CircuitState.CLOSED);
        }

        @Test
        void is_refused_with_the_wait_where_no_call_around_it_holds_a_place() {
            CircuitBreaker model = cooled("model:m");
            model.acquire();
            guard("c", "tool:t")
                    .<RuntimeException>run(() -> assertThatThrownBy(guard("b", "model:m")::acquire)
                            .isInstanceOfSatisfying(
                                    CircuitOpenException.class,
                                    refused -> assertThat(refused.retryAfter()).isEqualTo(seconds(1))));
        }

        @Test
        void finds_no_place_with_a_call_whose_lease_has_ended() {
            with(ONE_TRIAL.toBuilder().trialTimeout(seconds(10)).build());
            CircuitBreaker agent = cooled("agent");
            Permit outer = agent.acquire();
            lab.pass(seconds(10));
            Permit stranger = agent.tryAcquire();
            assertThat(stranger).isNotNull();
            assertThat(outer.<Permit, RuntimeException>supply(agent::tryAcquire))
                    .isNull();
            stranger.cancel();
            assertThat(outer.<Permit, RuntimeException>supply(agent::tryAcquire))
                    .isNotNull();
        }

        @Test
        void has_a_place_of_its_own_from_the_end_of_that_lease_on() {
            with(ONE_TRIAL.toBuilder().trialTimeout(seconds(10)).build());
            CircuitBreaker agent = cooled("agent");
            Permit outer = agent.acquire();
            lab.pass(seconds(10));
            assertThat(outer.<Permit, RuntimeException>supply(agent::tryAcquire))
                    .isNotNull();
            assertThat(agent.snapshot().trialsOut()).isEqualTo(1);
        }

        @Test
        void of_any_depth_runs_in_the_place_of_the_outermost() {
            CircuitBreaker model = cooled("model:m");
            List<Integer> running = new ArrayList<>();
            guard("a", "model:m")
                    .<RuntimeException>run(() -> guard("b", "model:m")
                            .<RuntimeException>run(() -> guard("c")
                                    .<RuntimeException>run(() -> guard("d", "model:m")
                                            .<RuntimeException>run(() ->
                                                    running.add(model.snapshot().trialsOut())))));
            assertThat(running).containsExactly(1);
            assertThat(model.state()).isEqualTo(CircuitState.CLOSED);
        }
    }

    @Nested
    class An_outer_outcome {
        @Test
        void is_ignored_in_every_circuit_in_which_an_inner_call_was_admitted() {
            guard("planner", "model:m")
                    .<RuntimeException>run(() -> guard("searcher", "model:m").<RuntimeException>run(() -> {}));
            assertThat(calls("model:m")).isEqualTo(1);
            assertThat(calls("planner")).isEqualTo(1);
            assertThat(calls("searcher")).isEqualTo(1);
        }

        @Test
        void is_ignored_also_where_the_inner_guard_is_of_that_circuit_alone() {
            guard("planner", "model:m")
                    .<RuntimeException>run(() -> guard("model:m").<RuntimeException>run(() -> {}));
            assertThat(calls("model:m")).isEqualTo(1);
            assertThat(calls("planner")).isEqualTo(1);
        }

        @Test
        void and_where_that_guard_has_been_used_before_outside() {
            Guard model = guard("model:m");
            model.<RuntimeException>run(() -> {});
            guard("planner", "model:m").<RuntimeException>run(() -> model.<RuntimeException>run(() -> {}));
            assertThat(calls("model:m")).isEqualTo(2);
        }

        @Test
        void counts_where_no_inner_call_was_admitted() {
            assertThatThrownBy(() -> guard("planner", "model:m").run(() -> {
                        guard("searcher", "model:other").run(() -> {});
                        throw new IllegalStateException("a bug");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(failures("planner")).isEqualTo(1);
            assertThat(calls("model:m")).isZero();
        }

        @Test
        void that_is_a_failure_of_the_guards_own_circuit_counts_there() {
            assertThatThrownBy(() -> guard("planner", "model:m").run(() -> {
                        guard("planner", "model:m").run(() -> {});
                        throw new IllegalStateException("a bug");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(calls("planner")).isEqualTo(2);
            assertThat(failures("planner")).isEqualTo(1);
            assertThat(calls("model:m")).isEqualTo(1);
        }

        @Test
        void counts_not_even_there_if_an_inner_call_of_that_circuit_alone_failed() {
            Permit outer = guard("planner", "model:m").acquire();
            outer.<RuntimeException>run(() -> guard("planner").acquire().fail(FailureKind.ERROR));
            outer.fail(FailureKind.ERROR);
            assertThat(failures("planner")).isEqualTo(1);
        }

        @Test
        void that_is_a_failure_of_the_guards_own_circuit_reopens_it() {
            with(TWO_SUCCESSES);
            CircuitBreaker agent = cooled("agent");
            assertThatThrownBy(() -> guard("agent").run(() -> {
                        guard("agent").run(() -> {});
                        throw new IllegalStateException("a bug");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(agent.state()).isEqualTo(CircuitState.OPEN);
        }

        @Test
        void counts_not_even_there_if_an_inner_call_of_that_circuit_failed() {
            assertThatThrownBy(() -> guard("planner", "model:m")
                            .run(() -> guard("planner", "model:m").run(() -> {
                                throw new IllegalStateException("a bug");
                            })))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(failures("planner")).isEqualTo(1);
            assertThat(calls("planner")).isEqualTo(1);
        }

        @Test
        void of_an_upstreams_failure_counts_once_at_any_depth() {
            assertThatThrownBy(() -> guard("a", "model:m")
                            .run(() -> guard("b", "model:m")
                                    .run(() -> guard("c", "model:m").run(() -> {
                                        throw new java.net.ConnectException("gone");
                                    }))))
                    .isInstanceOf(java.net.ConnectException.class);
            assertThat(failures("model:m")).isEqualTo(1);
        }

        @Test
        void is_ignored_in_the_circuit_that_refused_an_inner_call_and_nowhere_else() {
            with(TWO_SUCCESSES);
            CircuitBreaker model = cooled("model:m");
            Permit outer = guard("planner", "model:m").acquire();
            Permit running = outer.<Permit, RuntimeException>supply(guard("searcher", "model:m")::tryAcquire);
            running.cancel();
            Permit stranger = model.acquire();
            assertThat(outer.<Permit, RuntimeException>supply(guard("searcher", "model:m")::tryAcquire))
                    .isNull();
            outer.succeed();
            assertThat(model.snapshot().trialsSucceeded()).isZero();
            assertThat(calls("planner")).isEqualTo(1);
            stranger.succeed();
        }

        @Test
        void of_an_inner_fallback_is_nobodys_success() {
            with(TWO_SUCCESSES);
            CircuitBreaker model = cooled("model:m");
            // The lease has ended and a stranger is trying, so the inner call is refused by a circuit still in this
            // epoch.
            Permit outer = guard("planner", "model:m").acquire();
            lab.pass(seconds(120));
            Permit stranger = model.acquire();
            String answer = outer.<String, RuntimeException>supply(() -> guard("searcher", "model:m")
                    .withFallback(refused -> "from a cache")
                    .call(() -> "from the model"));
            assertThat(answer).isEqualTo("from a cache");
            outer.succeed();
            assertThat(model.snapshot().trialsSucceeded()).isZero();
            assertThat(calls("planner")).isEqualTo(1);
            stranger.cancel();
        }

        @Test
        void of_a_slow_call_is_ignored_too() {
            with(settings()
                    .slowCallDuration(seconds(5))
                    .slowCallRateThreshold(0.5)
                    .failureThreshold(null)
                    .failureRateThreshold(null)
                    .build());
            Permit outer = guard("planner", "model:m").acquire();
            Permit inner = outer.<Permit, RuntimeException>supply(guard("searcher", "model:m")::acquire);
            lab.pass(seconds(5));
            inner.succeed();
            outer.succeed();
            assertThat(lab.circuits.getOrCreate("model:m").snapshot().figures().slow())
                    .isEqualTo(1);
        }

        @Test
        void that_comes_before_its_inner_calls_is_ignored_as_well() {
            with(TWO_SUCCESSES);
            CircuitBreaker agent = cooled("agent");
            Permit outer = agent.acquire();
            Permit inner = outer.<Permit, RuntimeException>supply(agent::acquire);
            assertThat(outer.succeed()).isEqualTo(Settlement.IGNORED);
            assertThat(agent.snapshot().trialsOut()).isEqualTo(1);
            assertThat(inner.succeed()).isEqualTo(Settlement.COUNTED);
            assertThat(agent.snapshot().trialsSucceeded()).isEqualTo(1);
        }
    }

    @Nested
    class In_closed {
        @Test
        void a_guard_of_several_circuits_within_itself_counts_once() {
            Guard guard = guard("agent", "model:m");
            guard.<RuntimeException>run(() -> guard.<RuntimeException>run(() -> guard.<RuntimeException>run(() -> {})));
            assertThat(calls("agent")).isEqualTo(1);
            assertThat(calls("model:m")).isEqualTo(1);
        }

        @Test
        void permits_with_a_parent_count_once() {
            Permit first = lab.circuit.acquire();
            Permit second = first.<Permit, RuntimeException>supply(lab.circuit::acquire);
            Permit third = second.<Permit, RuntimeException>supply(lab.circuit::acquire);
            assertThat(third.succeed()).isEqualTo(Settlement.COUNTED);
            assertThat(second.succeed()).isEqualTo(Settlement.IGNORED);
            assertThat(first.succeed()).isEqualTo(Settlement.IGNORED);
            assertThat(calls("agent")).isEqualTo(1);
        }

        @Test
        void a_guard_of_a_single_circuit_within_itself_counts_a_level_more() {
            Guard guard = guard("agent");
            guard.<RuntimeException>run(() -> guard.<RuntimeException>run(() -> {}));
            assertThat(calls("agent")).isEqualTo(2);
        }

        @Test
        void an_enclosing_guard_of_a_single_circuit_counts_once() {
            Guard guard = guard("agent").enclosing();
            guard.<RuntimeException>run(() -> guard.<RuntimeException>run(() -> {}));
            assertThat(calls("agent")).isEqualTo(1);

            guard.callAsync(() -> guard.callAsync(() -> CompletableFuture.completedFuture("well")))
                    .join();
            assertThat(calls("agent")).isEqualTo(2);
            assertThat(guard.withCaller("gateway")
                            .withClassifier(guard.classifier())
                            .enclosing())
                    .isNotSameAs(guard);
            assertThat(guard.enclosing()).isSameAs(guard);
        }

        /** Otherwise an outage of a model would open every agent that asks it. */
        @Test
        void what_a_model_fails_with_within_an_enclosing_guard_or_a_proxy_is_not_the_agents() {
            lab = new Lab();
            Guard model = guard("agent", "model:m");
            Model asking = new Model() {
                @Override
                public String ask() {
                    return model.call(() -> {
                        throw new IllegalStateException(new java.net.ConnectException("down"));
                    });
                }

                @Override
                public CompletionStage<String> askLater() {
                    return model.callAsync(() -> CompletableFuture.failedFuture(new java.net.ConnectException("down")));
                }

                @Override
                public Object askAnyhow() {
                    return ask();
                }
            };
            Model proxy = guard("agent").proxy(Model.class, asking);

            assertThatThrownBy(() -> guard("agent").enclosing().call(asking::ask));
            assertThatThrownBy(proxy::ask);
            assertThatThrownBy(proxy::askAnyhow);
            assertThatThrownBy(() -> proxy.askLater().toCompletableFuture().join());

            assertThat(failures("model:m")).isEqualTo(4);
            assertThat(failures("agent")).isZero();
        }

        @Test
        void what_an_enclosing_guard_fails_with_itself_counts() {
            assertThatThrownBy(() -> guard("agent").enclosing().call(() -> {
                guard("agent", "model:m").<RuntimeException>run(() -> {});
                throw new IllegalStateException("a bug of the agent");
            }));
            assertThat(failures("agent")).isEqualTo(1);
            assertThat(failures("model:m")).isZero();
        }

        @Test
        void a_made_but_unused_permit_of_an_inner_call_is_settled_like_any_other() {
            Permit outer = guard("planner", "model:m").acquire();
            outer.<RuntimeException>run(() -> {
                try (Permit inner = guard("searcher", "model:m").acquire()) {
                    assertThat(inner.settle(Outcome.failure(FailureKind.CONNECTION)))
                            .isEqualTo(Settlement.COUNTED);
                }
            });
            outer.fail(FailureKind.CONNECTION);
            assertThat(failures("model:m")).isEqualTo(1);
            assertThat(failures("planner")).isZero();
        }
    }
}
