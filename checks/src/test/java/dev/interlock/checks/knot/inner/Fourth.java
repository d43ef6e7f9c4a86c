package dev.interlock.checks.knot.inner;

import dev.interlock.checks.knot.Entry;

public class Fourth {
    static Object first() {
        return Entry.first();
    }
}
