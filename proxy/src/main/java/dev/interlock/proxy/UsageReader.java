package dev.interlock.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.interlock.monitor.budgets.Usage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Finds what an answer says of tokens while its bytes pass by: the objects {@code usage} of OpenAI and Anthropic, whole or in
 * the events of a stream. Keeps nothing else. Of several such objects the largest numbers count: a stream repeats them as they
 * grow. For one thread.
 */
final class UsageReader {
    private static final byte[] KEY = Bodies.bytes("\"usage\"");
    private static final Needle NEEDLE = new Needle("\"usage\"");
    private static final int LONGEST = 4_096;
    private static final int DETAILS = 2;
    private static final JsonFactory JSON = new JsonFactory();

    private final ByteArrayOutputStream object = new ByteArrayOutputStream(256);
    private int matched;
    private int depth;
    private long input;
    private long output;
    private long cached;
    private long written;
    private boolean cachedIsWithin;

    /** Takes in the next bytes of the body. */
    void piece(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (depth == 0 && matched == 0) {
                i = skip(bytes, i);
            }
            byte next = bytes[i];
            if (depth > 0) {
                within(next);
            } else if (matched == KEY.length) {
                behindKey(next);
            } else {
                matched = next == KEY[matched] ? matched + 1 : next == KEY[0] ? 1 : 0;
            }
        }
    }

    /** Where the key may begin: whole, or cut off by the end of the piece. */
    private static int skip(byte[] bytes, int from) {
        int found = NEEDLE.indexIn(bytes, from, bytes.length);
        return found >= 0 ? found : Math.max(from, bytes.length - KEY.length + 1);
    }

    /** What it has said so far. */
    Usage usage() {
        if (input == 0 && output == 0 && cached == 0 && written == 0) {
            return Usage.UNKNOWN;
        }
        long in = cachedIsWithin ? input : input + cached + written;
        return new Usage(bounded(in), bounded(output), bounded(cached), null);
    }

    private void behindKey(byte next) {
        if (next == '{') {
            depth = 1;
            object.reset();
            object.write(next);
        } else if (next != ':' && next != ' ' && next != '\n' && next != '\r' && next != '\t') {
            matched = next == KEY[0] ? 1 : 0;
        }
    }

    private void within(byte next) {
        object.write(next);
        depth += next == '{' ? 1 : next == '}' ? -1 : 0;
        if (depth == 0) {
            read(object.toByteArray());
            matched = 0;
        } else if (object.size() > LONGEST) {
            depth = 0;
            matched = 0;
        }
    }

    /** OpenAI's cached tokens are among its input, and lie in its details; Anthropic's are not among it. */
    private void read(byte[] json) {
        int level = 0;
        try (JsonParser parser = JSON.createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_OBJECT) {
                    level++;
                } else if (token == JsonToken.END_OBJECT) {
                    level--;
                } else if (token == JsonToken.VALUE_NUMBER_INT) {
                    number(parser.currentName(), level, parser.getValueAsLong());
                }
            }
        } catch (IOException noJson) {
            // what was read before it is as good as any
        }
    }

    private void number(String name, int level, long value) {
        if (level == DETAILS) {
            if (name.equals("cached_tokens")) {
                cached = Math.max(cached, value);
                cachedIsWithin = true;
            }
            return;
        }
        switch (name) {
            case "prompt_tokens", "input_tokens" -> input = Math.max(input, value);
            case "completion_tokens", "output_tokens" -> output = Math.max(output, value);
            case "cache_read_input_tokens" -> cached = Math.max(cached, value);
            case "cache_creation_input_tokens" -> written = Math.max(written, value);
            default -> {
                // another figure
            }
        }
    }

    private static long bounded(long tokens) {
        return Math.max(0, Math.min(tokens, Usage.MOST_TOKENS));
    }
}
