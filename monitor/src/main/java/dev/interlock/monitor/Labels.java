package dev.interlock.monitor;

/** Labels in the place of removed texts; no label is ever found as a secret again. */
final class Labels {
    static final String ACCOUNT = "[redacted:account]";
    static final String API_KEY = "[redacted:api_key]";
    static final String AWS_KEY = "[redacted:aws_key]";
    static final String CARD = "[redacted:card]";
    static final String HOME = "~";
    static final String JWT = "[redacted:jwt]";
    static final String MAIL = "[redacted:mail]";
    static final String PHONE = "[redacted:phone]";
    static final String PRIVATE_KEY = "[redacted:private_key]";
    static final String SECRET = "[redacted:secret]";
    static final String SOCIAL_SECURITY = "[redacted:ssn]";
    static final String TOKEN = "[redacted:token]";
    static final String START = "[redacted:";

    private Labels() {}
}
