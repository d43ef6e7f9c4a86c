package dev.interlock.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Which server a command talks to, and by which key: options, or else the environment, or else a profile. The key of a
 * profile goes to the server of that profile and to no other.
 */
final class RemoteOptions {
    private static final String DEFAULT_URL = "http://127.0.0.1:8080";

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = {"the server; else " + Variables.URL + ", else the profile's, else " + DEFAULT_URL})
    private @Nullable String url;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = {
                "an API key or a token; better in " + Variables.KEY
                        + " or a profile, since other users see command lines"
            })
    private @Nullable String key;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = {
                "certificates (PEM) that the server's must come from; else " + Variables.CA_CERTIFICATES
                        + ", else the profile's, else those that Java trusts"
            })
    private @Nullable String caCertificates;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = {
                "a server that 'interlock login' has stored; else " + Variables.PROFILE + ", else the one in use"
            })
    private @Nullable String profile;

    /** The server's answers. */
    Remote connect() throws RemoteException {
        return new Remote(target());
    }

    /** The server to sign in to: as {@link #connect()}, and a profile that is named may be new. */
    Remote connectToSignIn() throws RemoteException {
        String name = profileName();
        return new Remote(target(name == null ? null : profiles().all().get(name)));
    }

    private Target target() throws RemoteException {
        String name = profileName();
        return target(name == null ? profiles().inUse() : profiles().named(name));
    }

    /** What options, environment and a profile come to. */
    private Target target(@Nullable Profile chosen) {
        String text = given(url, Variables.URL);
        URI named = text == null ? null : address(text);
        String keyGiven = keyGiven();
        String certificates = given(caCertificates, Variables.CA_CERTIFICATES);
        if (chosen == null || (named != null && !named.equals(chosen.url()))) {
            return new Target(
                    named == null ? URI.create(DEFAULT_URL) : named,
                    named == null ? "the usual address" : urlFrom(),
                    keyGiven,
                    key == null ? Variables.KEY : "--key",
                    certificates == null ? null : Path.of(certificates));
        }
        return new Target(
                chosen.url(),
                named == null ? chosen.inWords() : urlFrom(),
                keyGiven == null ? chosen.key() : keyGiven,
                key != null ? "--key" : keyGiven != null ? Variables.KEY : chosen.inWords(),
                certificates == null ? chosen.caCertificates() : Path.of(certificates));
    }

    /** Where signed-in servers are kept. */
    Profiles profiles() {
        return Profiles.of(environment());
    }

    /** The profile that is named by option or environment, or null. */
    @Nullable
    String profileName() {
        return given(profile, Variables.PROFILE);
    }

    /** The key that is named by option or environment, or null. */
    @Nullable
    String keyGiven() {
        return given(key, Variables.KEY);
    }

    /** Whether the key is named by an option, and not only by the environment. */
    boolean isKeyAnOption() {
        return key != null && !key.isBlank();
    }

    private Map<String, String> environment() {
        return spec.root().userObject() instanceof Surroundings around ? around.environment() : System.getenv();
    }

    private String urlFrom() {
        return url != null ? "--url" : Variables.URL;
    }

    private URI address(String text) {
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
                urlFrom() + " = '" + text + "': must be like " + DEFAULT_URL + " or https://interlock.example.com");
    }

    private @Nullable String given(@Nullable String option, String variable) {
        String value = option != null ? option : environment().get(variable);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
