package dev.interlock.server;

import dev.interlock.jdbc.JdbcLogStore;
import dev.interlock.monitor.loops.LoopRefusals;
import dev.interlock.monitor.loops.LoopSettings;
import dev.interlock.server.actions.ActionsEndpoints;
import dev.interlock.server.agentlog.LogEndpoints;
import dev.interlock.server.agentlog.LogIntake;
import dev.interlock.server.agents.AgentEndpoints;
import dev.interlock.server.agents.DeletionEndpoints;
import dev.interlock.server.budgets.BudgetEndpoints;
import dev.interlock.server.budgets.BudgetFigures;
import dev.interlock.server.budgets.BudgetNews;
import dev.interlock.server.changes.ChangeEndpoints;
import dev.interlock.server.circuits.ActionEndpoints;
import dev.interlock.server.circuits.CircuitEndpoints;
import dev.interlock.server.circuits.KnownCircuits;
import dev.interlock.server.circuits.Overriding;
import dev.interlock.server.circuits.PolicyEndpoints;
import dev.interlock.server.circuits.TransitionEndpoints;
import dev.interlock.server.config.Config;
import dev.interlock.server.config.Settings;
import dev.interlock.server.config.SettingsOfLoops;
import dev.interlock.server.config.SettingsOfLoops.OnLoop;
import dev.interlock.server.config.SettingsOfTraces;
import dev.interlock.server.health.GuardedCalls;
import dev.interlock.server.health.HealthEndpoints;
import dev.interlock.server.health.SeriesEndpoints;
import dev.interlock.server.http.Endpoints;
import dev.interlock.server.incidents.IncidentEndpoints;
import dev.interlock.server.incidents.IncidentFeed;
import dev.interlock.server.incidents.Stories;
import dev.interlock.server.keys.CallerEndpoints;
import dev.interlock.server.keys.KeyEndpoints;
import dev.interlock.server.loops.ExecutionLoops;
import dev.interlock.server.loops.LoopNews;
import dev.interlock.server.permits.ClientOutcomes;
import dev.interlock.server.permits.PermitDesk;
import dev.interlock.server.permits.PermitEndpoints;
import dev.interlock.server.probes.HttpProbes;
import dev.interlock.server.probes.TrustLog;
import dev.interlock.server.signin.SessionEndpoints;
import dev.interlock.server.signin.SignIns;
import dev.interlock.server.status.OwnFigure;
import dev.interlock.server.status.StatusEndpoints;
import dev.interlock.server.status.StoreFigures;
import dev.interlock.server.stream.AgentFeed;
import dev.interlock.server.stream.CircuitFeed;
import dev.interlock.server.stream.StreamAccess;
import dev.interlock.server.stream.StreamEndpoints;
import dev.interlock.server.stream.StreamHub;
import dev.interlock.server.sync.SyncEndpoints;
import dev.interlock.server.sync.SyncFeed;
import dev.interlock.server.traces.TraceEndpoints;
import dev.interlock.server.workers.Pools;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;

/** Who answers what: the one list of the API's features. */
final class Features {
    private static final int PERMIT_KEY_BYTES = 32;
    private static final long CHECK_MILLIS = 5_000;
    private static final long FEED_MILLIS = 1_000;

    private Features() {}

