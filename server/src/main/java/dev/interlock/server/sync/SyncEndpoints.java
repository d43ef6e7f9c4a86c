package dev.interlock.server.sync;

import dev.interlock.monitor.Shares;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.http.Exchange;
import dev.interlock.server.http.Operations;
import dev.interlock.server.security.Caller;
import dev.interlock.server.workers.Turns;
import dev.interlock.server.workers.Workers;
import dev.interlock.store.GateFollowers;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one call of clients that decide locally: what changed since they last heard, and what happened meanwhile. Without
 * news the answer waits, for as long as the client allows.
 */
public final class SyncEndpoints implements Endpoints {
    /** A body that is longer is read by a worker. */
    private static final int SHORT = 16_384;

    private static final long MOST_UNDER_WAY = 32L << 20;
    private static final int PERCENT = 25;
    private static final long LOOK_EVERY_MILLIS = 1_000;
    private static final int FORGET_EVERY_LOOKS = 30;

    private final Workers workers;
    private final SyncClients clients;
    private final ClientFollowers followers;
    private final Reports reports;
    private final SyncAnswer.Source source;
    private final Shares underWay = new Shares(MOST_UNDER_WAY, PERCENT);
    private volatile boolean closing;
    private long looks;

    SyncEndpoints(
            Workers workers,
            SyncClients clients,
            ClientFollowers followers,
            Reports reports,
            SyncAnswer.Source source) {
        this.workers = workers;
        this.clients = clients;
        this.followers = followers;
        this.reports = reports;
        this.source = source;
    }

    /**
     * From now on who waits with a key that counts no longer is answered, and who is silent for long is forgotten.
     *
     * @param isValid whether a caller would still be let in
     * @return this
     */
    public SyncEndpoints watch(Predicate<Caller> isValid) {
        source.vertx().setPeriodic(LOOK_EVERY_MILLIS, now -> {
            clients.all(client -> client.endUnless(isValid));
            if (++looks % FORGET_EVERY_LOOKS == 0) {
                clients.forgetSilent();
            }
        });
        return this;
    }

    @Override
    public void mount(Operations operations) {
        operations.onRaw("sync", this::gather);
    }

    @Override
    public void closing() {
        closing = true;
        clients.all(SyncClient::wake);
    }

    private void gather(Exchange exchange) {
        String organization = exchange.caller().organization();
        exchange.receive(new GatheredBody(underWay, organization) {
            @Override
            void whole(byte[] body) {
                if (body.length <= SHORT) {
                    release();
                    heard(exchange, SyncRequestReader.read(body));
                    return;
                }
                workers.run(organization, () -> SyncRequestReader.read(body))
                        .onComplete(read -> release())
                        .onSuccess(request -> guarded(exchange, () -> heard(exchange, request)))
                        .onFailure(exchange::fail);
            }
        });
    }

    private static void guarded(Exchange exchange, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException mistake) {
            exchange.fail(mistake);
        }
    }

    private void heard(Exchange exchange, SyncRequest request) {
        if (request.leaving()) {
            Caller caller = exchange.caller();
            clients.left(caller, request.client());
            exchange.answer(SyncAnswer.of(
                    source.generation(), clients.changes(caller.organization()).now()));
            return;
        }
        boolean ofThisLife = request.generation() == source.generation();
        SyncClient client = clients.heard(exchange.caller(), request, ofThisLife);
        if (request.batch() > 0) {
            reports.take(exchange.caller(), client, request)
                    .onSuccess(taken -> {
                        if (taken.receipt().mayHaveMoved()) { // those who hear of moves need not have heard yet
                            client.lookAt(source.circuits()::snapshot);
                        }
                        answer(exchange, client, request, taken);
                    })
                    .onFailure(exchange::fail);
        } else if (request.waitMillis() == 0 || !ofThisLife || closing || client.hasNews(request.cursor())) {
            answer(exchange, client, request, null);
        } else {
            park(exchange, client, request);
        }
    }

    private void park(Exchange exchange, SyncClient client, SyncRequest request) {
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        Caller caller = exchange.caller();
        Poll[] self = new Poll[1];
        Poll poll = new Poll(loop, caller, () -> {
            client.unpark(Objects.requireNonNull(self[0]));
            Turns.add(loop.owner(), caller.organization(), () -> answer(exchange, client, request, null));
        });
        self[0] = poll;
        exchange.response().closeHandler(gone -> {
            client.unpark(poll);
            poll.gone();
        });
        poll.waitFor(request.waitMillis());
        client.park(poll);
        if (closing || client.hasNews(request.cursor())) { // what came before it was parked woke nobody
            poll.run();
        }
    }

    private void answer(Exchange exchange, SyncClient client, SyncRequest request, Reports.@Nullable Taken taken) {
        guarded(
                exchange,
                () -> SyncAnswer.write(
                        source,
                        exchange,
                        client,
                        request,
                        taken == null ? null : taken.receipt().json(taken.repeated()),
                        closing));
    }

    /**
     * How many clients of an organization are known.
     *
     * @param organization whose
     * @return how many have said something lately
     */
    public long clients(String organization) {
        return clients.count(organization);
    }

    /**
     * How many clients of an organization wait for news.
     *
     * @param organization whose
     * @return how many polls of this server are not answered yet
     */
    public long waiting(String organization) {
        return clients.waiting(organization);
    }

    /**
     * How many clients of an organization have not confirmed the gates in effect.
     *
     * @param organization whose
     * @return how many of those that are known
     */
    public long behindGates(String organization) {
        return clients.behindGates(organization);
    }

    /**
     * Has clients hear of the gates that are in effect now, if they have not yet.
     *
     * @param organization whose
     * @return what a client has confirmed that obeys them, for {@link #behind}
     */
    public long noteGates(String organization) {
        clients.setGates(source.circuits().gates()::list);
        return clients.changes(organization).gatesChanged();
    }

    /**
     * The clients of an organization that this server knows and that have not confirmed gates.
     *
     * @param organization whose
     * @param mark as {@link #noteGates} gave it
     * @return those that are known, the one that was heard last first
     */
    public List<ClientBehind> behind(String organization, long mark) {
        return clients.behind(organization, mark);
    }

    /**
     * How the clients of an organization follow the gates that are in effect now, for those who ask other servers.
     *
     * @param organization whose
     * @return how many have confirmed, and who has not
     */
    public GateFollowers followers(String organization) {
        return clients.count(organization) == 0
                ? GateFollowers.NONE
                : followers.of(organization, noteGates(organization));
    }

    /**
     * Who of another server's clients has not confirmed.
     *
     * @param of what it said
     * @return those that it named, the one that was heard last first
     */
    public List<ClientBehind> missing(GateFollowers of) {
        return followers.missing(of);
    }

    /** {@return what all clients take, in bytes} */
    public long bytes() {
        return clients.bytes();
    }
}
