package dev.interlock.monitor.budgets;

import dev.interlock.CircuitId;
import dev.interlock.NamePattern;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How much some agents, or the calls of some upstreams, may use in a time. Immutable.
 *
 * @param organization whose
 * @param id its name in the organization: 1 to 64 letters, digits, points, hyphens and underscores
 * @param pattern whose usage counts: if it begins with {@code model:}, {@code tool:}, {@code key:} or {@code mcp:}, calls
 *     that name such an upstream, else the calls of agents with such names
 * @param together whether all names that match share one budget; else each has it for itself
 * @param period the time for which it holds
 * @param limits how much
 * @param countsCached whether tokens read from a cache count
 * @param warnAt the fraction of a limit at which it is reported, above 0 and at most 1
 * @param stops whether calls are refused once it is used up; else that is only reported
 */
public record Budget(
        String organization,
        String id,
        NamePattern pattern,
        boolean together,
        Period period,
        Limits limits,
        boolean countsCached,
        double warnAt,
        boolean stops) {
    /** The most of one organization. */
    public static final int MOST = 100;

    /** At which fraction of a limit it is reported, unless somebody says otherwise. */
    public static final double WARN_AT = 0.8;

    /** The name under which usage of a budget lies that is shared. */
    public static final String TOGETHER = "";

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if the id is none, or {@code warnAt} is no fraction
     */
    public Budget {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "A budget's id must have 1 to 64 letters, digits, points, hyphens and underscores, but was '" + id
                            + "'");
        }
        new CircuitId(organization, pattern.text()); // checks the organization, and the pattern's characters
        if (!(warnAt > 0 && warnAt <= 1)) {
            throw new IllegalArgumentException("warn_at = " + warnAt + ": must be a fraction above 0, at most 1");
        }
    }

    /** {@return whether it counts calls that name an upstream, and not those of agents} */
    public boolean isOfUpstreams() {
        return new CircuitId(organization, pattern.text()).namesUpstream();
    }

    /**
     * Whose usage a call is.
     *
     * @param names of the call's circuits, the agent's first
     * @return the names under which it counts: {@link #TOGETHER} alone if they share; empty if it does not count
     */
    Set<String> subjects(List<String> names) {
        Collection<String> counted = isOfUpstreams() ? names : names.subList(0, 1);
        Set<String> subjects = new LinkedHashSet<>();
        for (String each : counted) {
            if (pattern.matches(each)) {
                subjects.add(together ? TOGETHER : each);
            }
        }
        return subjects;
    }

    /** {@return whether usage of a name, or of all together, is of this budget as it is now} */
    public boolean counts(String subject) {
        return subject.equals(TOGETHER) ? together : !together && covers(subject);
    }

    /**
     * Whether a name's usage counts.
     *
     * @param name an agent's or upstream's
     * @return true if the pattern matches it
     */
    public boolean covers(String name) {
        return pattern.matches(name);
    }
}