    static List<Endpoints> of(
            Parts parts, Config config, GuardedCalls calls, PermitDesk desk, SignIns signIns, LoopRefusals loops) {
        boolean requireReason = config.get(Settings.REQUIRE_REASON);
        Fleet fleet = parts.fleet();
        Pools pools = parts.pools();
        KnownCircuits known = parts.known();
        StreamHub stream = CircuitFeed.of(parts.circuits(), known, fleet.health(), parts.clock()::instant);
        feeds(parts, stream, parts.stories());
        ownFigures(parts, stream);
        StoreFigures.register(
                parts.metrics().registry(),
                parts.circuits(),
                parts.shared().store().durability(),
                parts.shared()::redisLag);
        probeFigures(parts);
        parts.alerts().sender().figures(parts.metrics());
        parts.circuits().addListener(new TrustLog());
        LogIntake intake =
                new LogIntake(fleet.processor(), fleet.log(), parts.metrics().registry());
        SyncEndpoints sync = sync(parts, desk, calls, intake, loops);
        Overriding overriding = new Overriding(
                parts.circuits(), fleet.agents(), fleet.names(), parts.memory(), requireReason, parts.clock());
        return List.of(
                new StatusEndpoints(
                        parts.contract(),
                        parts.circuits(),
                        parts.shared().store().durability(),
                        parts.shared().redis() != null,
                        parts.database()::isDiskFull,
                        parts.security()::isDatabaseAway,
                        fleet.log(),
                        parts.clock()),
                parts.metrics(),
                new CircuitEndpoints(
                        parts.vertx(),
                        pools.computing(),
                        known,
                        parts.policies(),
                        parts.probing().probes(),
                        parts.clock()),
                new ActionEndpoints(parts.vertx(), pools.computing(), known, overriding),
                ActionsEndpoints.of(
                        parts.vertx(),
                        pools,
                        parts.circuits(),
                        known,
                        fleet.agents(),
                        fleet.health(),
                        overriding,
                        parts.database(),
                        sync,
                        parts.shared().redis() == null && !parts.database().isShared(),
                        parts.clock()),
                new TransitionEndpoints(pools.database(), parts.database().transitions()),
                new PolicyEndpoints(pools, parts.policies(), known, parts.clock()),
                new ChangeEndpoints(pools.database(), parts.database().administrationChanges()),
                new IncidentEndpoints(pools.database(), parts.database().incidents(), parts.stories()),
                parts.alerts().endpoints(pools.database()),
                budgets(parts),
                new CallerEndpoints(requireReason),
                new SessionEndpoints(signIns, parts.security()),
                new KeyEndpoints(pools, parts.security().keys()),
                new PermitEndpoints(desk, parts.metrics().calls(), loops),
                sync,
                new AgentEndpoints(
                        parts.vertx(),
                        pools,
                        fleet.agents(),
                        known,
                        fleet.keeper(),
                        fleet.names(),
                        parts.circuits(),
                        fleet.health(),
                        parts.clock()),
                new DeletionEndpoints(
                        pools.database(),
                        parts.database().agentDeletion(),
                        known,
                        fleet.keeper(),
                        parts.circuits(),
                        parts.clock()),
                new HealthEndpoints(pools.database(), fleet.health(), fleet.history()),
                new SeriesEndpoints(pools.database(), fleet.health().series(), fleet.series(), parts.clock()),
                new LogEndpoints(pools, intake, fleet.log(), parts.metrics().registry()),
                traces(parts, config),
                new StreamEndpoints(parts.vertx(), stream, StreamAccess.of(parts.security())));
    }

    /** What the stream hears in addition to circuits and health. */
    private static void feeds(Parts parts, StreamHub stream, Stories stories) {
        AgentFeed agents = new AgentFeed(parts.fleet().agents(), stream);
        Chores.every(parts, FEED_MILLIS, "Agents could not be reported", agents::step);
        IncidentFeed incidents = new IncidentFeed(stream, parts.database().incidents(), stories, parts.clock());
        parts.circuits().addListener(incidents);
        Chores.every(parts, FEED_MILLIS, "Incidents could not be reported", incidents::step);
    }

    private static TraceEndpoints traces(Parts parts, Config config) {
        Fleet fleet = parts.fleet();
        return new TraceEndpoints(
                parts.vertx(),
                parts.pools(),
                new TraceEndpoints.Fleet(
                        parts.circuits(),
                        fleet.health(),
                        fleet.agents(),
                        fleet.names(),
                        fleet.processor(),
                        fleet.log(),
                        parts.time()),
                config.get(SettingsOfTraces.PROXIES),
                parts.metrics().registry());
    }

    /** Executions that repeat themselves, in whatever way in. */
    static ExecutionLoops loops(Parts parts, Config config) {
        OnLoop onLoop = config.get(SettingsOfLoops.ON_LOOP);
        return new ExecutionLoops(
                new LoopSettings(
                        LoopSettings.defaults().repeats(),
                        LoopSettings.defaults().within(),
                        config.get(SettingsOfLoops.EXCEPT),
                        Set.copyOf(config.get(SettingsOfLoops.IGNORED))),
                onLoop != OnLoop.IGNORE,
                onLoop == OnLoop.REFUSE,
                new LoopNews(
                        parts.metrics(),
                        parts.fleet().processor(),
                        parts.fleet().loops(),
                        onLoop == OnLoop.REFUSE),
                parts.fleet().processor(),
                parts.circuits(),
                parts.time());
    }

