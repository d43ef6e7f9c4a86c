package dev.interlock.examples.loops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.FailureKind;
import dev.interlock.Guard;
import dev.interlock.TimeSource;
import dev.interlock.monitor.AgentLogger;
import dev.interlock.monitor.AgentRegistry;
import dev.interlock.monitor.HealthMonitor;
import dev.interlock.monitor.HealthSettings;
import dev.interlock.monitor.InMemoryLogStore;
import dev.interlock.monitor.LogProcessor;
import dev.interlock.monitor.Receipt;
import dev.interlock.monitor.loops.LoopDetector;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.monitor.loops.LoopSettings;
import dev.interlock.test.Answer;
import dev.interlock.test.FakeProvider;
import dev.interlock.test.OpenAiAnswers;
import dev.interlock.test.ReceivedRequest;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A model that calls a tool again and again until it reads that it repeats itself, and who finds that out. */
final class RepeatingModel implements AutoCloseable {
    static final String REPEATS = " repeats itself: the same call had the same result";

    final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.defaults());
    final Guard agent = circuits.guard("searcher");
    final FakeProvider provider = FakeProvider.start().answering(this::answer);
    final AgentLogger log;

    private final HealthMonitor monitor = HealthMonitor.start(circuits, HealthSettings.defaults());
    private final LoopDetector loops = new LoopDetector(LoopSettings.defaults(), TimeSource.system());
    private final Semaphore logged = new Semaphore(0);

    /** How often the tool was called. */
    private final AtomicInteger calls = new AtomicInteger();

    RepeatingModel() {
        LogProcessor processor =
                new LogProcessor(monitor, new AgentRegistry(100), new InMemoryLogStore(100), TimeSource.system());
        processor.findLoopsBy(loops, true, loop -> {});
        log = AgentLogger.to(batch -> {
                    Receipt receipt = processor.take(batch);
                    logged.release((int) batch.entries().stream()
                            .filter(each -> each.errorKind() != FailureKind.DOWNSTREAM_OPEN)
                            .count());
                    return receipt;
                })
                .refusing(new LoopRefusals(loops, circuits, TimeSource.system()))
                .batchSize(1)
                .build();
    }

    /** What the tool finds, each time. */
    String tool() {
        calls.incrementAndGet();
        return "nothing";
    }

    /** The same call again, once the one before has been looked at. */
    private Answer answer(ReceivedRequest request) {
        if (request.body().contains(REPEATS)) {
            return OpenAiAnswers.text("there is nothing");
        }
        if (request.body().contains("tool_call_id")) {
            awaitLogged();
        }
        return OpenAiAnswers.toolCall("search", "{\"words\": \"tides\", \"arg0\": \"tides\"}");
    }

    /** Waits until one more call has been looked at. */
    void awaitLogged() {
        try {
            assertThat(logged.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** Three calls are made, and the fourth is refused; another run may make as many, and no circuit has a failure. */
    void assertThatRunsAreStopped(Supplier<String> run) {
        assertThat(run.get()).isEqualTo("there is nothing");
        assertThat(calls.get()).isEqualTo(3);
        assertThat(provider.requests()).hasSize(5);
        assertThat(provider.requests().get(4).body())
                .contains("The tool search is not available: searcher" + REPEATS)
                .contains("Do not repeat this call.");

        assertThat(run.get()).isEqualTo("there is nothing");
        assertThat(calls.get()).as("calls of both runs").isEqualTo(6);
        assertThat(loops.found()).isEqualTo(2);
        assertThat(failures("searcher") + failures("tool:search")).isZero();
    }

    private long failures(String circuit) {
        return circuits.snapshot(CircuitId.of(circuit)).figures().failures();
    }

    /** How many runs were found in a loop. */
    long found() {
        return loops.found();
    }

    @Override
    public void close() {
        provider.close();
        log.close();
        monitor.close();
        circuits.close();
    }
}
