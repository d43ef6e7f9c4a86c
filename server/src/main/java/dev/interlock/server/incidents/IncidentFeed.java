package dev.interlock.server.incidents;

import dev.interlock.CircuitListener;
import dev.interlock.StateTransition;
import dev.interlock.jdbc.Incidents;
import dev.interlock.jdbc.Incidents.Filter;
import dev.interlock.jdbc.Incidents.Listed;
import dev.interlock.monitor.incidents.Affected;
import dev.interlock.monitor.incidents.Incident;
import dev.interlock.server.stream.StreamHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reports to the stream what becomes of incidents, whichever server finds them: reads those of organizations that have
 * clients here, soon after their circuits moved and else every {@link #LOOKED}. {@link #step} blocks: for a worker. Safe for
 * use by any thread.
 */
public final class IncidentFeed implements CircuitListener {
    /** How many current incidents of an organization are reported; if there are more, those that began last. */
    static final int MOST = 500;

    private static final Duration LOOKED = Duration.ofSeconds(5);

    /** How long after a circuit moved another server may still make an incident of it. */
    private static final Duration EAGER = Duration.ofSeconds(10);

    private static final Filter LIVE = new Filter(true, null, null);

    private final StreamHub hub;
    private final Incidents incidents;
    private final Stories stories;
    private final Clock clock;

    /** What was reported, by organization and by id; those that began last first. */
    private final Map<String, Map<String, JsonObject>> reported = new ConcurrentHashMap<>();

    private final Map<String, Instant> moved = new ConcurrentHashMap<>();
    private final Map<String, Instant> next = new ConcurrentHashMap<>();

    /**
     * A feed, which snapshots of the hub end with from now on.
     *
     * @param hub to whom it is reported
     * @param incidents where they lie
     * @param stories what belongs to them
     * @param clock the wall clock
     */
    public IncidentFeed(StreamHub hub, Incidents incidents, Stories stories, Clock clock) {
        this.hub = hub;
        this.incidents = incidents;
        this.stories = stories;
        this.clock = clock;
        hub.incidents(this::known);
    }

    @Override
    public void onTransition(StateTransition transition) {
        String organization = transition.id().organization();
        if (reported.containsKey(organization)) {
            moved.put(organization, clock.instant());
        }
    }

    @Override
    public void onMissed(long events) {
        next.clear();
    }

    /**
     * Reports what changed since the last time, if it is time to look.
     *
     * @throws dev.interlock.store.StoreUnavailableException if the database cannot be reached; the next time goes on
     */
    public synchronized void step() {
        Set<String> organizations = hub.organizations();
        List.of(reported, moved, next).forEach(each -> each.keySet().retainAll(organizations));
        Instant now = clock.instant();
        for (String organization : organizations) {
            boolean eager =
                    now.isBefore(moved.getOrDefault(organization, Instant.EPOCH).plus(EAGER));
            if (eager || !now.isBefore(next.getOrDefault(organization, Instant.MIN))) {
                next.put(organization, now.plus(LOOKED));
                look(organization);
            }
        }
    }

    private @Nullable JsonArray known(String organization) {
        Map<String, JsonObject> all = reported.get(organization);
        return all == null ? null : new JsonArray(new ArrayList<>(all.values()));
    }

    private void look(String organization) {
        Map<String, JsonObject> before = reported.getOrDefault(organization, Map.of());
        Map<String, JsonObject> after = read(organization);
        List<JsonObject> changes = new ArrayList<>();
        before.keySet().stream()
                .filter(id -> !after.containsKey(id))
                .forEach(id -> ended(organization, id).ifPresent(changes::add));
        after.forEach((id, incident) -> {
            if (!incident.equals(before.get(id))) {
                changes.add(incident);
            }
        });
        reported.put(organization, after); // first: a snapshot from now on has what follows
        changes.forEach(each -> hub.publish(organization, "incident", each.getString("id"), () -> each));
    }

    private Map<String, JsonObject> read(String organization) {
        List<Listed> live = incidents.of(organization, LIVE, null, MOST);
        Map<String, Integer> hits = stories.hits(
                organization, live.stream().map(each -> each.incident().root()).collect(Collectors.toSet()));
        Map<String, JsonObject> all = new LinkedHashMap<>();
        for (Listed each : live) {
            Incident incident = each.incident();
            all.put(
                    incident.id(),
                    IncidentJson.listed(each, hits.getOrDefault(incident.root(), 0))
                            .put("refused", stories.refused(organization, incident)));
        }
        return all;
    }

    /** One that goes on no longer; one that is still live made room for newer ones. */
    private Optional<JsonObject> ended(String organization, String id) {
        return incidents
                .find(organization, id)
                .filter(incident -> !incident.isLive())
                .map(incident -> {
                    int open = (int) incident.affected().stream()
                            .map(Affected::closedAt)
                            .filter(Objects::isNull)
                            .count();
                    return IncidentJson.of(
                                    incident, incident.affected().size(), open, stories.hit(organization, incident))
                            .put("refused", stories.refused(organization, incident));
                });
    }
}
