/** JMH benchmarks of Interlock compared with its peers. */
@NullMarked
package dev.interlock.benchmarks;

import org.jspecify.annotations.NullMarked;
