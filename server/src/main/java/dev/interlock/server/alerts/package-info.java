/**
 * Alerts: webhooks that hear of incidents and of circuits. {@link dev.interlock.server.alerts.AlertSender} sends what is
 * stored for them, for all servers of a database one at a time; {@link dev.interlock.server.alerts.WebhookEndpoints} lists
 * and changes them.
 */
@NullMarked
package dev.interlock.server.alerts;

import org.jspecify.annotations.NullMarked;
