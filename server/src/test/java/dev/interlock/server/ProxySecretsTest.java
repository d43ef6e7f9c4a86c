package dev.interlock.server;

import static dev.interlock.server.ProxyRig.CHAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.interlock.test.Answer;
import dev.interlock.test.OpenAiAnswers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Markers are planted in a prompt, in answers and in keys, and looked for in logs, figures and the database. */
class ProxySecretsTest {
    private static final String PROMPT = "marker-of-a-prompt-7319";
    private static final String ANSWER = "marker-of-an-answer-4402";

    @Test
    void no_prompt_answer_or_key_is_kept_anywhere() throws IOException {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Level before = root.getLevel();
        root.setLevel(Level.DEBUG);
        log.start();
        root.addAppender(log);
        Path folder = Files.createTempDirectory("interlock-markers");
        try (ProxyRig rig = ProxyRig.with("{}", Map.of("data-dir", folder.toString()))) {
            String question = "{\"model\":\"gpt-5\",\"messages\":[{\"content\":\"" + PROMPT + "\"}]}";
            rig.provider
                    .then(OpenAiAnswers.text(ANSWER))
                    .then(OpenAiAnswers.stream(ANSWER))
                    .then(OpenAiAnswers.error(500, "server_error", ANSWER))
                    .then(OpenAiAnswers.error(401, "invalid_api_key", ANSWER));
            for (int i = 0; i < 5; i++) {
                rig.ask("planner", CHAT, question);
            }
            rig.ask("writer", CHAT, "{\"messages\":[{\"content\":\"" + PROMPT + "\"}]}");
            rig.provider.then(Answer.json("{\"id\":\"" + ANSWER).thenClosed());
            rig.act("key:openai", "reset");
            assertThatThrownBy(() -> rig.ask("planner", CHAT, question)).isInstanceOf(UncheckedIOException.class);
            List<String> markers = List.of(
                    PROMPT,
                    ANSWER,
                    ProxyRig.UPSTREAM_KEY,
                    rig.key("planner").substring(16),
                    rig.key("writer").substring(16));

            String seen = rig.server.get("/metrics", "admin@default").body()
                    + rig.server.get("/api/v1/circuits/", "viewer@default").body()
                    + rig.server
                            .get("/api/v1/agents/planner/logs", "viewer@default")
                            .body()
                    + rig.server.get("/api/v1/transitions", "viewer@default").body();
            markers.forEach(each -> assertThat(seen).doesNotContain(each));
            rig.server.server().close();

            for (ILoggingEvent each : List.copyOf(log.list)) {
                String line = each.getFormattedMessage() + each.getKeyValuePairs() + each.getThrowableProxy();
                boolean ours = each.getLoggerName().startsWith("dev.interlock")
                        || each.getLevel().isGreaterOrEqual(Level.INFO);
                markers.forEach(marker -> assertThat(ours ? line : "").doesNotContain(marker));
            }
            assertThat(log.list).isNotEmpty();
            try (Stream<Path> files = Files.walk(folder)) {
                List<Path> all = files.filter(Files::isRegularFile).toList();
                assertThat(all).isNotEmpty();
                for (Path file : all) {
                    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                    markers.forEach(
                            marker -> assertThat(bytes).as(file.toString()).doesNotContain(marker));
                }
            }
        } finally {
            root.detachAppender(log);
            root.setLevel(before);
        }
    }
}
