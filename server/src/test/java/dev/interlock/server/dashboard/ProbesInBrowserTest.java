package dev.interlock.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.interlock.server.RunningServer;
import dev.interlock.server.outbound.Provider;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see of probes, and how an admin says what is asked, in a real browser. */
@Tag("heavy")
@Tag("thorough")
class ProbesInBrowserTest {
    @Test
    void an_admin_puts_a_probe_and_its_page_says_how_it_goes(@TempDir Path folder) {
        Chromium.assumeThereIsOne();
        try (Provider provider = new Provider();
                RunningServer server = RunningServer.on(folder, Map.of("outbound-hosts", "127.0.0.1"))) {
            try (Browser admin = Browser.open(server, 1600, 1000, false).signIn(RunningServer.token("admin@acme"))) {
                admin.visit("#/policies").see(".empty", "No policies of your own");
                admin.press("New policy");
                admin.type("#pattern", "model:*");
                admin.run("const base = document.querySelector('#base'); base.value = 'upstream+probe';"
                        + " base.dispatchEvent(new Event('change', { bubbles: true }))");
                admin.press("Apply");
                admin.see("[role=alert]", "probe.url is missing");
                admin.type("#probe-url", "http://10.0.0.1/v1/models");
                admin.press("Apply");
                admin.see("[role=alert]", "the host 10.0.0.1 is not on outbound-hosts");
                admin.run("const url = document.querySelector('#probe-url'); url.value = '" + provider.url("/v1/models")
                        + "'; url.dispatchEvent(new Event('input', { bubbles: true }))");
                admin.type("#probe-headers", "Accept: application/json");
                admin.type("#probe-expect", "200, 204");
                Looks.at(admin, "probe-form");
                admin.press("Apply");
                admin.see(".policy", "GET " + provider.url("/v1/models"));
                JsonObject probe = RunningServer.json(server.get("/api/v1/policies/model:*", "admin@acme"))
                        .getJsonObject("settings")
                        .getJsonObject("probe");
                assertThat(probe.getJsonObject("headers").getMap()).isEqualTo(Map.of("Accept", "application/json"));
                assertThat(probe.getJsonArray("expect").getList()).isEqualTo(List.of(200, 204));
                assertThat(probe.getLong("interval_ms")).isEqualTo(15_000);

                provider.answer(401);
                fail(server, "model:a");
                admin.visit("#/agents/model%3Aa").see(".probe", "Failed: the answer's status was 401");
                admin.see(".probe", "Not trusted");
            }
            provider.answer(200);
            fail(server, "model:b");
            look(server, "good", "Good");
        }
        try (RunningServer server = RunningServer.on(folder)) {
            look(server, "not-carried-out", "is not on outbound-hosts");
        }
    }

    private static void look(RunningServer server, String name, String words) {
        try (Browser viewer = Browser.open(server).signIn(RunningServer.token("viewer@acme"))) {
            viewer.visit("#/agents/model%3Ab").see(".probe", words);
            Looks.at(viewer, "probe-" + name);
        }
    }

    private static void fail(RunningServer server, String agent) {
        server.post(
                "/api/v1/circuits/" + agent + "/outcomes",
                "agent@acme",
                "{\"outcome\":\"failure\",\"kind\":\"SERVER_ERROR\"}");
    }
}
