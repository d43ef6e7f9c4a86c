package dev.interlock;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose probe runs next: at most ten at a time, and up to six more while a suspicion asks, for which calls wait.
 * Organizations are served in turns, and of each its suspicions first, so that one whose probes all hang keeps another
 * waiting for one answer at most. Not safe for use by several threads at once.
 */
final class ProbeTurns<T> {
    private static final int MOST_PATIENT = 10;
    private static final int MOST = 16;

    /** What an organization has waiting. */
    private final class Lane {
        private final Deque<T> hasty = new ArrayDeque<>();
        private final Deque<T> patient = new ArrayDeque<>();

        Deque<T> of(boolean isPatient) {
            return isPatient ? patient : hasty;
        }

        boolean isEmpty() {
            return hasty.isEmpty() && patient.isEmpty();
        }
    }

    /** Those who wait; the first in the map is looked at first. */
    private final Map<String, Lane> lanes = new LinkedHashMap<>();

    private int patientRunning;
    private int running;

    /** Gives one a turn, or lets it wait; returns whether it has one. */
    boolean take(String organization, boolean patient, T one) {
        if (mayRun(patient)) {
            begin(patient);
            return true;
        }
        lanes.computeIfAbsent(organization, fresh -> new Lane()).of(patient).addLast(one);
        return false;
    }

    /** Waits no longer; false if it did not wait. */
    boolean remove(String organization, boolean patient, T one) {
        Lane lane = lanes.get(organization);
        if (lane == null || !lane.of(patient).remove(one)) {
            return false;
        }
        if (lane.isEmpty()) {
            lanes.remove(organization);
        }
        return true;
    }

    /** One has ended; returns the one that has its turn now, or null. */
    @Nullable
    T end(boolean patient) {
        running--;
        if (patient) {
            patientRunning--;
        }
        for (Iterator<Map.Entry<String, Lane>> each = lanes.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<String, Lane> entry = each.next();
            Lane lane = entry.getValue();
            boolean next = lane.hasty.isEmpty();
            if (mayRun(next)) {
                T one = lane.of(next).removeFirst();
                begin(next);
                each.remove();
                if (!lane.isEmpty()) {
                    lanes.put(entry.getKey(), lane); // behind the others
                }
                return one;
            }
        }
        return null;
    }

    private boolean mayRun(boolean patient) {
        return running < MOST && (!patient || patientRunning < MOST_PATIENT);
    }

    private void begin(boolean patient) {
        running++;
        if (patient) {
            patientRunning++;
        }
    }
}
