package dev.interlock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.interlock.server.text.NearestNames;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to say of something that the server does not have: which command lists what there is, and what was meant. */
final class Missing {
    /** Begins what a server says of a path that it does not offer, as one of an earlier version does. */
    private static final String NO_PATH = "There is nothing at ";

    private Missing() {}

    /** A question to the server. */
    interface Question {
        JsonNode ask() throws RemoteException;
    }

    /** What is said instead of the server's own words, which are for programs. */
    interface Sentence {
        String say() throws RemoteException;
    }

    /**
     * The answer.
     *
     * @throws RemoteException with the sentence if the server has no such thing; as the server says it otherwise
     */
    static JsonNode orAnswer(Question question, Sentence sentence) throws RemoteException {
        try {
            return question.ask();
        } catch (RemoteException refused) {
            JsonNode problem = refused.problem();
            if (refused.exitCode() != ExitCode.NOT_FOUND
                    || problem == null
                    || problem.path("detail").asText().startsWith(NO_PATH)) {
                throw refused;
            }
            throw new RemoteException(ExitCode.NOT_FOUND, sentence.say());
        }
    }

    /**
     * A kind of thing that has ids.
     *
     * @param what its name, with its article
     * @param path of the list of them
     * @param field of that list which has the rows
     * @param id the field of a row that has its id
     * @param command that lists them
     */
    record Kind(String what, String path, String field, String id, String command) {

        /** The answer of {@link Missing#orAnswer}, with a sentence that names what may have been meant. */
        JsonNode orAnswer(Remote remote, String given, Question question) throws RemoteException {
            return Missing.orAnswer(question, () -> sentence(remote, given));
        }

        private String sentence(Remote remote, String given) {
            String shown = Words.clean(given);
            String meant = meant(remote, given);
            return "There is no " + what + " with the " + id + " '" + shown + "'"
                    + (meant == null ? "; '" + command + "' lists all" : "; " + meant);
        }

        private @Nullable String meant(Remote remote, String given) {
            List<String> ids = new ArrayList<>();
            try {
                for (JsonNode row : remote.get(path).path(field)) {
                    if (row.path("name").asText().equals(given)) {
                        return "the one that is named so has the " + id + " "
                                + Words.clean(row.path(id).asText());
                    }
                    ids.add(row.path(id).asText());
                }
            } catch (RemoteException notAllowed) {
                return null; // the list is a help, and no more
            }
            List<String> near = NearestNames.of(given, ids.stream());
            return near.isEmpty() ? null : "did you mean '" + Words.clean(near.get(0)) + "'?";
        }
    }
}
