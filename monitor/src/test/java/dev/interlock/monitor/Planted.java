package dev.interlock.monitor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/**
 * Secrets and personal data that nobody owns, drawn at random: none is in the source, where scanners would find it.
 *
 * @param kind what it is
 * @param text as it is in a text
 * @param secret the part that must not be left
 */
record Planted(String kind, String text, String secret) {
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final String BASE62 = LETTERS + "0123456789";
    private static final String HEXADECIMAL = "0123456789abcdef";

    /** One of each kind. */
    static List<Planted> all(Random random) {
        List<Planted> all = new ArrayList<>();
        all.addAll(keys(random));
        all.addAll(tokens(random));
        all.addAll(named(random));
        all.addAll(personal(random));
        return all;
    }

    static List<Planted> keys(Random random) {
        List<Planted> keys = new ArrayList<>();
        for (String prefix : new String[] {
            "sk-", "sk-proj-", "sk-ant-api03-", "sk-or-v1-", "sk-lf-", "gsk_", "xai-", "pplx-", "hf_", "r8_", "nvapi-",
            "tvly-", "lsv2_pt_", "pcsk_", "il_", "AIza", "ya29.", "GOCSPX-", "ghp_", "gho_", "ghs_", "github_pat_",
            "glpat-", "npm_", "pypi-", "dckr_pat_", "figd_", "xoxb-", "xoxp-", "xapp-1-", "SG.", "sk_live_", "rk_test_",
            "pk_live_", "whsec_", "shpat_", "dop_v1_", "hvs.", "glsa_", "sntrys_", "NRAK-", "AGE-SECRET-KEY-1"
        }) {
            keys.add(bare("key " + prefix, prefix + drawn(random, BASE62, 36)));
        }
        keys.add(bare("OpenRouter key", "sk-or-v1-" + drawn(random, HEXADECIMAL, 64)));
        keys.add(bare("Databricks token", "dapi" + drawn(random, HEXADECIMAL, 31) + "7"));
        keys.add(bare("Twilio key", "SK" + drawn(random, HEXADECIMAL, 32)));
        keys.add(bare("AWS id", "AKIA" + drawn(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)));
        keys.add(bare("AWS secret", "wJ9r" + drawn(random, BASE62, 17) + "/" + drawn(random, BASE62, 14) + "bX3q"));
        return keys;
    }

    static List<Planted> tokens(Random random) {
        List<Planted> tokens = new ArrayList<>();
        String jwt = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + "."
                + base64("{\"sub\":\"" + drawn(random, BASE62, 12) + "\"}") + "." + drawn(random, BASE62, 43);
        tokens.add(bare("JWT", jwt));
        String opaque = drawn(random, BASE62, 30) + "7";
        tokens.add(new Planted("bearer token", "Bearer " + opaque, opaque));
        tokens.add(new Planted("header", "Authorization: Bearer " + opaque, opaque));
        tokens.add(new Planted("lower header", "authorization: bearer " + opaque, opaque));
        String pair = base64("agent:" + drawn(random, BASE62, 14));
        tokens.add(new Planted("basic credentials", "Basic " + pair, pair));
        tokens.add(new Planted("cookie", "Cookie: theme=dark; sid=" + opaque, opaque));
        String password = drawn(random, BASE62, 10) + "!7";
        tokens.add(new Planted("URL", "postgres://agent:" + password + "@db.internal:5432/fleet", password));
        tokens.add(new Planted("URL, at sign", "https://agent:p@" + password + "@host.internal/x", password));
        tokens.add(new Planted("URL, slash", "amqp://agent:" + password + "/9x@queue.internal/v", password));
        tokens.add(new Planted("URL, user alone", "https://" + opaque + "@git.internal/team/project", opaque));
        String body = drawn(random, BASE62, 64) + "\n" + drawn(random, BASE62, 64);
        for (String name : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY"}) {
            String block = "-----BEGIN " + name + "-----\n" + body + "\n-----END " + name + "-----";
            tokens.add(new Planted(name, block, body.substring(0, 40)));
            tokens.add(new Planted(name + ", escaped", block.replace("\n", "\\n"), body.substring(0, 40)));
            tokens.add(new Planted(name + ", unfinished", block.substring(0, 140), body.substring(0, 40)));
        }
        return tokens;
    }

