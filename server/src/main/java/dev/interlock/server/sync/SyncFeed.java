package dev.interlock.server.sync;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import dev.interlock.TimeSource;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.server.agentlog.LogIntake;
import dev.interlock.server.circuits.Policies;
import dev.interlock.server.health.GuardedCalls;
import dev.interlock.server.permits.ClientOutcomes;
import dev.interlock.server.workers.Workers;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Clock;

/** Brings what circuits, gates and policies do to the clients that watch them. Safe for use by any thread. */
public final class SyncFeed implements CircuitListener {
    /** Clients in other languages read whole numbers up to here. */
    private static final long LARGEST = 1L << 52;

    private static final int PART_OF_MEMORY = 8;

    private final SyncClients clients;

    private SyncFeed(SyncClients clients) {
        this.clients = clients;
    }

    /**
     * The call of clients, with everything that it hears from.
     *
     * @param vertx whose event loops answer
     * @param workers read long reports
     * @param circuits the circuits
     * @param policies what they follow
     * @param outcomes takes in outcomes
     * @param log takes in entries of the agent log
     * @param loops say which executions are in a loop
     * @param calls hears of refusals
     * @param time the circuits' clocks
     * @param clock the wall clock
     * @return the endpoint
     */
    public static SyncEndpoints endpoints(
            Vertx vertx,
            Workers workers,
            CircuitBreakerManager circuits,
            Policies policies,
            ClientOutcomes outcomes,
            LogIntake log,
            LoopRefusals loops,
            GuardedCalls calls,
            TimeSource time,
            Clock clock) {
        long memory = Runtime.getRuntime().maxMemory() / PART_OF_MEMORY;
        SyncClients clients = new SyncClients(time, memory, SyncClients.MOST_OF_A_KEY);
        circuits.addListener(new SyncFeed(clients));
        circuits.gates().onChange(() -> clients.setGates(circuits.gates()::list));
        policies.onChange(clients::policyChanged);
        // Not the circuits' generation: servers that share circuits need not share the database that counts these.
        long life = 1 + (new SecureRandom().nextLong() & (LARGEST - 1));
        SyncEndpoints endpoints = new SyncEndpoints(
                workers,
                clients,
                new ClientFollowers(clients, time),
                new Reports(workers, outcomes, log, loops, calls, clock),
                new SyncAnswer.Source(vertx, circuits, policies, clock, life));
        circuits.gates().followedBy(endpoints::followers);
        return endpoints;
    }

    @Override
    public void onTransition(StateTransition transition) {
        clients.moved(transition);
    }

    @Override
    public void onMissed(long events) {
        clients.missed();
    }
}
