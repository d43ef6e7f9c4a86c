package dev.interlock.mcp;

import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What calls of tools say, as texts: the same whenever the calls are, whatever releases of the SDK there are. */
final class ToolTexts {
    private static final String HEX = "0123456789abcdef";
    private static final int NIBBLE = 4;

    private ToolTexts() {}

    /** The arguments as JSON, names in order. */
    static String arguments(CallToolRequest request) {
        StringBuilder json = new StringBuilder();
        write(request.arguments() == null ? Map.of() : request.arguments(), json);
        return json.toString();
    }

    /** What came back: texts as they are, other contents as their own. Null if nothing did. */
    static @Nullable String result(@Nullable CallToolResult result) {
        if (result == null) {
            return null;
        }
        String text = result.content() == null
                ? ""
                : result.content().stream()
                        .map(each -> each instanceof TextContent one ? one.text() : String.valueOf(each))
                        .collect(Collectors.joining("\n"));
        if (result.structuredContent() == null || !text.isEmpty()) {
            return text;
        }
        StringBuilder json = new StringBuilder();
        write(result.structuredContent(), json);
        return json.toString();
    }

    private static void write(@Nullable Object value, StringBuilder json) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>();
            map.forEach((name, each) -> sorted.put(String.valueOf(name), each));
            json.append('{');
            sorted.forEach((name, each) -> {
                comma(json);
                quote(name, json);
                json.append(':');
                write(each, json);
            });
            json.append('}');
        } else if (value instanceof List<?> list) {
            json.append('[');
            list.forEach(each -> {
                comma(json);
                write(each, json);
            });
            json.append(']');
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            quote(value.toString(), json);
        }
    }

    private static void comma(StringBuilder json) {
        char last = json.charAt(json.length() - 1);
        if (last != '{' && last != '[') {
            json.append(',');
        }
    }

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '"' || each == '\\') {
                json.append('\\').append(each);
            } else if (each < ' ') {
                json.append("\\u00").append(HEX.charAt(each >> NIBBLE)).append(HEX.charAt(each % HEX.length()));
            } else {
                json.append(each);
            }
        }
        json.append('"');
    }
}