    static List<Planted> named(Random random) {
        List<Planted> named = new ArrayList<>();
        String secret = drawn(random, LETTERS, 9).toLowerCase(java.util.Locale.ROOT) + "q";
        for (String form : new String[] {
            "password=%s",
            "password: %s",
            "DB_PASSWORD = %s",
            "--password %s",
            "--api-key=%s",
            "api_key=%s",
            "\"password\":\"%s\"",
            "\"apiKey\": \"%s\"",
            "'secret': '%s'",
            "{\\\"client_secret\\\":\\\"%s\\\"}",
            "X-Api-Key: %s",
            "?access_token=%s&page=2",
            "AccountKey=%s;EndpointSuffix=core.windows.net",
            "aws_secret_access_key = %s",
            "AWS_SESSION_TOKEN=%s",
            "<password>%s</password>",
            ":password=>\"%s\"",
            "refreshToken=%s",
            "API key: %s",
            "pwd=%s",
            "passphrase: \"%s\"",
            "SECRET_KEY_BASE=%s",
            "password2=%s",
            "\"credentials\": {\"user\": \"bob\", \"value\": \"%s\"}",
            "token=Bearer %s",
            "OPENAI_API_KEY=%s",
            "Set-Cookie: session=%s; Path=/",
            "spring.datasource.password=%s",
            "password=\"two words %s\"",
            "curl -H \"Authorization: Token %s\" https://api.internal/",
            "\"password\":\"a\\\"b%s\""
        }) {
            named.add(new Planted(form, String.format(form, secret), secret));
        }
        return named;
    }

    static List<Planted> personal(Random random) {
        List<Planted> personal = new ArrayList<>();
        String name = drawn(random, LETTERS, 7);
        personal.add(bare("mail", name + "@example.com"));
        personal.add(bare("mail with dots", name + ".o'neil+agent@mail.example.co.uk"));
        personal.add(bare("mail of other scripts", "jörg." + name + "@bücher.example"));
        personal.add(bare("mail, escaped", name + "%40example.com"));
        personal.add(new Planted("mailto", "mailto:" + name + "@example.org?subject=x", name));
        String four = digits(random, 4);
        for (String form : new String[] {
            "+1 415 555 %s",
            "+1-415-555-%s",
            "+14155 55%s",
            "(415) 555-%s",
            "415-555-%s",
            "415.555.%s",
            "1-415-555-%s",
            "+1 (415) 555-%s",
            "+49 30 123%s",
            "+49 (0)30 12 34 %s",
            "+442079 46%s",
            "020 7946 %s",
            "0151-2345%s",
            "(030) 1234%s",
            "415 555 %s",
            "01 23 45 67 42"
        }) {
            String number = String.format(form, four);
            personal.add(new Planted("phone " + form, number, number));
        }
        personal.add(new Planted("phone by name", "phone: 415555" + four, "415555" + four));
        for (String[] card : new String[][] {
            {"4", "16"},
            {"51", "16"},
            {"2221", "16"},
            {"34", "15"},
            {"36", "14"},
            {"6011", "16"},
            {"3530", "16"},
            {"62", "16"}
        }) {
            String number = card(random, card[0], Integer.parseInt(card[1]));
            personal.add(bare("card " + card[0], number));
            personal.add(bare("card, blanks", number.replaceAll("(.{4})(?=.)", "$1 ")));
            personal.add(bare("card, hyphens", number.replaceAll("(.{4})(?=.)", "$1-")));
        }
        personal.add(bare("card of fifteen, grouped", card(random, "37", 15).replaceFirst("(.{4})(.{6})", "$1 $2 ")));
        String social = "1" + digits(random, 2) + "-" + "4" + digits(random, 1) + "-" + "1" + digits(random, 3);
        personal.add(bare("social security number", social));
        personal.add(bare("social security number, blanks", social.replace('-', ' ')));
        personal.add(new Planted("by name", "SSN: " + social.replace("-", ""), social.replace("-", "")));
        for (String form : new String[] {
            "/home/%s/agents/run.py", "/Users/%s/agents/run.py", "file:///home/%s/x", "C:\\Users\\%s\\agents",
            "C:\\\\Users\\\\%s\\\\agents", "c:/Users/%s/agents", "C:\\Users\\%s Smith\\agents", "/mnt/c/Users/%s/x",
            "at run (/home/%s/app.js:10:5)", "File \"/home/%s/app.py\", line 3", "/var/home/%s"
        }) {
            personal.add(new Planted(form, String.format(form, name), name));
        }
        return personal;
    }

    static String card(Random random, String start, int length) {
        String body = start + digits(random, length - start.length() - 1);
        for (char check = '0'; check <= '9'; check++) {
            if (PersonalNumbers.isCard(body + check)) {
                return body + check;
            }
        }
        throw new AssertionError("No check digit for " + body);
    }

    static String drawn(Random random, String from, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(from.charAt(random.nextInt(from.length())));
        }
        return text.toString();
    }

    private static String digits(Random random, int length) {
        return drawn(random, "123456789", length);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Planted bare(String kind, String secret) {
        return new Planted(kind, secret, secret);
    }

    @Override
    public String toString() {
        return kind;
    }
}
