package dev.interlock.server.status;

/** Figures in the text format of Prometheus, family by family. Not for several threads. */
final class MetricText {
    private final StringBuilder text = new StringBuilder();

    /**
     * Begins a family.
     *
     * @param name as Prometheus writes it
     * @param type {@code counter} or {@code gauge}
     * @param help what it is, in one line
     */
    MetricText family(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /** A figure that is a whole number. */
    MetricText sample(String name, long value, String... labels) {
        return sample(name, Long.toString(value), labels);
    }

    /**
     * A figure.
     *
     * @param labels names and values in turn
     */
    MetricText sample(String name, String value, String... labels) {
        text.append(name);
        for (int i = 0; i < labels.length; i += 2) {
            text.append(i == 0 ? '{' : ',')
                    .append(labels[i])
                    .append("=\"")
                    .append(escaped(labels[i + 1]))
                    .append('"');
        }
        text.append(labels.length == 0 ? " " : "} ").append(value).append('\n');
        return this;
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
