package dev.interlock.jdbc;

import dev.interlock.promises.BrokenPromises;
import dev.interlock.promises.Promise;
import java.util.List;
import java.util.function.Function;

/**
 * Looks whether rows are of the organization that they were asked for, whatever the database thinks is equal: a column
 * that was made to ignore case, say, answers {@code acme} with rows of {@code Acme}.
 */
final class Owned {
    private Owned() {}

    /**
     * Whether a row may be shown; if not, that is counted as a broken promise.
     *
     * @param organization for which it was read
     * @param owner whose it is
     * @param table where it lies
     */
    static boolean isOf(String organization, String owner, String table) {
        if (owner.equals(organization)) {
            return true;
        }
        BrokenPromises.report(
                Promise.ORGANIZATIONS,
                "the database answered with a row of another organization in " + table
                        + "; it is not shown. Maybe a column organization_id was changed to ignore case");
        return false;
    }

    /** The rows that may be shown. */
    static <T> List<T> only(String organization, List<T> rows, Function<T, String> owner, String table) {
        return rows.stream()
                .filter(row -> isOf(organization, owner.apply(row), table))
                .toList();
    }
}
