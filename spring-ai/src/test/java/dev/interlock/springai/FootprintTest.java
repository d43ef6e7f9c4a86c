package dev.interlock.springai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.interlock.CircuitBreakerConfig;
import dev.interlock.CircuitBreakerManager;
import dev.interlock.Guard;
import io.micrometer.observation.ObservationRegistry;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;

/** What the advisors themselves allocate for a good call, without what Spring AI takes for the place of any advisor. */
class FootprintTest {
    private static final int CALLS = 2_000;

    private static final ChatClientRequest REQUEST =
            ChatClientRequest.builder().prompt(new Prompt("a trip")).build();

    private final CircuitBreakerManager circuits = CircuitBreakerManager.create(CircuitBreakerConfig.recommended());
    private final Guard agent = circuits.guard("planner");

    @AfterEach
    void close() {
        circuits.close();
    }

    /** A chain behind which the model answers at once, with the same answer each time. */
    private record Next(ChatClientResponse answer) implements CallAdvisorChain {
        @Override
        public ChatClientResponse nextCall(ChatClientRequest request) {
            return answer;
        }

        @Override
        public List<CallAdvisor> getCallAdvisors() {
            return List.of();
        }

        @Override
        public CallAdvisorChain copy(CallAdvisor after) {
            return this;
        }

        @Override
        public ObservationRegistry getObservationRegistry() {
            return ObservationRegistry.NOOP;
        }
    }

    @Test
    void a_guarded_model_allocates_its_permit_and_what_asks_the_next_advisor() {
        assertThat(bytesOf(GuardedModelAdvisor.of(agent.dependingOn("model:kimi-k2"))))
                .isLessThanOrEqualTo(128);
    }

    @Test
    void a_guarded_agent_allocates_its_permit_and_what_asks_the_next_advisor() {
        assertThat(bytesOf(GuardedAgentAdvisor.of(agent))).isLessThanOrEqualTo(56);
    }

    private static long bytesOf(CallAdvisor advisor) {
        ChatResponse answer = new ChatResponse(List.of(new Generation(new AssistantMessage("sail at seven"))));
        Next chain = new Next(new ChatClientResponse(answer, Map.of()));
        return least(() -> advisor.adviseCall(REQUEST, chain));
    }

    /** Of several rounds, since the first one loads classes. */
    private static long least(Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long here = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getThreadAllocatedBytes(here);
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(here) - before);
        }
        return least / CALLS;
    }
}
