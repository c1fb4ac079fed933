#!/bin/sh
# Run by the postgres image once, when it makes its data folder. The services' databases are made by the `setup` service;
# the registry needs its own before that, since `setup` registers the schemas.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set password="$REGISTRY_DB_PASSWORD" <<'SQL'
create role registry login password :'password';
create database registry owner registry;
revoke connect on database registry from public;
SQL
