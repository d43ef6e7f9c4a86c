package dev.interlock.server.permits;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interlock.server.permits.ClientReport.Inner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one outcome of a client, by the rules of the schema {@code ClientOutcome}. For one entry. */
final class ClientReportReader implements BodyReader.FieldReader {
    /** The most names of one kind of inner calls. */
    static final int MOST_INNER = 32;

    private static final String OWN = "depends_on, age_ms, epochs, inner";
    private static final String INNER = "admitted, refused and failed";

    private final BodyReader.Fields common = new BodyReader.Fields(true, OWN + ", ");
    private final List<String> dependencies = new ArrayList<>();
    private final Map<String, Long> epochs = new LinkedHashMap<>();
    private final Set<String> present = new LinkedHashSet<>();
    private Inner inner = Inner.NONE;
    private long ago;

    private ClientReportReader() {}

    static ClientReport read(byte[] bytes, int from, int length) throws BadBodyException {
        ClientReportReader reader = new ClientReportReader();
        BodyReader.read(bytes, from, length, reader);
        return reader.report();
    }

    @Override
    public void read(JsonParser json, String field) throws IOException, BadBodyException {
        switch (field) {
            case "depends_on", "age_ms", "epochs", "inner" -> {
                if (json.currentToken() != JsonToken.VALUE_NULL) {
                    present.add(field);
                    own(json, field);
                }
            }
            default -> common.read(json, field);
        }
    }

    private void own(JsonParser json, String field) throws IOException, BadBodyException {
        switch (field) {
            case "depends_on" -> BodyReader.dependencies(json, field, dependencies);
            case "age_ms" -> ago = BodyReader.nanos(json, field);
            case "epochs" -> epochs(json, field);
            default -> inner = inner(json, field);
        }
    }

    private void epochs(JsonParser json, String field) throws IOException, BadBodyException {
        mustBeObject(json, field, "an object of names and the numbers of epochs");
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            String at = field + "." + BadBodyException.shown(name);
            json.nextToken();
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || json.getLongValue() < 0) {
                throw BadBodyException.of(at, BodyReader.value(json), "the number of an epoch");
            }
            if (epochs.size() > BodyReader.MOST_DEPENDENCIES) {
                throw new BadBodyException(
                        field + ": may have one number for each circuit around the call, but has more");
            }
            if (epochs.put(BodyReader.checkName(field, name), json.getLongValue()) != null) {
                throw new BadBodyException(at + ": is there twice; must be given once");
            }
        }
    }

    private static Inner inner(JsonParser json, String field) throws IOException, BadBodyException {
        mustBeObject(json, field, "an object with " + INNER);
        Map<String, Set<String>> read = new LinkedHashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            String at = field + "." + name;
            switch (name) {
                case "admitted", "refused", "failed" -> {
                    if (read.put(name, names(json, at)) != null) {
                        throw new BadBodyException(at + ": is there twice; must be given once");
                    }
                }
                default -> throw BodyReader.unknown(name, INNER + " in " + field);
            }
        }
        return new Inner(
                read.getOrDefault("admitted", Set.of()),
                read.getOrDefault("refused", Set.of()),
                read.getOrDefault("failed", Set.of()));
    }

    private static Set<String> names(JsonParser json, String field) throws IOException, BadBodyException {
        String allowed = "an array of at most " + MOST_INNER + " names of circuits";
        Set<String> names = new LinkedHashSet<>();
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return names;
        }
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw BadBodyException.of(field, BodyReader.value(json), allowed);
        }
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
            if (i == MOST_INNER) {
                throw new BadBodyException(field + ": must be " + allowed + ", but has more");
            }
            names.add(BodyReader.name(json, field + "[" + i + "]"));
        }
        return names;
    }

    private static void mustBeObject(JsonParser json, String field, String allowed)
            throws IOException, BadBodyException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw BadBodyException.of(field, BodyReader.value(json), allowed);
        }
    }

    private ClientReport report() throws BadBodyException {
        Report report = common.report();
        String agent = report.agent();
        if (report.permit() != null) {
            mustBeAlone();
        } else if (agent == null) {
            throw new BadBodyException("agent_id: is missing; an outcome must name its agent or have a permit");
        } else {
            mustBeOfThisCall(report.concerning(), agent);
        }
        return new ClientReport(report, List.copyOf(dependencies), ago, Map.copyOf(epochs), inner);
    }

    private void mustBeAlone() throws BadBodyException {
        for (String field : present) {
            throw new BadBodyException(field + ": must be absent where there is a permit, which knows it");
        }
    }

    private void mustBeOfThisCall(@Nullable String concerning, String agent) throws BadBodyException {
        if (concerning != null && !isAround(concerning, agent)) {
            throw new BadBodyException("concerning = " + BadBodyException.shown(concerning)
                    + ": is no circuit around this call; it must be its agent_id or one of its depends_on");
        }
        if (epochs.isEmpty()) {
            return;
        }
        for (String name : epochs.keySet()) {
            if (!isAround(name, agent)) {
                throw new BadBodyException("epochs." + BadBodyException.shown(name)
                        + ": is no circuit around this call; there must be agent_id and each of depends_on");
            }
        }
        List<String> all = new ArrayList<>(dependencies);
        all.add(agent);
        for (String name : all) {
            if (!epochs.containsKey(name)) {
                throw new BadBodyException("epochs: lacks " + BadBodyException.shown(name)
                        + "; there must be agent_id and each of depends_on, or no epochs at all");
            }
        }
    }

    private boolean isAround(String name, String agent) {
        return name.equals(agent) || dependencies.contains(name);
    }
}
