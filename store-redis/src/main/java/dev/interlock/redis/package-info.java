/**
 * Circuits that many machines share, over Redis or Valkey; start from {@link
 * dev.interlock.redis.RedisCircuitStore#open(RedisSettings)}.
 */
@NullMarked
package dev.interlock.redis;

import org.jspecify.annotations.NullMarked;
