package dev.interlock.jdbc;

/**
 * The settings of an organization's circuits whose names match a pattern, as they are stored.
 *
 * @param organization whose circuits
 * @param pattern a name, or a pattern in which {@code *} stands for any characters
 * @param settings the settings, as JSON
 * @param version how often they were put, from 1
 */
public record StoredPolicy(String organization, String pattern, String settings, long version) {}
