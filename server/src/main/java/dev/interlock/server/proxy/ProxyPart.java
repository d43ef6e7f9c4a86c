package dev.interlock.server.proxy;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.monitor.Shares;
import dev.interlock.proxy.ProxyHandler;
import dev.interlock.proxy.ProxySettings;
import dev.interlock.proxy.Upstream;
import dev.interlock.server.http.Requests;
import dev.interlock.server.loops.ExecutionLoops;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.permits.PermitsOfProxy;
import dev.interlock.server.security.Security;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxy in front of what else the server answers. Used by several event loops. */
public final class ProxyPart implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyPart.class);

    /** What an organization that is alone may have of the calls, and of the bytes of bodies. */
    private static final int PERCENT = 25;

    private static final int PARTS_OF_THE_HEAP = 8;

    private final ProxyHandler proxy;
    private final Requests requests;
    private final Handler<HttpServerRequest> next;

    /**
     * A proxy.
     *
     * @param vertx whose event loops make its calls
     * @param upstreams of the server's file; none makes it let everything through to {@code next}
     * @param secrets their keys
     * @param security knows callers
     * @param permits asks circuits
     * @param loops hear what executions called
     * @param circuits all circuits
     * @param refusalStatus the status of refusals
     * @param mostCalls how many calls may be under way
     * @param requests counts its calls
     * @param next answers what is not for the proxy
     */
    public ProxyPart(
            Vertx vertx,
            List<Upstream> upstreams,
            OutboundSecrets secrets,
            Security security,
            PermitsOfProxy permits,
            ExecutionLoops loops,
            CircuitBreakerManager circuits,
            int refusalStatus,
            int mostCalls,
            Requests requests,
            Handler<HttpServerRequest> next) {
        this.requests = requests;
        this.next = next;
        UpstreamKeys keys = new UpstreamKeys(secrets);
        for (Upstream each : upstreams) {
            String problem = keys.problem(each);
            if (problem != null) {
                LOG.atWarn()
                        .addKeyValue("upstream", each.name())
                        .addKeyValue("reason", problem)
                        .log("An upstream of the proxy has no usable key yet");
            }
        }
        Shares calls = new Shares(mostCalls, PERCENT);
        Shares bodies = new Shares(Runtime.getRuntime().maxMemory() / PARTS_OF_THE_HEAP, PERCENT);
        this.proxy = new ProxyHandler(
                vertx,
                upstreams,
                new Door(security, permits, loops, circuits, keys),
                new ProxySettings(refusalStatus, calls, bodies, mostCalls),
                new HttpClientOptions());
    }

    @Override
    public void handle(HttpServerRequest request) {
        if (proxy.takes(request)) {
            requests.count(request, "proxy");
            proxy.handle(request);
        } else {
            next.handle(request);
        }
    }
}
