-- Whom a key may name as the caller of its calls: a name pattern, null for nobody.
ALTER TABLE api_key ADD COLUMN speaks_for text;
