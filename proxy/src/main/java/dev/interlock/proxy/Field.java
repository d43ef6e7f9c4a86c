package dev.interlock.proxy;

import java.util.Arrays;

/** A field with a certain value, looked for in the bytes of JSON, whatever blanks are between them. Immutable. */
final class Field {
    private final Needle name;
    private final byte[] value;

    /**
     * A field.
     *
     * @param name of ASCII
     * @param value its JSON, of ASCII and without blanks
     */
    Field(String name, String value) {
        this.name = new Needle('"' + name + "\":");
        this.value = Bodies.bytes(value);
    }

    boolean isIn(byte[] json) {
        for (int at = name.indexIn(json, 0, json.length); at >= 0; at = name.indexIn(json, at + 1, json.length)) {
            int begin = at + name.length();
            while (begin < json.length && json[begin] <= ' ' && json[begin] >= 0) {
                begin++;
            }
            int end = begin + value.length;
            if (end <= json.length && Arrays.equals(json, begin, end, value, 0, value.length)) {
                return true;
            }
        }
        return false;
    }
}
