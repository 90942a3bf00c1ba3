-- One row per record of a topic. A record is named by its topic, the time that topic was made (which tells it from a
-- namesake made later), its partition and its offset: none of them ever changes, so a batch that is sent again
-- replaces itself. The year of the event follows from the record, so it never changes either.
-- Small parts keep all columns in one file: a batch that makes a hundred files spends its time making files.
CREATE TABLE IF NOT EXISTS transition_log
(
    topic LowCardinality(String),
    topic_epoch DateTime64(3, 'UTC'),
    topic_partition UInt32,
    topic_offset UInt64,
    incident_id String,
    correlation_key String,
    version UInt32,
    type LowCardinality(String),
    from_status LowCardinality(Nullable(String)),
    to_status LowCardinality(String),
    at DateTime64(3, 'UTC'),
    reason String,
    rule_id LowCardinality(String),
    rule_version UInt32,
    actor LowCardinality(String),
    comment Nullable(String),
    cause_topic LowCardinality(String),
    cause_partition UInt32,
    cause_offset UInt64,
    cause_event_source LowCardinality(Nullable(String)),
    cause_event_id Nullable(String),
    service LowCardinality(String),
    component LowCardinality(String),
    fingerprint Nullable(String),
    severity LowCardinality(String),
    summary String,
    first_problem_at DateTime64(3, 'UTC'),
    last_problem_at DateTime64(3, 'UTC'),
    opened_at Nullable(DateTime64(3, 'UTC')),
    acknowledged_at Nullable(DateTime64(3, 'UTC')),
    acknowledged_by LowCardinality(Nullable(String)),
    recovered_at Nullable(DateTime64(3, 'UTC')),
    resolved_at Nullable(DateTime64(3, 'UTC')),
    closed_at Nullable(DateTime64(3, 'UTC')),
    problem_count UInt64,
    reopen_count UInt32,
    updated_at DateTime64(3, 'UTC'),
    state String COMMENT 'The whole incident after the transition, as JSON; times in milliseconds since the epoch',
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(at)
ORDER BY (topic, topic_epoch, topic_partition, topic_offset)
SETTINGS min_bytes_for_wide_part = 268435456;

CREATE TABLE IF NOT EXISTS window_log
(
    topic LowCardinality(String),
    topic_epoch DateTime64(3, 'UTC'),
    topic_partition UInt32,
    topic_offset UInt64,
    correlation_key String,
    service LowCardinality(String),
    component LowCardinality(String),
    window_start DateTime64(3, 'UTC'),
    window_end DateTime64(3, 'UTC'),
    count UInt64,
    problems UInt64,
    samples UInt64,
    recoveries UInt64,
    value_sum Float64,
    value_min Nullable(Float64),
    value_max Nullable(Float64),
    highest_severity LowCardinality(Nullable(String)),
    first_event_time DateTime64(3, 'UTC'),
    last_event_time DateTime64(3, 'UTC'),
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(window_start)
ORDER BY (topic, topic_epoch, topic_partition, topic_offset)
SETTINGS min_bytes_for_wide_part = 268435456;

CREATE TABLE IF NOT EXISTS late_event_log
(
    topic LowCardinality(String),
    topic_epoch DateTime64(3, 'UTC'),
    topic_partition UInt32,
    topic_offset UInt64,
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
