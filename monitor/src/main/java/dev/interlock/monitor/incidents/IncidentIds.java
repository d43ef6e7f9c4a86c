package dev.interlock.monitor.incidents;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Names of incidents: by the epoch in which the first circuit opened, so that a restart names none a second time. */
final class IncidentIds {
    private static final int RADIX = 36;

    private IncidentIds() {}

    /** The name of the incident that a circuit begins. Two circuits can have an epoch of one number. */
    static String of(Affected first) {
        CRC32 name = new CRC32();
        name.update(first.name().getBytes(StandardCharsets.UTF_8));
        return Long.toString(first.epoch(), RADIX) + "-" + Long.toString(name.getValue(), RADIX);
    }
}
