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
    static void write(StringBuilder text, OwnFigure figure, String organization) {
        text.append("# HELP ")
                .append(figure.name)
                .append(' ')
                .append(figure.help)
                .append('\n');
        text.append("# TYPE ")
                .append(figure.name)
                .append(' ')
                .append(figure.type)
                .append('\n');
        text.append(figure.name)
                .append(' ')
                .append(figure.value.applyAsDouble(organization))
                .append('\n');
    }
}
