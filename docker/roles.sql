-- Roles and databases of a new server; PostgreSQL's image runs it once, on an empty data folder.
-- edu_owner changes the schema, edu_app changes rows, edu_reader reads columns that are neither personal nor sensitive
-- (migrations grant that). The same roles and rights as on the embedded server. Passwords come from the environment.
\set ON_ERROR_STOP on
\getenv owner_password EDU_OWNER_PASSWORD
\getenv app_password EDU_APP_PASSWORD
\getenv reader_password EDU_READER_PASSWORD
\getenv dagster_password DAGSTER_PG_PASSWORD

CREATE ROLE edu_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE edu_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE ROLE edu_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'reader_password';
CREATE ROLE dagster LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'dagster_password';

CREATE DATABASE edu OWNER edu_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE edu FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE edu TO edu_owner, edu_app, edu_reader;

CREATE DATABASE dagster OWNER dagster TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE dagster FROM PUBLIC;

\connect edu
REVOKE ALL ON SCHEMA public FROM PUBLIC;
