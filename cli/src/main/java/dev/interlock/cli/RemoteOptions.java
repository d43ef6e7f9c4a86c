package dev.interlock.cli;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which server a command talks to, and by which key: options, or else the environment. */
final class RemoteOptions {
    static final String URL = "INTERLOCK_URL";
    static final String KEY = "INTERLOCK_KEY";

    private static final String DEFAULT_URL = "http://127.0.0.1:8080";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = {"the server; else " + URL + " of the environment, else " + DEFAULT_URL})
    private @Nullable String url;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = {"an API key or a token; better in " + KEY + ", since other users see command lines"})
    private @Nullable String key;

    private Map<String, String> environment = System.getenv();

    /** The server's answers. */
    Remote connect() {
        return new Remote(url(), given(key, KEY));
    }

    void environment(Map<String, String> other) {
        environment = other;
    }

    private URI url() {
        String given = given(url, URL);
        String text = given == null ? DEFAULT_URL : given;
        String from = url != null ? "--url" : URL;
        try {
            URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            String scheme = String.valueOf(uri.getScheme());
            if (uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
                return uri;
            }
        } catch (IllegalArgumentException noUri) {
            // reported below
        }
        throw new ParameterException(
                spec.commandLine(),
                from + " = '" + text + "': must be like " + DEFAULT_URL + " or https://interlock.example.com");
    }

    private @Nullable String given(@Nullable String option, String variable) {
        String value = option != null ? option : environment.get(variable);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
