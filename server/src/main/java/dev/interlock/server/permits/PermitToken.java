package dev.interlock.server.permits;

import dev.interlock.store.GivenTrial;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a permit says while it is away: whose it is, which circuits admitted the call in which epoch, and when. Immutable
 * except for its array, which nobody changes.
 *
 * @param organization whose circuits these are
 * @param agent the guarded agent
 * @param dependencies what the call depends on, as the caller named it
 * @param epochs the epochs that admitted, in the order of the circuits' ids
 * @param generation the life of the server that gave it
 * @param number counts the permits of that life
 * @param issuedTicks that server's clock, in nanoseconds
 * @param issuedMillis the wall clock, in milliseconds since 1970
 * @param trials what the call tries among all servers that share a circuit; mostly nothing
 * @param around the permits within whose calls this one was given, the innermost first; mostly none
 * @param caller who makes the call, if who took the permit named somebody else; else null
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PermitToken(
        String organization,
        String agent,
        List<String> dependencies,
        long[] epochs,
        long generation,
        long number,
        long issuedTicks,
        long issuedMillis,
        List<GivenTrial> trials,
        List<Ancestor> around,
        @Nullable String caller) {

    /** A permit whose caller is who took it. */
    PermitToken(
            String organization,
            String agent,
            List<String> dependencies,
            long[] epochs,
            long generation,
            long number,
            long issuedTicks,
            long issuedMillis,
            List<GivenTrial> trials,
            List<Ancestor> around) {
        this(
                organization,
                agent,
                dependencies,
                epochs,
                generation,
                number,
                issuedTicks,
                issuedMillis,
                trials,
                around,
                null);
    }

    /** The names of all circuits around the call, the agent's first. */
    List<String> circuits() {
        List<String> names = new ArrayList<>(dependencies.size() + 1);
        names.add(agent);
        names.addAll(dependencies);
        return names;
    }
}
