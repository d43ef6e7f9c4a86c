package dev.interlock.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.interlock.server.ContractCheck;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manifests of {@code docs/operations/kubernetes} fit the settings, the contract, the Dockerfile and each other. */
class KubernetesFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("interlock.root", ".."));
    private static final Path FOLDER = ROOT.resolve("docs/operations/kubernetes");

    @TempDir
    Path folder;

    private List<JsonNode> objects;
    private JsonNode deployment;
    private JsonNode pod;
    private JsonNode container;

    @BeforeEach
    void read() throws IOException {
        objects = read("interlock.yaml");
        deployment = one(objects, "Deployment");
        pod = deployment.at("/spec/template/spec");
        container = pod.at("/containers/0");
    }

    @Test
    void settings_are_ones_that_a_server_starts_with() throws IOException {
        Config config = config();
        assertThat(config.isTls()).isTrue();
        assertThat(config.database().url()).startsWith("jdbc:postgresql:");
        Set<String> variables = Settings.ALL.stream().map(Setting::variable).collect(Collectors.toSet());
        for (JsonNode variable : container.get("env")) {
            assertThat(variables).contains(variable.get("name").asText());
        }
        assertThat(container.get("args").toString())
                .isEqualTo("[\"serve\",\"--config\",\"/etc/interlock/interlock.yaml\"]");
        assertThat(paths()).contains("/etc/interlock/interlock.yaml", "/var/lib/interlock", "/tmp");
        assertThat(paths())
                .anyMatch(path -> config.get(Settings.TLS_CERT).startsWith(path))
                .anyMatch(path -> config.get(Settings.TLS_KEY).startsWith(path));
        assertThat(Files.readString(ROOT.resolve("Dockerfile")))
                .contains("ENV INTERLOCK_DATA_DIR=/var/lib/interlock\n", "USER 10001:10001\n");
        assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(10_001);
    }

    @Test
    void probes_ask_what_is_open_to_all_at_the_port_that_the_server_has() throws IOException {
        JsonObject contract = ContractCheck.written().getJsonObject("paths");
        JsonNode port = container.at("/ports/0");
        assertThat(port.get("containerPort").asInt()).isEqualTo(config().get(Settings.PORT));
        for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
            JsonNode asked = container.at("/" + probe + "/httpGet");
            JsonObject operation =
                    contract.getJsonObject(asked.get("path").asText()).getJsonObject("get");
            assertThat(operation.getJsonArray("security")).as(probe).isNullOrEmpty();
            assertThat(asked.get("port").asText()).isEqualTo(port.get("name").asText());
            assertThat(asked.get("scheme").asText()).isEqualTo("HTTPS");
        }
        assertThat(one(objects, "Service").at("/spec/ports/0/targetPort").asText())
                .isEqualTo(port.get("name").asText());
    }

    @Test
    void labels_and_secrets_fit_together() throws IOException {
        JsonNode labels = deployment.at("/spec/template/metadata/labels");
        assertThat(deployment.at("/spec/selector/matchLabels")).isEqualTo(labels);
        assertThat(one(objects, "Service").at("/spec/selector")).isEqualTo(labels);
        JsonNode budget = one(objects, "PodDisruptionBudget");
        assertThat(budget.at("/spec/selector/matchLabels")).isEqualTo(labels);
        assertThat(budget.at("/spec/minAvailable").asInt())
                .isLessThan(deployment.at("/spec/replicas").asInt())
                .isPositive();

        Map<String, JsonNode> secrets = read("secrets.example.yaml").stream()
                .collect(Collectors.toMap(secret -> secret.at("/metadata/name").asText(), secret -> secret));
        for (JsonNode variable : container.get("env")) {
            JsonNode reference = variable.at("/valueFrom/secretKeyRef");
            assertThat(secrets.get(reference.get("name").asText())
                            .get("stringData")
                            .has(reference.get("key").asText()))
                    .as(variable.toString())
                    .isTrue();
        }
        Set<String> volumes = new HashSet<>();
        for (JsonNode volume : pod.get("volumes")) {
            volumes.add(volume.get("name").asText());
            if (volume.has("secret")) {
                JsonNode tls = secrets.get(volume.at("/secret/secretName").asText());
                assertThat(tls.get("type").asText()).isEqualTo("kubernetes.io/tls");
                assertThat(tls.get("stringData")
                                .has(config().get(Settings.TLS_CERT)
                                        .getFileName()
                                        .toString()))
                        .isTrue();
                assertThat(tls.get("stringData")
                                .has(config().get(Settings.TLS_KEY)
                                        .getFileName()
                                        .toString()))
                        .isTrue();
            }
            if (volume.has("configMap")) {
                assertThat(volume.at("/configMap/name"))
                        .isEqualTo(one(objects, "ConfigMap").at("/metadata/name"));
            }
        }
        for (JsonNode mount : container.get("volumeMounts")) {
            assertThat(volumes).contains(mount.get("name").asText());
        }
        assertThat(Files.readString(FOLDER.resolve("secrets.example.yaml")))
                .as("an example holds no secret")
                .doesNotContain("BEGIN");
    }

    @Test
    void a_stop_has_time() throws IOException {
        Duration grace = config().get(Settings.SHUTDOWN_GRACE);
        int before = container.at("/lifecycle/preStop/exec/command/1").asInt();
        assertThat(pod.get("terminationGracePeriodSeconds").asLong())
                .isGreaterThanOrEqualTo(before + grace.toSeconds() + 20);
    }

    private Config config() throws IOException {
        Path file = Files.writeString(
                folder.resolve("interlock.yaml"),
                one(objects, "ConfigMap").at("/data/interlock.yaml").asText());
        return Config.read(Map.of(), Map.of("INTERLOCK_DATABASE_PASSWORD", "p"), file);
    }

    private Set<String> paths() {
        return StreamSupport.stream(container.get("volumeMounts").spliterator(), false)
                .map(mount -> mount.get("mountPath").asText())
                .collect(Collectors.toSet());
    }

    private static JsonNode one(List<JsonNode> objects, String kind) {
        List<JsonNode> found = objects.stream()
                .filter(each -> each.get("kind").asText().equals(kind))
                .toList();
        assertThat(found).as(kind).hasSize(1);
        return found.get(0);
    }

    private static List<JsonNode> read(String name) throws IOException {
        try (MappingIterator<JsonNode> documents = new YAMLMapper()
                .readerFor(JsonNode.class)
                .readValues(FOLDER.resolve(name).toFile())) {
            return documents.readAll();
        }
    }
}
