package dev.interlock.server.signin;

import dev.interlock.TimeSource;
import dev.interlock.server.security.IssuerHttp;
import dev.interlock.server.security.SignIn;
import dev.interlock.server.security.SignInIssuer;
import dev.interlock.server.security.SignInRefusedException;
import dev.interlock.server.security.SignInRefusedException.Reason;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Speaks with one issuer: finds its endpoints, which it publishes, and exchanges codes for ID tokens. Safe for use by any
 * thread.
 */
final class IssuerClient {
    private static final Duration KEEPS = Duration.ofHours(1);

    private final SignInIssuer issuer;
    private final IssuerHttp http;
    private final TimeSource time;
    private volatile @Nullable Endpoints known;

    IssuerClient(SignInIssuer issuer, IssuerHttp http, TimeSource time) {
        this.issuer = issuer;
        this.http = http;
        this.time = time;
    }

    private record Endpoints(URI authorization, URI token, boolean basic, long until) {}

    /**
     * What an issuer gives for a code.
     *
     * @param idToken says who it is
     * @param refreshToken by which it can be asked again; null if it gives none
     */
    record Tokens(String idToken, @Nullable String refreshToken) {}

    SignInIssuer issuer() {
        return issuer;
    }

    /** Where a browser is to go, with what is sent along. */
    Future<String> address(Map<String, String> parameters) {
        return endpoints().map(found -> {
            SignIn signIn = issuer.signIn();
            String scope = "openid " + String.join(" ", new TreeSet<>(signIn.scopes()));
            String address = found.authorization().toString();
            return address
                    + (address.contains("?") ? '&' : '?')
                    + form(Map.of("response_type", "code", "client_id", signIn.clientId(), "scope", scope.strip()))
                    + '&'
                    + form(parameters);
        });
    }

    /** Exchanges a code, or asks again, by what the form says in addition to the client. */
    Future<Tokens> tokens(Map<String, String> parameters) {
        return endpoints().compose(found -> {
            SignIn signIn = issuer.signIn();
            String secret = signIn.clientSecret();
            String form = form(parameters);
            String authorization = "";
            if (secret != null && found.basic()) {
                String both = encoded(signIn.clientId()) + ":" + encoded(secret);
                authorization = "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
            } else {
                form += '&'
                        + form(
                                secret == null
                                        ? Map.of("client_id", signIn.clientId())
                                        : Map.of("client_id", signIn.clientId(), "client_secret", secret));
            }
            return http.post(found.token(), form, authorization)
                    .recover(away -> failed("The issuer's token endpoint cannot be reached: " + away.getMessage()))
                    .compose(IssuerClient::read);
        });
    }

    private static Future<Tokens> read(IssuerHttp.Answer answer) {
        JsonObject said;
        try {
            said = new JsonObject(answer.body());
        } catch (DecodeException none) {
            return failed("The issuer's token endpoint answered " + answer.status() + ", and no JSON");
        }
        if (answer.status() != 200) {
            return failed("The issuer's token endpoint answered " + answer.status() + ", " + said.getValue("error"));
        }
        return said.getValue("id_token") instanceof String idToken
                ? Future.succeededFuture(
                        new Tokens(idToken, said.getValue("refresh_token") instanceof String refresh ? refresh : null))
                : failed("The issuer gave no ID token");
    }

    private Future<Endpoints> endpoints() {
        Endpoints found = known;
        if (found != null && time.ticks() < found.until()) {
            return Future.succeededFuture(found);
        }
        URI address = URI.create(issuer.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration");
        if (!isSafe(address)) {
            return failed("An issuer by which people sign in must be an https address");
        }
        return http.get(address)
                .recover(away -> failed("The issuer's configuration cannot be fetched: " + away.getMessage()))
                .compose(body -> {
                    try {
                        Endpoints fresh = endpoints(new JsonObject(body));
                        known = fresh;
                        return Future.succeededFuture(fresh);
                    } catch (RuntimeException wrong) {
                        return failed("The issuer's configuration does not fit: " + wrong.getMessage());
                    }
                });
    }

    private Endpoints endpoints(JsonObject published) {
        if (!issuer.issuer().equals(published.getValue("issuer"))) {
            throw new IllegalArgumentException("it is another issuer's");
        }
        URI authorization = URI.create(published.getString("authorization_endpoint", ""));
        URI token = URI.create(published.getString("token_endpoint", ""));
        if (!isSafe(authorization) || !isSafe(token)) {
            throw new IllegalArgumentException("its endpoints must be https addresses");
        }
        boolean basic = published.getJsonArray("token_endpoint_auth_methods_supported") == null
                || published
                        .getJsonArray("token_endpoint_auth_methods_supported")
                        .contains("client_secret_basic");
        return new Endpoints(authorization, token, basic, time.ticks() + KEEPS.toNanos());
    }

    private static boolean isSafe(URI url) {
        String host = url.getHost();
        boolean here = "localhost".equals(host) || "127.0.0.1".equals(host) || "[::1]".equals(host);
        return host != null && ("https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && here));
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(each -> encoded(each.getKey()) + '=' + encoded(each.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static <T> Future<T> failed(String detail) {
        return Future.failedFuture(new SignInRefusedException(Reason.FAILED, detail));
    }
}
