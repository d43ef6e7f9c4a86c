package dev.interlock.store;

import org.jspecify.annotations.Nullable;

/** A stored record that this version cannot read. It is of one circuit; all others can be read and written. */
public final class UnreadableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String organization;
    private final String name;

    /**
     * For one record.
     *
     * @param organization who owns the circuit
     * @param name what it protects
     * @param place where the record lies, as a person would look for it
     * @param cause what is wrong with it, or null
     */
    public UnreadableRecordException(String organization, String name, String place, @Nullable Throwable cause) {
        super(
                "The stored record of circuit '" + organization + "/" + name + "' cannot be read and is left out: "
                        + (cause == null ? "it is no record" : cause.getMessage()) + ". Its circuit goes on in each"
                        + " process by itself. Maybe a newer version wrote it; if not, delete " + place,
                cause);
        this.organization = organization;
        this.name = name;
    }

    /**
     * Who owns the circuit.
     *
     * @return the organization
     */
    public String organization() {
        return organization;
    }

    /**
     * What the circuit protects.
     *
     * @return its name
     */
    public String name() {
        return name;
    }
}
