-- Takes longer than a connection may idle in a transaction.
CREATE TABLE slow AS SELECT pg_sleep(1)::text AS waited;
