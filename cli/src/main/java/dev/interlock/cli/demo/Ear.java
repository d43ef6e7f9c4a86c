package dev.interlock.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hears the server's stream, message by message, on a thread of the HTTP client. */
final class Ear implements WebSocket.Listener {
    private final Consumer<JsonNode> messages;
    private final StringBuilder text = new StringBuilder();

    Ear(Consumer<JsonNode> messages) {
        this.messages = messages;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            try {
                messages.accept(Api.JSON.readTree(text.toString()));
            } catch (JsonProcessingException noJson) {
                throw new IllegalStateException("The stream sent what is no message", noJson);
            } finally {
                text.setLength(0);
            }
        }
        from.request(1);
        return null;
    }
}
