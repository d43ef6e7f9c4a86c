/**
 * Openings that have one cause, as one incident: {@link dev.interlock.monitor.incidents.IncidentTracker}. Decides alone,
 * by what it is given; who stores incidents and who shows them is elsewhere.
 */
@Alpha
@NullMarked
package dev.interlock.monitor.incidents;

import dev.interlock.Alpha;
import org.jspecify.annotations.NullMarked;
