package dev.interlock.server.status;

import java.util.function.ToDoubleFunction;

/**
 * A figure that each organization has of its own.
 *
 * @param name as Prometheus writes it
 * @param type {@code counter} or {@code gauge}
 * @param help what it is
 * @param value its value for an organization
 */
public record OwnFigure(String name, String type, String help, ToDoubleFunction<String> value) {
    void write(MetricText text, String organization) {
        text.family(name, type, help).sample(name, Double.toString(value.applyAsDouble(organization)));
    }
}
