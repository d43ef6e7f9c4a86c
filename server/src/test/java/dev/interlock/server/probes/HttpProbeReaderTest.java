package dev.interlock.server.probes;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpProbeReaderTest {
    private final List<String> problems = new ArrayList<>();

    @Test
    void what_is_left_out_has_its_default_and_the_rest_is_left() {
        Map<String, @Nullable Object> settings =
                new HashMap<>(Map.of("url", "https://api.example.com/v1/models", "needed", 2));
        HttpProbe probe = HttpProbeReader.take(settings, problems);
        assertThat(problems).isEmpty();
        assertThat(probe).isNotNull();
        assertThat(probe.method()).isEqualTo("GET");
        assertThat(probe.headers()).isEmpty();
        assertThat(probe.body()).isNull();
        assertThat(probe.expect()).containsExactly(200);
        assertThat(probe.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings).isEqualTo(Map.of("needed", 2));
    }

    @Test
    void what_is_written_is_read_again_as_it_was() {
        HttpProbe probe = take(
                "{\"url\":\"https://api.example.com/v1/messages\",\"method\":\"post\",\"headers\":{\"X-Api-Key\":"
                        + "\"${secret:KEY}\",\"Accept\":\"*/*\"},\"body\":\"{}\",\"expect\":[400,200],\"timeout\":\"2s\"}");
        assertThat(problems).isEmpty();
        Map<String, @Nullable Object> written = new HashMap<>();
        probe.writeTo(written);
        assertThat(written.get("expect")).isEqualTo(List.of(200, 400));
        assertThat(written.get("timeout_ms")).isEqualTo(2_000L);
        assertThat(HttpProbeReader.take(written, problems)).isEqualTo(probe);
        assertThat(written).isEmpty();
        assertThat(probe.toString()).doesNotContain("secret", "/v1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'url':7} | probe.url: must be a text",
                "{'url':'ftp://x.test/'} | probe.url: must be an address such as",
                "{'url':'https://x.test/?api_key=abc'} | probe.url: must be without a credential",
                "{'url':'https://x.test/${secret:KEY}'} | probe.url: must be without a credential",
                "{'url':'https://user:word@x.test/'} | probe.url: must be without a credential",
                "{'method':'GET'} | probe.url: must be given",
                "{'url':'https://x.test/','method':'DELETE'} | probe.method: must be one of GET, HEAD, OPTIONS, POST",
                "{'url':'https://x.test/','method':'CONNECT'} | probe.method: must be one of",
                "{'url':'https://x.test/','method':'GET\\r\\nX: y'} | probe.method: must be one of",
                "{'url':'https://x.test/','body':'{}'} | probe.body: must be left out, since the method is GET",
                "{'url':'https://x.test/','method':'POST','body':{}} | probe.body: must be a text",
                "{'url':'https://x.test/','headers':[]} | probe.headers: must be a map",
                "{'url':'https://x.test/','headers':{'Host':'y'}} | probe.headers.Host: must be left out",
                "{'url':'https://x.test/','headers':{'content-length':'0'}} | probe.headers.content-length: must be left out",
                "{'url':'https://x.test/','headers':{'Transfer-Encoding':'chunked'}} | must be left out",
                "{'url':'https://x.test/','headers':{'Proxy-Authorization':'${secret:A}'}} | must be left out",
                "{'url':'https://x.test/','headers':{'X-Forwarded-For':'10.0.0.1'}} | must be left out",
                "{'url':'https://x.test/','headers':{'X y':'z'}} | probe.headers: must be named by",
                "{'url':'https://x.test/','headers':{'X\\r\\nY':'z'}} | probe.headers: must be named by",
                "{'url':'https://x.test/','headers':{'':'z'}} | probe.headers: must be named by",
                "{'url':'https://x.test/','headers':{'X':'a\\r\\nY: b'}} | probe.headers.X: must be a text",
                "{'url':'https://x.test/','headers':{'X':'a\\nb'}} | probe.headers.X: must be a text",
                "{'url':'https://x.test/','headers':{'X':'ü'}} | probe.headers.X: must be a text",
                "{'url':'https://x.test/','headers':{'X':7}} | probe.headers.X: must be a text",
                "{'url':'https://x.test/','headers':{'Authorization':'Bearer abc'}} | probe.headers.Authorization: must be filled with a secret",
                "{'url':'https://x.test/','expect':[]} | probe.expect: must be a list of",
                "{'url':'https://x.test/','expect':[200,'x']} | probe.expect: must be a list of",
                "{'url':'https://x.test/','expect':[100]} | probe.expect: must be a list of",
                "{'url':'https://x.test/','expect':[200.5]} | probe.expect: must be a list of",
                "{'url':'https://x.test/','timeout':'soon'} | probe.timeout: must be a duration",
                "{'url':'https://x.test/','timeout':'2h'} | probe.timeout: must be a duration",
                "{'url':'https://x.test/','timeout_ms':1} | probe.timeout: must be a duration",
                "{'url':'https://x.test/','timeout_ms':100,'timeout':'1s'} | probe.timeout: must be a duration",
            })
    void junk_is_refused_with_what_would_be_right(String json, String problem) {
        assertThat(take(json.replace('\'', '"'))).isNull();
        assertThat(problems).singleElement().asString().contains(problem).doesNotContain("abc", "word");
    }

    @Test
    void too_many_and_too_long_ones_are_refused() {
        JsonObject headers = new JsonObject();
        for (int i = 0; i < 33; i++) {
            headers.put("X-" + i, "y");
        }
        take(new JsonObject()
                .put("url", "https://x.test/")
                .put("headers", headers)
                .encode());
        take(new JsonObject()
                .put("url", "https://x.test/")
                .put("headers", new JsonObject().put("X", "y".repeat(4_097)))
                .encode());
        take(new JsonObject()
                .put("url", "https://x.test/")
                .put("method", "POST")
                .put("body", "y".repeat(16_385))
                .encode());
        assertThat(problems).hasSize(3).allMatch(each -> each.contains("at most"));
    }

    private @Nullable HttpProbe take(String json) {
        return HttpProbeReader.take(new HashMap<>(new JsonObject(json).getMap()), problems);
    }
}
