package dev.interlock.benchmarks;

import dev.interlock.CircuitBreaker;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitOpenException;
import dev.interlock.CircuitState;
import dev.interlock.Guard;
import dev.interlock.ManualOverride;
import dev.interlock.ManualTimeSource;
import dev.interlock.OverrideAction;
import dev.interlock.Permit;
import java.io.PrintStream;
import java.net.ConnectException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Guarded calls within guarded calls that share a model's circuit: how many real calls a model that is healthy again gets
 * until its circuit closes, and how many one gets that stays dead behind an inner fallback.
 */
final class CallsWithinCalls implements BlamePart {
    private static final String MODEL = "model:m";
    private static final int TRIES = 200;

    /** How an outer call makes the inner one. */
    private enum Way {
        SYNC("call within call") {
            @Override
            void around(World world, int depth) throws Exception {
                Guard guard = world.guard(depth);
                guard.<Exception>run(() -> world.inner(this, depth));
            }
        },
        ASYNC("callAsync within callAsync") {
            @Override
            void around(World world, int depth) throws Exception {
                try {
                    world.guard(depth)
                            .callAsync(() -> {
                                try {
                                    world.inner(this, depth);
                                    return CompletableFuture.completedFuture("well");
                                } catch (Exception failed) {
                                    return CompletableFuture.failedFuture(failed);
                                }
                            })
                            .join();
                } catch (CompletionException failed) {
                    throw failed.getCause() instanceof Exception cause ? cause : failed;
                }
            }
        },
        PERMIT("permits") {
            @Override
            void around(World world, int depth) throws Exception {
                try (Permit permit = world.guard(depth).acquire()) {
                    try {
                        permit.<Exception>run(() -> world.inner(this, depth));
                        permit.succeed();
                    } catch (Exception failed) {
                        permit.fail(failed);
                        throw failed;
                    }
                }
            }
        },
        RECURSION("a guard within itself") {
            @Override
            void around(World world, int depth) throws Exception {
                world.guard(0).<Exception>run(() -> world.inner(this, depth));
            }
        };

        final String words;

        Way(String words) {
            this.words = words;
        }

        abstract void around(World world, int depth) throws Exception;
    }

    /** One model and the agents that call it through each other, on one clock. */
    private static final class World implements AutoCloseable {
        final ManualTimeSource time = new ManualTimeSource();
        final CircuitBreakerManager circuits;
        final CircuitBreaker model;
        final String agents;
        Callable<String> real = () -> "well";
        int calls;
        boolean well = true;

        World(CircuitBreakerConfig policy, Random random, String agents) {
            this.agents = agents;
            circuits = CircuitBreakerManager.builder()
                    .defaults(policy)
                    .time(time)
                    .randomness(random::nextDouble)
                    .executor(Runnable::run)
                    .probe(MODEL, id -> well)
                    .build();
            model = circuits.getOrCreate(MODEL);
        }

        Guard guard(int depth) {
            return circuits.guard(agents + depth).dependingOn(MODEL);
        }

        /** What is done at a depth: the real call at the bottom, else a guarded call. */
        void inner(Way way, int depth) throws Exception {
            if (depth == 0) {
                calls++;
                real.call();
            } else {
                way.around(this, depth - 1);
            }
        }

        @Override
        public void close() {
            circuits.close();
        }
    }

    @Override
    public String name() {
        return "calls-within-calls";
    }

    static Map<String, CircuitBreakerConfig> policies() {
        Map<String, CircuitBreakerConfig> policies = new LinkedHashMap<>();
        policies.put("default", CircuitBreakerConfig.defaults());
        policies.put("recommended", CircuitBreakerConfig.recommended());
        policies.put("upstream", CircuitBreakerConfig.upstream());
        policies.put("recommended+probe", CircuitBreakerConfig.recommendedWithProbe());
        policies.put("upstream+probe", CircuitBreakerConfig.upstreamWithProbe());
        return policies;
    }

    @Override
    public void play(PrintStream out, long seed) {
        out.println("### Calls within calls");
        out.println();
        out.println(
                "Real calls until the circuit of a model that is healthy again closes, at depths 2, 3, 4 and 5; a chain"
                        + " a second. Dead: real calls in an hour to a model that stays dead behind an inner fallback, two chains"
                        + " a second; the circuit must not close.");
        out.println();
        out.print("| policy | successes that close |");
        for (Way way : Way.values()) {
            out.print(" " + way.words + " |");
        }
        out.println(" dead |");
        out.println("|---|---:|" + "---:|".repeat(Way.values().length) + "---:|");
        policies().forEach((name, policy) -> {
            out.print("| `" + name + "` | " + policy.successThreshold() + " |");
            for (Way way : Way.values()) {
                StringBuilder counts = new StringBuilder();
                for (int depth = 2; depth <= 5; depth++) {
                    counts.append(depth == 2 ? " " : ", ").append(untilClosed(policy, way, depth, seed));
                }
                out.print(counts + " |");
            }
            out.println(" " + whileDead(policy, seed) + " |");
        });
    }

    private static String untilClosed(CircuitBreakerConfig policy, Way way, int depth, long seed) {
        try (World world = new World(policy, new Random(seed), "agent-")) {
            world.model.override(ManualOverride.of(OverrideAction.OPEN, "simulation"));
            for (int i = 0; i < TRIES; i++) {
                world.time.advance(Duration.ofSeconds(1));
                try {
                    world.inner(way, depth);
                } catch (CircuitOpenException refused) {
                    continue;
                } catch (Exception failed) {
                    throw new IllegalStateException("A healthy model failed", failed);
                }
                if (world.model.state() == CircuitState.CLOSED) {
                    return Integer.toString(world.calls);
                }
            }
            return "never";
        }
    }

    private static int whileDead(CircuitBreakerConfig policy, long seed) {
        try (World world = new World(policy, new Random(seed), "")) {
            world.well = false;
            world.real = () -> {
                throw new ConnectException("dead");
            };
            for (int i = 0; i < 3_600; i++) {
                world.time.advance(Duration.ofSeconds(1));
                chainWithFallback(world, "planner", "searcher");
                chainWithFallback(world, "writer", "reader");
            }
            return world.calls;
        }
    }

    /** The inner call falls back when it is refused, and when the model fails, so the outer one always succeeds. */
    private static void chainWithFallback(World world, String outer, String inner) {
        try {
            world.circuits.guard(outer).dependingOn(MODEL).<Exception>run(() -> {
                try {
                    world.circuits
                            .guard(inner)
                            .dependingOn(MODEL)
                            .<String>withFallback(refused -> "from a cache")
                            .<Exception>call(() -> {
                                world.calls++;
                                return world.real.call();
                            });
                } catch (ConnectException dead) {
                    // answered from a cache as well
                }
            });
        } catch (CircuitOpenException refused) {
            // the outer one is refused too
        } catch (Exception failed) {
            throw new IllegalStateException("The outer call failed", failed);
        }
    }
}
