package dev.interlock.server.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.Map;

/** For what answers requests that are no operations of the contract: the same care of connections and of words. */
public final class Outside {
    private Outside() {}

    /**
     * What becomes of a call.
     *
     * @param request the call
     * @param why it cannot be carried out: a problem, or what a part of the server threw
     * @return what the caller is answered; of a mistake of the server only the log says more
     */
    public static Problem problem(HttpServerRequest request, Throwable why) {
        return Failures.problem(request, why);
    }

    /**
     * Names and values of a query, decoded.
     *
     * @param query as it is in the address
     * @return them
     * @throws Problem 400 if it cannot be read, or has a name twice
     */
    public static Map<String, String> query(String query) {
        return Urls.query(query);
    }

    /**
     * Sees to it that an answer arrives although the rest of the body will not be read.
     *
     * @param request about to be answered
     */
    public static void leaveRest(HttpServerRequest request) {
        Failures.leaveRest(request);
    }

    /**
     * The caller has proved who it is, so that its connection is none of a stranger.
     *
     * @param request the call
     */
    public static void admitted(HttpServerRequest request) {
        Wire wire = Wire.of(request);
        if (wire != null) {
            wire.becomesKnown();
        }
    }
}
