package dev.interlock.checks.knot;

/** With {@link Second}, {@link Third} and {@link Fourth} a circle for {@code CirclesTest}. */
class First {
    Second second;
}
