/** JMH benchmarks of Interlock beside its peers. */
@NullMarked
package dev.interlock.benchmarks;

import org.jspecify.annotations.NullMarked;
