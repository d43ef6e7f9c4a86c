package dev.interlock.checks.knot;

class Second {
    /** A nested class counts with its outer one. */
    static class Nested {
        Third third() {
            return null;
        }
    }
}
