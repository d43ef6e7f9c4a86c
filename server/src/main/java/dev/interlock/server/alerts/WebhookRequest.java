package dev.interlock.server.alerts;

import dev.interlock.InvalidSettingsException;
import dev.interlock.NamePattern;
import dev.interlock.PrintableText;
import dev.interlock.jdbc.Webhook;
import dev.interlock.server.outbound.OutboundHosts;
import dev.interlock.server.outbound.Target;
import dev.interlock.server.text.Texts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a webhook as somebody wrote it; reports everything that is wrong at once, and repeats no secret. */
final class WebhookRequest {
    private static final String ALL_OF_CIRCUITS = "transitions";
    private static final Set<String> OF_CIRCUITS =
            Set.of(Webhook.OPENED, Webhook.CLOSED, Webhook.HELD, Webhook.RELEASED);
    private static final Pattern PAGERDUTY_KEY = Pattern.compile("[A-Za-z0-9]{20,64}");
    private static final int LONGEST_NAME = 100;

    private final OutboundHosts hosts;

    WebhookRequest(OutboundHosts hosts) {
        this.hosts = hosts;
    }

    /**
     * The webhook that a body describes.
     *
     * @param body what the contract found valid
     * @param before the webhook whose address and secret stay where the body has none; null for a new one
     * @throws InvalidSettingsException with all that is wrong
     */
    Webhook read(String organization, String id, JsonObject body, @Nullable Webhook before, Instant now) {
        List<String> wrong = new ArrayList<>();
        String name = body.getString("name");
        if (name.isBlank() || name.length() > LONGEST_NAME || PrintableText.unprintableAt(name) >= 0) {
            wrong.add("name: must have 1 to " + LONGEST_NAME + " printable characters");
        }
        MessageFormat format = MessageFormat.of(body.getString("format", "json"));
        String url = body.getString("url") != null ? body.getString("url") : before == null ? null : before.url();
        checkUrl(url, format, wrong);
        String secret = secret(body.getString("secret"), format, before, wrong);
        String pattern = body.getString("pattern", "*");
        checkPattern(pattern, wrong);
        Set<String> on = on(body.getJsonArray("on"), wrong);
        if (!wrong.isEmpty()) {
            throw new InvalidSettingsException(wrong);
        }
        return new Webhook(
                organization,
                id,
                name,
                String.valueOf(url),
                secret,
                on,
                pattern,
                format.text(),
                body.getBoolean("enabled", true),
                before == null ? now : before.createdAt());
    }

    /** Why nothing can be sent to a webhook by this server; null if it can. */
    @Nullable
    String problem(Webhook webhook) {
        List<String> wrong = new ArrayList<>();
        checkUrl(webhook.url(), MessageFormat.of(webhook.format()), wrong);
        return wrong.isEmpty() ? null : wrong.get(0);
    }

    private void checkUrl(@Nullable String url, MessageFormat format, List<String> wrong) {
        if (url == null) {
            wrong.add("url: is missing; where messages go, such as https://alerts.example.com/hook");
            return;
        }
        try {
            Target target = Target.of(url);
            if (!hosts.admits(target)) {
                String what = hosts.admitsAnyPortOf(target) ? "port " + target.port() + " of the host " : "the host ";
                wrong.add("url: " + what + Texts.shown(target.host())
                        + " is not on outbound-hosts, the list of hosts in the server's file that may be asked");
            }
            if (format != MessageFormat.JSON && !target.tls() && !target.isThisMachine()) {
                wrong.add("url: must be https for the format " + format.text()
                        + ", since the address or the body holds a secret");
            }
        } catch (IllegalArgumentException none) {
            wrong.add("url: must be " + none.getMessage());
        }
    }

    /** JSON is always signed, PagerDuty needs the key of an integration, and for the others the address is the secret. */
    private static @Nullable String secret(
            @Nullable String written, MessageFormat format, @Nullable Webhook before, List<String> wrong) {
        String secret = written;
        if (secret == null && before != null && MessageFormat.of(before.format()) == format) {
            secret = before.secret();
        }
        switch (format) {
            case JSON -> {
                if (secret != null && !Signature.isSecret(secret)) {
                    wrong.add("secret: must be whsec_ and 24 to 64 bytes in base64; without it the server makes one");
                }
                return secret == null ? Signature.newSecret() : secret;
            }
            case PAGERDUTY -> {
                if (secret == null || !PAGERDUTY_KEY.matcher(secret).matches()) {
                    wrong.add("secret: must be the integration key of a PagerDuty service (Events API v2)");
                }
                return secret;
            }
            default -> {
                if (written != null) {
                    wrong.add("secret: there is none for the format " + format.text() + "; its address is the secret");
                }
                return null;
            }
        }
    }

    private static void checkPattern(String pattern, List<String> wrong) {
        try {
            new NamePattern(pattern);
        } catch (IllegalArgumentException none) {
            wrong.add("pattern: must be a name pattern of 1 to 256 characters, in which * stands for any");
        }
        if (PrintableText.unprintableAt(pattern) >= 0) {
            wrong.add("pattern: must have printable characters alone");
        }
    }

    private static Set<String> on(@Nullable JsonArray written, List<String> wrong) {
        Set<String> on = new TreeSet<>();
        if (written == null) {
            on.add(Webhook.INCIDENTS);
        } else {
            written.forEach(each -> on.add(String.valueOf(each)));
        }
        if (on.remove(ALL_OF_CIRCUITS)) {
            on.addAll(OF_CIRCUITS);
        }
        if (on.isEmpty()) {
            wrong.add("on: must name what is reported, such as [\"incidents\"]");
        }
        return on;
    }
}
