-- Once, by somebody who may: psql -d orders -f schema.sql

CREATE TABLE IF NOT EXISTS orders (
  order_id text PRIMARY KEY,
  customer text NOT NULL,
  total numeric NOT NULL
);

-- Where the pipeline stands in each partition: kafka-offset-ranges/postgres tells what is what.
CREATE TABLE IF NOT EXISTS "kafka_offset_ranges" (
  pipeline text COLLATE "C" NOT NULL,
  topic_id uuid NOT NULL,
  partition integer NOT NULL,
  -- Of the reprocess request, with when its range was planned; empty for the live chain.
  request_id text COLLATE "C" NOT NULL DEFAULT '',
  -- Where the range begins that the row is of; -1 where it is of the whole chain.
  range_from bigint NOT NULL,
  topic text NOT NULL,
  -- The outputs of [from_offset, until_offset) are in this database; NULL before the first commit.
  from_offset bigint,
  until_offset bigint,
  progress text NOT NULL DEFAULT '',
  -- The attempt that opened it last: it alone may move it.
  opened_by uuid,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (pipeline, topic_id, partition, request_id, range_from)
) WITH (fillfactor = 50);

-- For a user of its own:
-- GRANT SELECT, INSERT, UPDATE ON orders, kafka_offset_ranges TO orders_pipeline;
-- ALTER ROLE orders_pipeline SET idle_in_transaction_session_timeout = '60s';
-- ALTER ROLE orders_pipeline SET statement_timeout = '60s';
-- ALTER ROLE orders_pipeline SET client_connection_check_interval = '5s';
-- GRANT rds_iam TO orders_pipeline;
