package dev.interlock.checks.knot;

public class Entry {
    public static Object first() {
        return new First();
    }
}
