package dev.interlock.springai;

import static dev.interlock.test.CircuitAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.interlock.FailureKind;
import dev.interlock.test.OpenAiAnswers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.converter.BeanOutputConverter;

class GuardedConverterTest {
    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
    }

    record Plan(String goal) {}

    private final GuardedConverter<Plan> converter =
            GuardedConverter.of(new BeanOutputConverter<>(Plan.class), fleet.agent);

    private ChatClient client() {
        return Fleet.client(fleet.openAi(), GuardedModelAdvisor.of(fleet.planner));
    }

    @Test
    void an_answer_that_cannot_be_read_is_the_agents_failure_and_not_the_models() {
        fleet.provider.otherwise(OpenAiAnswers.text("no JSON"));

        assertThatThrownBy(() -> client().prompt("Hello").call().entity(converter));

        assertThat(fleet.agent()).hasCounted(2, 1);
        assertThat(fleet.model()).hasCounted(1, 0);
    }

    @Test
    void an_agent_whose_answers_can_never_be_read_is_stopped_by_its_failure_rate() {
        fleet.provider.otherwise(OpenAiAnswers.text("no JSON"));
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> client().prompt("Hello").call().entity(converter));
        }

        assertThat(fleet.agent()).isOpen().wasOpenedBy(FailureKind.MALFORMED_OUTPUT);
        assertThat(fleet.model()).isClosed();
    }

    @Test
    void an_answer_that_can_be_read_is_no_call_of_its_own() {
        fleet.provider.otherwise(OpenAiAnswers.text("{\"goal\": \"sail\"}"));

        assertThat(client().prompt("Hello").call().entity(converter)).isEqualTo(new Plan("sail"));

        assertThat(fleet.agent()).hasCounted(1, 0);
        assertThat(fleet.provider.requests().get(0).body()).contains("goal");
        assertThat(converter.getJsonSchema()).isEqualTo(new BeanOutputConverter<>(Plan.class).getJsonSchema());
    }
}
