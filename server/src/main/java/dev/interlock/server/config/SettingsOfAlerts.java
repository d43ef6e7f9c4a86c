package dev.interlock.server.config;

import java.net.URI;
import java.net.URISyntaxException;

/** The settings of alerts; {@link Settings#ALL} lists them among the others. */
public final class SettingsOfAlerts {
    /** Where people reach the dashboard. */
    public static final Setting<String> PUBLIC_URL = new Setting<>(
            "public-url",
            "an http or https address",
            null,
            "none: messages have no links",
            false,
            "Where people reach the dashboard, such as https://interlock.example.com: messages to webhooks link there.",
            SettingsOfAlerts::address);

    private SettingsOfAlerts() {}

    /** An address without a slash at its end. */
    private static String address(String text) {
        try {
            URI address = new URI(text);
            String scheme = String.valueOf(address.getScheme());
            if ((scheme.equals("https") || scheme.equals("http"))
                    && address.getHost() != null
                    && address.getUserInfo() == null
                    && address.getQuery() == null
                    && address.getFragment() == null
                    && text.chars().noneMatch(each -> "|<>".indexOf(each) >= 0)) {
                return text.replaceAll("/+$", "");
            }
        } catch (URISyntaxException none) {
            // reported below
        }
        throw new IllegalArgumentException(
                "an address such as https://interlock.example.com, without user, query and fragment");
    }
}
