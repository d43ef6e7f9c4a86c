package dev.interlock.spring;

import java.util.List;

/** Methods that cannot be guarded as their {@link Guarded} says; names every mistake. */
public final class InvalidGuardsException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // always an immutable list of strings
    private final List<String> problems;

    InvalidGuardsException(List<String> problems) {
        super((problems.size() == 1 ? "A @Guarded cannot be: " : problems.size() + " @Guarded cannot be: ")
                + String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * All mistakes.
     *
     * @return one sentence each: the method, what is wrong, what would be right
     */
    public List<String> problems() {
        return problems;
    }
}
