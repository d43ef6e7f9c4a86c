package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every client does while its server is there: see {@link Conformance}. */
class ConformanceTest extends Conformance {
    @Override
    boolean plays(JsonNode scenario) {
        return !isOutage(scenario);
    }

    /** Nothing is closed: a script reports at its exit, and so do the processes that it makes, which end in their own way. */
    @Test
    void a_script_that_ends_has_reported_and_its_children_as_well() throws IOException, InterruptedException {
        Language.PYTHON.assumeItIsHere();
        String script = """
                import interlock, multiprocessing
                client = interlock.connect()
                def fails(name):
                    try:
                        client.guard(name).call(lambda: 1 / 0)
                    except ZeroDivisionError:
                        pass
                fails("exits-parent")
                children = [multiprocessing.get_context("fork").Process(target=fails, args=("exits-child",)) for _ in range(2)]
                for child in children:
                    child.start()
                for child in children:
                    child.join()
                fails("exits-parent")
                """;
        Script.run(
                Language.ROOT.resolve("clients/python"),
                Map.of("INTERLOCK_URL", cable.url(), "INTERLOCK_KEY", server.adminKey()),
                "python3",
                "-c",
                script);
        assertThat(server.circuit("exits-parent").path("failure_count").asInt()).isEqualTo(2);
        assertThat(server.circuit("exits-child").path("failure_count").asInt()).isEqualTo(2);
    }
}