    /** What agents may use, and what they have used. */
    private static BudgetEndpoints budgets(Parts parts) {
        BudgetFigures.register(parts.metrics().registry(), parts.budgets());
        parts.budgets().listen(new BudgetNews(parts.metrics().registry()));
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_own_budgets_stopping",
                        "gauge",
                        "Gates of the organization's budgets that are used up",
                        organization -> parts.budgets().stopping(organization)));
        return new BudgetEndpoints(
                parts.pools().database(),
                parts.database().budgets(),
                parts.database().budgetUsage(),
                parts.budgets(),
                parts.clock());
    }

    /** What an organization sees of what it took from rooms that all share. */
    private static void ownFigures(Parts parts, StreamHub stream) {
        JdbcLogStore log = parts.fleet().log();
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_own_log_rows_lost_total",
                        "counter",
                        "Entries of the organization's agent log that counted and never reached the database",
                        log::lostRows));
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_own_log_rows_beyond_quota_total",
                        "counter",
                        "Entries of the organization's agent log that counted and were not stored, beyond its quota of"
                                + " the day",
                        log::rowsBeyondQuota));
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_stream_clients",
                        "gauge",
                        "Clients of the organization that hear the stream of this server, dashboards among them",
                        stream::clients));
    }

    /** How an organization's probes went, and which of its policies' cannot be carried out. */
    private static void probeFigures(Parts parts) {
        HttpProbes probes = parts.probing().probes();
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_probes_good_total",
                        "counter",
                        "Probes of the organization's circuits by this server that went well",
                        probes::good));
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_probes_failed_total",
                        "counter",
                        "Probes of the organization's circuits by this server that failed",
                        probes::failed));
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_policies_not_probed",
                        "gauge",
                        "Policies of the organization with a probe that this server cannot carry out",
                        parts.policies()::notProbed));
    }

    /** What clients ask for that decide locally. */
    private static SyncEndpoints sync(
            Parts parts, PermitDesk desk, GuardedCalls calls, LogIntake intake, LoopRefusals loops) {
        SyncEndpoints sync = SyncFeed.endpoints(
                        parts.vertx(),
                        parts.pools().intake(),
                        parts.circuits(),
                        parts.policies(),
                        new ClientOutcomes(parts.circuits(), desk, calls, parts.time()),
                        intake,
                        loops,
                        calls,
                        parts.time(),
                        parts.clock())
                .watch(parts.security().authenticator()::isValid);
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_sync_clients",
                        "gauge",
                        "Clients of the organization that decide locally and have said something to this server lately",
                        sync::clients));
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_sync_clients_waiting",
                        "gauge",
                        "Of these, clients that wait for news at this moment",
                        sync::waiting));
        parts.metrics()
                .addOwn(new OwnFigure(
                        "interlock_sync_clients_behind_gates",
                        "gauge",
                        "Of these, clients that have not confirmed the gates in effect now",
                        sync::behindGates));
        Gauge.builder("interlock.sync.bytes", sync, SyncEndpoints::bytes)
                .description("What this server remembers of clients that decide locally, in bytes")
                .baseUnit("bytes")
                .register(parts.metrics().registry());
        return sync;
    }

    /** What hears of all calls that ask for permits. */
    static GuardedCalls calls(Parts parts) {
        Fleet fleet = parts.fleet();
        return new GuardedCalls(
                fleet.health(),
                fleet.agents(),
                fleet.names(),
                fleet.processor(),
                parts.budgets().meter());
    }

    /** The one desk of all permits. */
    static PermitDesk permits(Parts parts, GuardedCalls calls) {
        byte[] key = permitKey(parts);
        Fleet fleet = parts.fleet();
        PermitDesk desk = new PermitDesk(
                parts.circuits(), parts.time(), key, calls, parts.shared().settledPermits(key));
        FunctionCounter.builder("interlock.permits.settled.alone", desk, PermitDesk::settledAlone)
                .description("Outcomes with a permit that this server settled by its own memory, since Redis was away")
                .register(parts.metrics().registry());
        parts.vertx().setPeriodic(CHECK_MILLIS, check -> desk.check());
        fleet.processor().leaveOutHeardBy(desk::hears);
        return desk;
    }

    /** All servers of one database sign permits with one key. */
    private static byte[] permitKey(Parts parts) {
        return parts.database().settings().getOrCreate("permit-signing-key", () -> {
            byte[] fresh = new byte[PERMIT_KEY_BYTES];
            new SecureRandom().nextBytes(fresh);
            return fresh;
        });
    }
}
