package dev.interlock.server.probes;

import dev.interlock.CircuitId;
import dev.interlock.Probe;
import dev.interlock.server.outbound.OutboundClient;
import dev.interlock.server.outbound.OutboundException;
import dev.interlock.server.outbound.OutboundHosts;
import dev.interlock.server.outbound.OutboundRequest;
import dev.interlock.server.outbound.OutboundSecrets;
import dev.interlock.server.outbound.Target;
import dev.interlock.server.text.Texts;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the probes of policies. Which circuit is probed when, and how many at a time, is for the circuits' manager;
 * its threads wait here for the answer. Safe for use by any thread.
 */
public final class HttpProbes implements Probe {
    /** How many failures are remembered in words. */
    private static final int MOST_REMEMBERED = 10_000;

    private final OutboundHosts hosts;
    private final OutboundSecrets secrets;
    private final OutboundClient client;
    private final Map<String, Counts> counts = new ConcurrentHashMap<>();
    private final Map<CircuitId, String> failures = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<CircuitId, String> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };
    private volatile Function<CircuitId, @Nullable HttpProbe> requests = id -> null;

    /** How many probes of an organization went well, and how many did not. */
    private record Counts(LongAdder good, LongAdder failed) {}

    /**
     * Probes of nothing yet.
     *
     * @param hosts where requests may go
     * @param secrets what they may bear
     * @param client makes them
     */
    public HttpProbes(OutboundHosts hosts, OutboundSecrets secrets, OutboundClient client) {
        this.hosts = hosts;
        this.secrets = secrets;
        this.client = client;
    }

    /**
     * Says which request probes a circuit.
     *
     * @param source gives the request of a circuit's policy, or null if there is none that can be carried out
     */
    public void requestsFrom(Function<CircuitId, @Nullable HttpProbe> source) {
        requests = source;
    }

    /**
     * Why a request cannot be carried out.
     *
     * @param organization whose policy it is
     * @param request what the policy says; null if it says nothing
     * @return what is wrong and what would be right, or null if it can be carried out
     */
    public @Nullable String problem(String organization, @Nullable HttpProbe request) {
        if (request == null) {
            return "probe.url is missing; a server's probe is an HTTP request, such as"
                    + " {\"url\": \"https://api.example.com/v1/models\"}";
        }
        Target target = request.target();
        if (!hosts.admits(target)) {
            String what = hosts.admitsAnyPortOf(target) ? "port " + target.port() + " of the host " : "the host ";
            return "probe.url: " + what + Texts.shown(target.host())
                    + " is not on outbound-hosts, the list of hosts in the server's file that may be asked";
        }
        return request.texts().stream()
                .map(text -> secrets.problem(text, organization, request.target()))
                .filter(problem -> problem != null)
                .findFirst()
                .map(problem -> "probe: " + problem)
                .orElse(null);
    }

    @Override
    public boolean probe(CircuitId id) throws InterruptedException {
        HttpProbe request = requests.apply(id);
        String failure = request == null ? "the policy has no probe that can be carried out" : ask(id, request);
        Counts own = counts.computeIfAbsent(id.organization(), fresh -> new Counts(new LongAdder(), new LongAdder()));
        synchronized (failures) {
            failures.remove(id);
            if (failure != null) {
                failures.put(id, failure);
            }
        }
        (failure == null ? own.good : own.failed).increment();
        return failure == null;
    }

    /**
     * How the last probe of a circuit failed here.
     *
     * @param id the circuit
     * @return a few words, or null if it did not fail, or is not remembered
     */
    public @Nullable String lastFailure(CircuitId id) {
        synchronized (failures) {
            return failures.get(id);
        }
    }

    /**
     * How many probes of an organization went well here since the start.
     *
     * @param organization whose
     * @return how many
     */
    public long good(String organization) {
        Counts own = counts.get(organization);
        return own == null ? 0 : own.good.sum();
    }

    /**
     * How many probes of an organization failed here since the start.
     *
     * @param organization whose
     * @return how many
     */
    public long failed(String organization) {
        Counts own = counts.get(organization);
        return own == null ? 0 : own.failed.sum();
    }

    /** Null if the answer was good, or else why it was not. */
    private @Nullable String ask(CircuitId id, HttpProbe probe) throws InterruptedException {
        try {
            int status = client.send(filled(id.organization(), probe))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get();
            return probe.expect().contains(status) ? null : "the answer's status was " + status;
        } catch (OutboundException refused) {
            return refused.getMessage();
        } catch (ExecutionException failed) {
            return failed.getCause() instanceof OutboundException known
                    ? known.getMessage()
                    : "the request could not be made";
        }
    }

    private OutboundRequest filled(String organization, HttpProbe probe) {
        Map<String, String> headers = new LinkedHashMap<>();
        probe.headers().forEach((name, value) -> headers.put(name, secrets.fill(value, organization, probe.target())));
        String body = probe.body();
        return new OutboundRequest(
                probe.target(),
                probe.method(),
                headers,
                body == null ? null : secrets.fill(body, organization, probe.target()),
                probe.timeout());
    }
}
