-- Of several servers that are started for the first time at once, one makes the installation's key.
CREATE UNIQUE INDEX api_key_of_installation ON api_key (installation) WHERE installation;
