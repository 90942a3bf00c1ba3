-- Every event that came and could be read, with what became of it. The position in the inbox is known of all but those
-- that the table of late events had.
CREATE TABLE IF NOT EXISTS event_log
(
    topic LowCardinality(String),
    topic_epoch DateTime64(3, 'UTC'),
    topic_partition UInt32,
    topic_offset UInt64,
    outcome LowCardinality(String) COMMENT 'applied, duplicate, late or rejected',
    reason Nullable(String) COMMENT 'Why it did not take effect; NULL where it did',
    received_at Nullable(DateTime64(3, 'UTC')),
    inbox_partition Nullable(UInt32),
    inbox_offset Nullable(UInt64),
    event_source LowCardinality(String),
    event_id String,
    type LowCardinality(String),
    time DateTime64(3, 'UTC'),
    service LowCardinality(String),
    component LowCardinality(String),
    fingerprint Nullable(String),
    kind LowCardinality(String),
    severity LowCardinality(String),
    summary String,
    value Nullable(Float64),
    attributes Map(String, String),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(time)
ORDER BY (topic, topic_epoch, topic_partition, topic_offset)
SETTINGS min_bytes_for_wide_part = 268435456;

-- What could not be read, was rejected or was given up, as it came: from one topic for all of them.
CREATE TABLE IF NOT EXISTS dead_letter_log
(
    topic LowCardinality(String),
    topic_epoch DateTime64(3, 'UTC'),
    topic_partition UInt32,
    topic_offset UInt64,
    source_topic LowCardinality(Nullable(String)),
    source_partition Nullable(UInt32),
    source_offset Nullable(UInt64),
    code LowCardinality(Nullable(String)),
    message Nullable(String),
    at DateTime64(3, 'UTC') COMMENT 'The time of the record that is dead: when it came',
    key Nullable(String) COMMENT 'Bytes, as they came',
    value Nullable(String) COMMENT 'Bytes, as they came',
    headers Map(String, String) COMMENT 'All of them; of several with one name the last',
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(at)
ORDER BY (topic, topic_epoch, topic_partition, topic_offset)
SETTINGS min_bytes_for_wide_part = 268435456;

-- Late events had a table of their own. Copied twice, they are there once.
INSERT INTO event_log
(
    topic, topic_epoch, topic_partition, topic_offset, outcome, event_source, event_id, type, time, service, component,
    fingerprint, kind, severity, summary, value, attributes, inserted_at
)
SELECT
    topic, topic_epoch, topic_partition, topic_offset, 'late', event_source, event_id, type, time, service, component,
    fingerprint, kind, severity, summary, value, attributes, inserted_at
FROM late_event_log FINAL
SETTINGS max_partitions_per_insert_block = 0;

-- As in 002, of each event the latest topic counts. All rows of the first topic pass unless a later one knows their
-- event: where there is only one, as usual, no event has to be remembered.
CREATE VIEW IF NOT EXISTS events AS
WITH (SELECT min(topic_epoch) FROM event_log) AS first_epoch
SELECT *
FROM event_log FINAL
WHERE if
(
    topic_epoch > first_epoch,
    (event_source, event_id, topic_epoch) IN
    (
        SELECT event_source, event_id, max(topic_epoch)
        FROM event_log
        WHERE topic_epoch > first_epoch
        GROUP BY event_source, event_id
    ),
    (event_source, event_id) NOT IN
    (
        SELECT event_source, event_id FROM event_log WHERE topic_epoch > first_epoch
    )
);

CREATE OR REPLACE VIEW late_events AS
SELECT * EXCEPT (outcome, reason, received_at, inbox_partition, inbox_offset)
FROM events
WHERE outcome = 'late';

-- What does not say where it comes from is compared with nothing.
CREATE VIEW IF NOT EXISTS dead_letters AS
SELECT *
FROM dead_letter_log FINAL
WHERE source_topic IS NULL OR source_partition IS NULL OR source_offset IS NULL
    OR (source_topic, source_partition, source_offset, topic_epoch) IN
(
    SELECT source_topic, source_partition, source_offset, max(topic_epoch)
    FROM dead_letter_log
    GROUP BY source_topic, source_partition, source_offset
);
