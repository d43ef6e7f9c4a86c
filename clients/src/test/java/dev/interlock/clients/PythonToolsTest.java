package dev.interlock.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.interlock.checks.Needed;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python client within programs that many of its users have: mypy, gunicorn, Celery. Each is looked for. */
@Tag("heavy")
@Tag("thorough")
class PythonToolsTest {
    private static final Path CLIENT = Language.ROOT.resolve("clients/python");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int REQUESTS = 8;
    private static final int TASKS = 6;

    @TempDir
    Path folder;

    @Test
    void its_types_are_strict_and_those_of_its_users_follow() throws IOException, InterruptedException {
        Needed.program("mypy", "mypy", "the Python client's types");
        Path program = Files.writeString(folder.resolve("program.py"), """
                import interlock

                client = interlock.connect([])
                planner = client.guard("planner", depends_on=["model:kimi-k2"])

                def chat(prompt: str, *, words: int = 3) -> str:
                    return prompt[:words]

                @planner
                async def later(prompt: str) -> int:
                    return len(prompt)

                answer: str = planner.call(chat, "a plan", words=4)
                client.execution("planner").log("llm_inference", "kimi-k2", took=1.5, tokens=512)
                client.log("planner", "error", error=ValueError("no plan"))

                async def main() -> None:
                    length: int = await later("a plan")
                    same: str = await planner.acall(answers, length)

                async def answers(length: int) -> str:
                    return "a" * length
                """);
        String cache = "--cache-dir=" + folder.resolve("cache");
        String client = CLIENT.resolve("interlock.py").toString();

        String oldest = "--python-version=3.9"; // its syntax, and what its library has
        Command.run(folder, environment(), List.of("mypy", "--strict", oldest, cache, client, program.toString()))
                .orFail();

        Files.writeString(program, "\nwrong: int = planner.call(chat, \"a plan\")\n", StandardOpenOption.APPEND);
        Command wrong = Command.run(folder, environment(), List.of("mypy", "--strict", cache, program.toString()));
        assertThat(wrong.status()).as(wrong.said()).isEqualTo(1);
        assertThat(wrong.said()).contains("Incompatible types in assignment", "Found 1 error");
    }

    @Test
    void two_workers_of_gunicorn_with_a_preloaded_program_report_each_call_once() throws Exception {
        Needed.program("gunicorn", "gunicorn", "the Python client in its workers");
        Files.writeString(folder.resolve("app.py"), """
                import os, threading
                import interlock

                client = interlock.connect(timeout=10)
                guard = client.guard("served")
                guard.call(str)  # before the workers are forked

                def app(environ, start_response):
                    guard.call(threading.Event().wait, 0.2)
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    return [str(os.getpid()).encode()]
                """);
        try (RealServer server = RealServer.start(Files.createDirectory(folder.resolve("data")))) {
            Process gunicorn =
                    start(server, "gunicorn", "--preload", "--workers", "2", "--bind", "127.0.0.1:0", "app:app");
            Set<String> workers = new TreeSet<>();
            try {
                String url = await().atMost(PATIENCE).until(this::listening, found -> !found.isEmpty());
                HttpClient http = HttpClient.newHttpClient();
                List<CompletableFuture<String>> answers = new ArrayList<>();
                for (int i = 0; i < REQUESTS; i++) { // a worker answers one at a time
                    HttpRequest request =
                            HttpRequest.newBuilder(URI.create(url)).build();
                    answers.add(http.sendAsync(request, BodyHandlers.ofString()).thenApply(answer -> answer.body()));
                }
                for (CompletableFuture<String> each : answers) {
                    workers.add(each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
                }
            } finally {
                end(gunicorn);
            }

            assertThat(workers).as(said()).hasSize(2);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(server.circuit("served")
                                    .path("success_count")
                                    .asInt())
                            .as(said())
                            .isEqualTo(REQUESTS + 1));
        }
    }

    @Test
    void a_prefork_worker_of_celery_reports_each_task_once() throws Exception {
        String python = pythonWithCelery();
        Files.createDirectory(folder.resolve("queue"));
        Files.writeString(folder.resolve("tasks.py"), """
                import os
                import celery
                import interlock

                queue = os.path.join(os.path.dirname(os.path.abspath(__file__)), "queue")
                app = celery.Celery("tasks", broker="filesystem://")
                app.conf.broker_transport_options = {"data_folder_in": queue, "data_folder_out": queue}
                client = interlock.connect(timeout=10)
                guard = client.guard("worked")

                @app.task
                def work(number):
                    guard.call(str, number)

                @app.task
                def all_of_them():
                    for number in range(%d):
                        work.delay(number)
                """.formatted(TASKS));
        try (RealServer server = RealServer.start(Files.createDirectory(folder.resolve("data")))) {
            Process worker = start(
                    server,
                    python,
                    "-m",
                    "celery",
                    "-A",
                    "tasks",
                    "worker",
                    "--pool=prefork",
                    "--concurrency=2",
                    "--without-gossip",
                    "--without-mingle");
            try {
                Command.run(
                                folder,
                                environment(server),
                                List.of(python, "-m", "celery", "-A", "tasks", "call", "tasks.all_of_them"))
                        .orFail();
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(server.circuit("worked")
                                        .path("success_count")
                                        .asInt())
                                .as(said())
                                .isEqualTo(TASKS));
            } finally {
                end(worker);
            }
            assertThat(server.circuit("worked").path("success_count").asInt())
                    .as(said())
                    .isEqualTo(TASKS);
        }
    }

    /** Debian's Celery is of Debian's Python, which need not be the first one here. */
    private String pythonWithCelery() throws IOException, InterruptedException {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (Files.isExecutable(Path.of(python)) || python.equals("python3")) {
                Command asked = Command.run(folder, Map.of(), List.of(python, "-c", "import celery"));
                if (asked.status() == 0) {
                    return python;
                }
            }
        }
        throw Needed.missing("no celery here (apt-get install celery)", "the Python client in its workers");
    }

    private Process start(RealServer server, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said.txt").toFile());
        builder.environment().putAll(environment(server));
        return builder.start();
    }

    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroy();
        boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        assertThat(ended).as("it ends when it is asked to").isTrue();
    }

    private static Map<String, String> environment(RealServer server) throws IOException {
        return Map.of(
                "PYTHONPATH",
                CLIENT.toString(),
                "PYTHONDONTWRITEBYTECODE",
                "1",
                "INTERLOCK_URL",
                "http://127.0.0.1:" + server.port(),
                "INTERLOCK_KEY",
                server.adminKey());
    }

    private static Map<String, String> environment() {
        return Map.of("MYPYPATH", CLIENT.toString(), "PYTHONDONTWRITEBYTECODE", "1");
    }

    private String listening() throws IOException {
        Matcher found =
                Pattern.compile("Listening at: (http://127\\.0\\.0\\.1:\\d+)").matcher(said());
        return found.find() ? found.group(1) : "";
    }

    private String said() throws IOException {
        Path said = folder.resolve("said.txt");
        return Files.exists(said) ? Files.readString(said) : "";
    }
}
