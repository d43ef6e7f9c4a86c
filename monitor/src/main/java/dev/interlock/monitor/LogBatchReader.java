package dev.interlock.monitor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches of the agent log from JSON, as an {@link AgentLogger} and callers in other languages send them. An entry
 * that cannot be read is refused alone. For one thread; one reader a batch.
 */
public final class LogBatchReader {
    /** The most entries of one batch. */
    public static final int MOST_ENTRIES = 1_000;

    private static final JsonFactory JSON = new JsonFactory();

    /** The bytes in which a mark of the encoding shows. */
    private static final int MARK = 2;

    private final UnaryOperator<LogEntry> check;
    private final List<LogEntry> entries = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();
    private final List<Receipt.Refusal> refused = new ArrayList<>();
    private @Nullable String organization;
    private @Nullable Instant sentAt;

    private LogBatchReader(UnaryOperator<LogEntry> check) {
        this.check = check;
    }

    /**
     * What was read. Immutable.
     *
     * @param batch the entries that could be read
     * @param places the place of each of them in what was sent, from 0
     * @param refused the others
     */
    public record Read(LogBatch batch, List<Integer> places, List<Receipt.Refusal> refused) {
        /** Copies the lists. */
        public Read {
            places = List.copyOf(places);
            refused = List.copyOf(refused);
        }

        /**
         * What became of all that was sent.
         *
         * @param receipt what became of those that could be read
         * @return both together, each refusal with its place in what was sent
         */
        public Receipt receipt(Receipt receipt) {
            List<Receipt.Refusal> all = new ArrayList<>(refused);
            receipt.refused().forEach(each -> all.add(new Receipt.Refusal(places.get(each.index()), each.problem())));
            all.sort((one, other) -> Integer.compare(one.index(), other.index()));
            return new Receipt(receipt.accepted(), all, receipt.notStored());
        }
    }

    /**
     * Reads a batch: {@code {"organization_id"?, "sent_at"?, "entries" or "logs": […]}}.
     *
     * @param json UTF-8
     * @param check is given each entry and answers the one to be taken in, such as itself; what it refuses by an {@link
     *     IllegalArgumentException} is refused alone, with that message
     * @return what could be read
     * @throws IllegalArgumentException if it is no batch at all; the message says what would be right
     */
    public static Read read(byte[] json, UnaryOperator<LogEntry> check) {
        return read(new ByteArrayInputStream(json), check);
    }

    /**
     * Reads a batch, as {@link #read(byte[], UnaryOperator)} does, as it comes.
     *
     * @param json UTF-8; closed afterwards
     * @param check as above
     * @return what could be read
     * @throws IllegalArgumentException if it is no batch at all, or the stream fails; the message says what would be right
     */
    public static Read read(InputStream json, UnaryOperator<LogEntry> check) {
        LogBatchReader reader = new LogBatchReader(check);
        try {
            PushbackInputStream body = new PushbackInputStream(json, MARK);
            byte[] first = body.readNBytes(MARK);
            if (isWide(first)) {
                throw new IllegalArgumentException("The body must be JSON in UTF-8");
            }
            body.unread(first);
            try (JsonParser parser = JSON.createParser(body)) {
                reader.batch(parser);
            }
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException(
                    "The body is no JSON: " + EntryReader.shown(broken.getOriginalMessage()), broken);
        } catch (IOException notUtf8) {
            throw new IllegalArgumentException("The body must be JSON in UTF-8", notUtf8);
        }
        return new Read(
                new LogBatch(reader.organization, reader.sentAt, reader.entries), reader.places, reader.refused);
    }

    /** Written in units of more than a byte, which the parser would guess. */
    private static boolean isWide(byte[] first) {
        return first.length >= MARK
                && (first[0] == 0 || first[1] == 0 || first[0] == (byte) 0xFE || first[0] == (byte) 0xFF);
    }

    private void batch(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("The body must be an object with entries, such as {\"entries\": […]}");
        }
        Set<String> seen = new HashSet<>();
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            String kind = field.equals("logs") ? "entries" : field;
            if (!seen.add(kind)) {
                throw new IllegalArgumentException(kind + ": is there twice; must be given once, as entries or logs");
            }
            json.nextToken();
            switch (kind) {
                case "organization_id" -> organization = EntryReader.text(json, field);
                case "sent_at" -> sentAt = time(field, EntryReader.text(json, field));
                case "entries" -> entries(json, field);
                default ->
                    throw new IllegalArgumentException(EntryReader.shown(field)
                            + ": is no member here; there are organization_id, sent_at and entries (or logs)");
            }
        }
        if (json.nextToken() != null) {
            throw new IllegalArgumentException("The body must end after its object, but goes on");
        }
        if (!seen.contains("entries")) {
            throw new IllegalArgumentException("entries: is missing; must be an array of at most " + MOST_ENTRIES);
        }
    }

    private void entries(JsonParser json, String field) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw new IllegalArgumentException(field + ": must be an array of at most " + MOST_ENTRIES + " entries");
        }
        int index = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (index == MOST_ENTRIES) {
                throw new IllegalArgumentException(
                        field + ": may have at most " + MOST_ENTRIES + " entries; send more in another batch");
            }
            EntryReader reader = new EntryReader();
            try {
                reader.read(json);
                entries.add(check.apply(reader.entry()));
                places.add(index);
            } catch (IllegalArgumentException bad) {
                refused.add(new Receipt.Refusal(index, String.valueOf(bad.getMessage())));
            }
            index++;
        }
    }

    /** A time of RFC 3339, or null for null. */
    static @Nullable Instant time(String field, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException none) {
            throw new IllegalArgumentException(
                    field + " = " + EntryReader.shown(text)
                            + ": must be a time as RFC 3339 writes it, such as 2027-01-31T18:00:00Z",
                    none);
        }
    }
}
