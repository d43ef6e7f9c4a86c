package dev.interlock.checks.knot;

import dev.interlock.checks.knot.inner.Fourth;

class Third {
    Fourth[] fourths;
}
