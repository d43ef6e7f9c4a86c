-- From when on a key does not count (null for never), and when it was last seen in use. Servers of an earlier version leave
-- these alone: to them no key expires.
ALTER TABLE api_key ADD COLUMN expires_at text;
ALTER TABLE api_key ADD COLUMN last_used_at text;
