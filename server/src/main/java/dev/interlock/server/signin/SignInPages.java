package dev.interlock.server.signin;

import dev.interlock.server.http.BasePath;
import dev.interlock.server.http.Outside;
import dev.interlock.server.http.Problem;
import dev.interlock.server.http.Requests;
import dev.interlock.server.security.Security;
import dev.interlock.server.security.SignInRefusedException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where browsers go to sign in, and where issuers send them back: {@code /sign-in/NAME} and {@code /sign-in/NAME/callback}.
 * Both answer with a redirect, to the issuer or to the dashboard and nowhere else. All other requests go on. Safe for use
 * by any thread.
 */
public final class SignInPages implements Handler<HttpServerRequest> {
    static final String PREFIX = "/sign-in/";
    static final String CALLBACK = "/callback";

    private static final Logger LOG = LoggerFactory.getLogger(SignInPages.class);
    private static final int SEE_OTHER = 303;

    private final SignIns signIns;
    private final Security security;
    private final Requests requests;
    private final Handler<HttpServerRequest> next;

    /**
     * Pages before others.
     *
     * @param signIns by whom
     * @param security knows addresses and cookies
     * @param requests counts what is asked here
     * @param next takes what is not for these pages
     */
    public SignInPages(SignIns signIns, Security security, Requests requests, Handler<HttpServerRequest> next) {
        this.signIns = signIns;
        this.security = security;
        this.requests = requests;
        this.next = next;
    }

    @Override
    public void handle(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        if (!path.startsWith(PREFIX)) {
            next.handle(request);
            return;
        }
        boolean isBack = path.endsWith(CALLBACK);
        String id = path.substring(PREFIX.length(), path.length() - (isBack ? CALLBACK.length() : 0));
        IssuerClient client = signIns.clients().get(id);
        if (client == null || !request.method().equals(HttpMethod.GET)) {
            next.handle(request);
            return;
        }
        requests.count(request, "sign-in");
        request.response().putHeader("Cache-Control", "no-store").putHeader("Referrer-Policy", "no-referrer");
        Map<String, String> query;
        try {
            security.mustNotFailToSignIn(request);
            query = query(request.query());
        } catch (RuntimeException refused) {
            Problem problem = Outside.problem(request, refused);
            problem.headers().forEach((name, value) -> request.response().putHeader(name, value));
            request.response()
                    .setStatusCode(problem.status())
                    .putHeader("Content-Type", Problem.MEDIA_TYPE)
                    .end(problem.json().toBuffer());
            return;
        }
        if (isBack) {
            signIns.flow()
                    .end(request, client, query)
                    .onSuccess(place -> redirect(request, BasePath.of(request) + "/" + place))
                    .onFailure(why -> refuse(request, why));
        } else {
            signIns.flow()
                    .begin(request, client, query.get("place"))
                    .onSuccess(address -> redirect(request, address))
                    .onFailure(why -> refuse(request, why));
        }
    }

    /** What issuers send back is theirs: of what is there twice, and of what nobody knows, nothing is made. */
    private static Map<String, String> query(@Nullable String query) {
        return query == null || query.isEmpty() ? new HashMap<>() : Outside.query(query);
    }

    private void refuse(HttpServerRequest request, Throwable why) {
        security.failedToSignIn(request);
        SignInRefusedException.Reason reason =
                why instanceof SignInRefusedException refused ? refused.reason() : SignInRefusedException.Reason.FAILED;
        LOG.atWarn().addKeyValue("reason", reason.text()).log("Somebody could not sign in: {}", why.getMessage());
        redirect(request, BasePath.of(request) + "/#/sign-in/" + reason.text());
    }

    private static void redirect(HttpServerRequest request, String to) {
        if (!request.response().ended() && !request.response().closed()) {
            request.response()
                    .setStatusCode(SEE_OTHER)
                    .putHeader("Location", to)
                    .end();
        }
    }
}
