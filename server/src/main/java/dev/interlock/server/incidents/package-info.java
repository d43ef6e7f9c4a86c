/**
 * Incidents: openings that have one cause. {@link dev.interlock.server.incidents.IncidentKeeper} finds and stores them, for
 * all servers of a database one at a time; {@link dev.interlock.server.incidents.IncidentEndpoints} shows them.
 */
@NullMarked
package dev.interlock.server.incidents;

import org.jspecify.annotations.NullMarked;
