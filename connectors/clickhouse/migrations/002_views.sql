-- A replay into a topic made anew finds the same incidents again: for each of them the latest topic counts, so that
-- nothing is seen twice, while what only an older topic knew stays.
CREATE VIEW IF NOT EXISTS transitions AS
SELECT *
FROM transition_log FINAL
WHERE (incident_id, topic_epoch) IN
(
    SELECT incident_id, max(topic_epoch) FROM transition_log GROUP BY incident_id
);

CREATE VIEW IF NOT EXISTS windows AS
SELECT *
FROM window_log FINAL
WHERE (correlation_key, window_start, window_end, topic_epoch) IN
(
    SELECT correlation_key, window_start, window_end, max(topic_epoch)
    FROM window_log
    GROUP BY correlation_key, window_start, window_end
);

CREATE VIEW IF NOT EXISTS late_events AS
SELECT *
FROM late_event_log FINAL
WHERE (event_source, event_id, topic_epoch) IN
(
    SELECT event_source, event_id, max(topic_epoch) FROM late_event_log GROUP BY event_source, event_id
);

-- The latest state of each incident. A tuple, because argMax of a single column would skip its NULLs.
CREATE VIEW IF NOT EXISTS incidents AS
SELECT
    incident_id,
    last.1 AS correlation_key,
    last.2 AS service,
    last.3 AS component,
    last.4 AS fingerprint,
    last.5 AS status,
    last.6 AS severity,
    last.7 AS summary,
    last_version AS version,
    last.8 AS first_problem_at,
    last.9 AS last_problem_at,
    last.10 AS opened_at,
    last.11 AS acknowledged_at,
    last.12 AS acknowledged_by,
    first_acknowledged_at,
    last.13 AS resolved_at,
    last.14 AS closed_at,
    last.15 AS problem_count,
    last.16 AS reopen_count,
    last.17 AS rule_id,
    last.18 AS rule_version,
    last.19 AS updated_at,
    transition_count,
    if(last.10 IS NULL, NULL, toInt64(date_diff('millisecond', last.8, assumeNotNull(last.10)))) AS time_to_detect_ms,
    if(last.10 IS NULL OR first_acknowledged_at IS NULL, NULL,
        toInt64(date_diff('millisecond', assumeNotNull(last.10), assumeNotNull(first_acknowledged_at)))) AS time_to_acknowledge_ms,
    if(last.10 IS NULL OR last.13 IS NULL, NULL,
        toInt64(date_diff('millisecond', assumeNotNull(last.10), assumeNotNull(last.13)))) AS time_to_resolve_ms,
    last.20 AS state
FROM
(
    SELECT
        incident_id,
        argMax
        (
            (
                correlation_key, service, component, fingerprint, to_status, severity, summary, first_problem_at,
                last_problem_at, opened_at, acknowledged_at, acknowledged_by, resolved_at, closed_at, problem_count,
                reopen_count, rule_id, rule_version, updated_at, state
            ),
            (version, topic_offset)
        ) AS last,
        max(version) AS last_version,
        minOrNullIf(at, type = 'ACKNOWLEDGED') AS first_acknowledged_at,
        count() AS transition_count
    FROM transitions
    GROUP BY incident_id
);
