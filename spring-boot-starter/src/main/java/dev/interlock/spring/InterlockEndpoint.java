package dev.interlock.spring;

import dev.interlock.CircuitBreakerManager;
import dev.interlock.CircuitId;
import dev.interlock.CircuitSnapshot;
import dev.interlock.CircuitState;
import dev.interlock.Hold;
import dev.interlock.InvalidSettingsException;
import dev.interlock.ManualOverride;
import dev.interlock.OverrideAction;
import dev.interlock.StateTransition;
import dev.interlock.settings.PolicySettings;
import java.security.Principal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Circuits, transitions and policies to read, and overrides where writing is allowed: {@code
 * management.endpoint.interlock.access=unrestricted}.
 */
@Endpoint(id = "interlock", defaultAccess = Access.READ_ONLY)
public final class InterlockEndpoint {
    private static final String CIRCUITS = "circuits";
    private static final String TRANSITIONS = "transitions";
    private static final String POLICIES = "policies";
    private static final int MOST_CIRCUITS = 1_000;

    private final CircuitBreakerManager circuits;
    private final PolicyRefresher refresher;
    private final RecentTransitions recent = new RecentTransitions();

    InterlockEndpoint(CircuitBreakerManager circuits, PolicyRefresher refresher) {
        this.circuits = circuits;
        this.refresher = refresher;
        circuits.addListener(recent);
    }

    /**
     * How many circuits there are in each state, and those that are not closed.
     *
     * @return by name
     */
    @ReadOperation
    public Map<String, @Nullable Object> fleet() {
        List<CircuitSnapshot> notClosed = circuits.snapshotsNotClosed().toList();
        Map<String, @Nullable Object> fleet = new LinkedHashMap<>();
        fleet.put(CIRCUITS, circuits.size());
        for (CircuitState state : List.of(CircuitState.OPEN, CircuitState.HALF_OPEN)) {
            fleet.put(
                    lower(state),
                    notClosed.stream().filter(each -> each.state() == state).count());
        }
        fleet.put("held", notClosed.stream().filter(each -> each.hold() != null).count());
        fleet.put(
                "not_closed",
                notClosed.stream()
                        .limit(MOST_CIRCUITS)
                        .map(InterlockEndpoint::show)
                        .toList());
        return fleet;
    }

    /**
     * {@code circuits} for the first 1,000, {@code circuits/NAME} for one, which is closed if nobody has called it, {@code
     * transitions} for the last 1,000, the newest first, {@code transitions/NAME} for those of one, {@code policies} for the
     * settings by pattern.
     *
     * @param path what to show
     * @return what it is; null, which is 404, for another path
     */
    @ReadOperation
    public @Nullable Object part(@Selector(match = Match.ALL_REMAINING) String... path) {
        if (path.length == 1) {
            return switch (path[0]) {
                case CIRCUITS ->
                    circuits.snapshots()
                            .sorted((one, other) -> one.id().compareTo(other.id()))
                            .limit(MOST_CIRCUITS)
                            .map(InterlockEndpoint::show)
                            .toList();
                case TRANSITIONS -> recent.newestFirst(null);
                case POLICIES -> policies();
                default -> null;
            };
        }
        return path.length == 0
                ? null
                : switch (path[0]) {
                    case CIRCUITS -> show(circuits.snapshot(id(path)));
                    case TRANSITIONS -> recent.newestFirst(id(path));
                    default -> null;
                };
    }

    /**
     * {@code circuits/NAME} carries out an override, {@code policies} reads the properties again.
     *
     * @param path what it is about
     * @param action of a circuit: open, close, reset, hold_open, hold_closed, release or probe_now
     * @param reason why; optional
     * @param until the end of a hold, as 2026-11-29T08:00:00Z; optional
     * @param create whether a circuit that nobody has called may be made; default false
     * @param security who is asking
     * @return what became of it
     */
    @WriteOperation
    public Map<String, @Nullable Object> change(
            @Selector(match = Match.ALL_REMAINING) String[] path,
            @Nullable String action,
            @Nullable String reason,
            @Nullable String until,
            @Nullable Boolean create,
            SecurityContext security) {
        if (path.length == 1 && path[0].equals(POLICIES)) {
            try {
                return Map.of("changes", refresher.refresh());
            } catch (InvalidSettingsException invalid) {
                throw invalid(invalid.getMessage());
            }
        }
        if (path.length < 2 || !path[0].equals(CIRCUITS)) {
            throw invalid("The path must be circuits/NAME or policies");
        }
        CircuitId id = id(path);
        if (!circuits.contains(id) && !Boolean.TRUE.equals(create)) {
            throw invalid("Nobody has called '" + id + "' yet. If the name is right, send create = true");
        }
        boolean changed = circuits.override(id, override(action, reason, until, security));
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("changed", changed);
        answer.putAll(show(circuits.snapshot(id)));
        return answer;
    }

    private static ManualOverride override(
            @Nullable String action, @Nullable String reason, @Nullable String until, SecurityContext security) {
        OverrideAction known = Arrays.stream(OverrideAction.values())
                .filter(each -> lower(each).equals(action))
                .findFirst()
                .orElseThrow(() -> invalid("action = " + action + ": must be one of "
                        + Arrays.stream(OverrideAction.values())
                                .map(InterlockEndpoint::lower)
                                .collect(Collectors.joining(", "))));
        Principal principal = security.getPrincipal();
        try {
            ManualOverride override = ManualOverride.of(known, principal == null ? "actuator" : principal.getName());
            override = reason == null ? override : override.because(reason);
            return until == null ? override : override.until(Instant.parse(until));
        } catch (DateTimeParseException | IllegalArgumentException invalid) {
            throw invalid(invalid.getMessage());
        }
    }

    private static CircuitId id(String[] path) {
        try {
            return CircuitId.of(String.join("/", Arrays.copyOfRange(path, 1, path.length)));
        } catch (IllegalArgumentException invalid) {
            throw invalid(invalid.getMessage());
        }
    }

    private static InvalidEndpointRequestException invalid(@Nullable String reason) {
        return new InvalidEndpointRequestException(String.valueOf(reason), String.valueOf(reason));
    }

    private Map<String, Object> policies() {
        Map<String, Object> policies = new LinkedHashMap<>();
        circuits.policies().forEach((pattern, config) -> policies.put(pattern, PolicySettings.write(config)));
        return Map.of("default", PolicySettings.write(circuits.defaultPolicy()), "patterns", policies);
    }

    private static Map<String, @Nullable Object> show(CircuitSnapshot circuit) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("agent_id", circuit.id().toString());
        shown.put("state", lower(circuit.state()));
        shown.put("policy", circuit.policy());
        shown.put("mode", lower(circuit.mode()));
        shown.put("calls", circuit.figures().calls());
        shown.put("failures", circuit.figures().failures());
        shown.put("since", text(circuit.since()));
        shown.put("retry_after_ms", circuit.retryAfter().toMillis());
        Hold hold = circuit.hold();
        if (hold != null) {
            shown.put("held_by", hold.actor());
            shown.put("held_until", text(hold.until()));
        }
        StateTransition last = circuit.lastTransition();
        if (last != null) {
            shown.put("cause", lower(last.cause()));
        }
        return shown;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
