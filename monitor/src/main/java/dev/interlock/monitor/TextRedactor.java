package dev.interlock.monitor;

/**
 * Takes out of one text what must not leave.
 *
 * <p>Goes through the text once, from left to right. A character that may start a secret, or be part of one, asks the
 * finders; each looks a bounded way around itself, or takes out what it has looked at. So the time is linear in the
 * length, whatever the text is, and no regular expression is involved.
 */
final class TextRedactor {
    private TextRedactor() {}

    /** The text itself if there is nothing to take out. */
    static String redact(String text) {
        StringBuilder clean = null;
        Finding finding = new Finding(0);
        int length = text.length();
        int index = 0;
        while (index < length) {
            if (!find(text, index, finding)) {
                index++;
                continue;
            }
            if (clean == null) {
                clean = new StringBuilder(length + 32);
            }
            clean.append(text, finding.floor(), finding.start()).append(finding.replacement());
            index = finding.end();
            finding = new Finding(index);
        }
        return clean == null
                ? text
                : clean.append(text, finding.floor(), length).toString();
    }

    private static boolean find(String text, int index, Finding finding) {
        char character = text.charAt(index);
        if (Letters.isLower(character) || Letters.isUpper(character)) {
            return !Letters.isAlphanumeric(Letters.at(text, index - 1)) && word(text, index, character, finding);
        }
        return switch (character) {
            case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
                PersonalNumbers.find(text, index, finding)
                        || !Letters.isAlphanumeric(Letters.at(text, index - 1)) && number(text, index, finding)
                        || Tokens.awsSecret(text, index, finding);
            case '[' -> PersonalData.spelledMail(text, index, finding);
            case '(' ->
                PersonalData.spelledMail(text, index, finding)
                        || Letters.isDigit(Letters.at(text, index + 1)) && PersonalNumbers.find(text, index, finding);
            case '+' -> PersonalNumbers.find(text, index, finding) || Tokens.awsSecret(text, index, finding);
            case '@' -> PersonalData.mail(text, index, finding);
            case '%' -> PersonalData.mail(text, index, finding) || NamedSecrets.encoded(text, index, finding);
            case ':' ->
                PersonalData.urlUser(text, index, finding)
                        || SecretShapes.telegram(text, index, finding)
                        || NamedSecrets.find(text, index, finding);
            case '=', '>', '\uff1a', '\uff1d' -> NamedSecrets.find(text, index, finding);
            case '-' ->
                Tokens.privateKey(text, index, finding)
                        || NamedSecrets.option(text, index, finding)
                        || CommandLines.find(text, index, finding);
            case '/' -> PersonalData.home(text, index, finding) || Tokens.awsSecret(text, index, finding);
            case '\\' -> PersonalData.home(text, index, finding);
            default -> false;
        };
    }

    private static boolean word(String text, int index, char first, Finding finding) {
        return VendorKeys.find(text, index, finding)
                || first == 'e' && Tokens.jwt(text, index, finding)
                || (first == 'B' || first == 'b') && Tokens.scheme(text, index, finding)
                || SecretShapes.find(text, index, finding)
                || Tokens.awsSecret(text, index, finding);
    }

    private static boolean number(String text, int index, Finding finding) {
        return VendorKeys.find(text, index, finding) || SecretShapes.find(text, index, finding);
    }
}
