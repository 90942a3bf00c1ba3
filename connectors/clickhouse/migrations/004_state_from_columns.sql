-- The JSON of an incident's state repeats what the other columns hold. From now on a row stores it only where they do not
-- hold all of it; else `state` is empty and the views make it from them. Rows that were written before keep theirs.
-- It is put together by hand: what ClickHouse makes of a tuple's numbers depends on the reader's settings.
CREATE OR REPLACE VIEW transitions AS
SELECT * REPLACE
(
    if(state != '', state, concat
    (
        '{"incidentId":', toJSONString(incident_id),
        ',"correlationKey":', toJSONString(correlation_key),
        ',"service":', toJSONString(service),
        ',"component":', toJSONString(component),
        ',"fingerprint":', ifNull(toJSONString(fingerprint), 'null'),
        ',"status":', toJSONString(to_status),
        ',"severity":', toJSONString(severity),
        ',"summary":', toJSONString(summary),
        ',"version":', toString(version),
        ',"firstProblemAt":', toString(toUnixTimestamp64Milli(first_problem_at)),
        ',"lastProblemAt":', toString(toUnixTimestamp64Milli(last_problem_at)),
        ',"openedAt":', ifNull(toString(toUnixTimestamp64Milli(opened_at)), 'null'),
        ',"acknowledgedAt":', ifNull(toString(toUnixTimestamp64Milli(acknowledged_at)), 'null'),
        ',"acknowledgedBy":', ifNull(toJSONString(acknowledged_by), 'null'),
        ',"recoveredAt":', ifNull(toString(toUnixTimestamp64Milli(recovered_at)), 'null'),
        ',"resolvedAt":', ifNull(toString(toUnixTimestamp64Milli(resolved_at)), 'null'),
        ',"closedAt":', ifNull(toString(toUnixTimestamp64Milli(closed_at)), 'null'),
        ',"problemCount":', toString(problem_count),
        ',"reopenCount":', toString(reopen_count),
        ',"ruleId":', toJSONString(rule_id),
        ',"ruleVersion":', toString(rule_version),
        ',"updatedAt":', toString(toUnixTimestamp64Milli(updated_at)), '}'
    )) AS state
)
FROM transition_log FINAL
WHERE (incident_id, topic_epoch) IN
(
    SELECT incident_id, max(topic_epoch) FROM transition_log GROUP BY incident_id
);

-- As before, but from the rows themselves: the JSON is made of the last state of an incident and not of every one.
CREATE OR REPLACE VIEW incidents AS
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
    if(last.21 != '', last.21, concat
    (
        '{"incidentId":', toJSONString(incident_id),
        ',"correlationKey":', toJSONString(last.1),
        ',"service":', toJSONString(last.2),
        ',"component":', toJSONString(last.3),
        ',"fingerprint":', ifNull(toJSONString(last.4), 'null'),
        ',"status":', toJSONString(last.5),
        ',"severity":', toJSONString(last.6),
        ',"summary":', toJSONString(last.7),
        ',"version":', toString(last_version),
        ',"firstProblemAt":', toString(toUnixTimestamp64Milli(last.8)),
        ',"lastProblemAt":', toString(toUnixTimestamp64Milli(last.9)),
        ',"openedAt":', ifNull(toString(toUnixTimestamp64Milli(last.10)), 'null'),
        ',"acknowledgedAt":', ifNull(toString(toUnixTimestamp64Milli(last.11)), 'null'),
        ',"acknowledgedBy":', ifNull(toJSONString(last.12), 'null'),
        ',"recoveredAt":', ifNull(toString(toUnixTimestamp64Milli(last.20)), 'null'),
        ',"resolvedAt":', ifNull(toString(toUnixTimestamp64Milli(last.13)), 'null'),
        ',"closedAt":', ifNull(toString(toUnixTimestamp64Milli(last.14)), 'null'),
        ',"problemCount":', toString(last.15),
        ',"reopenCount":', toString(last.16),
        ',"ruleId":', toJSONString(last.17),
        ',"ruleVersion":', toString(last.18),
        ',"updatedAt":', toString(toUnixTimestamp64Milli(last.19)), '}'
    )) AS state
FROM
(
    SELECT
        incident_id,
        argMax
        (
            (
                correlation_key, service, component, fingerprint, to_status, severity, summary, first_problem_at,
                last_problem_at, opened_at, acknowledged_at, acknowledged_by, resolved_at, closed_at, problem_count,
                reopen_count, rule_id, rule_version, updated_at, recovered_at, state
            ),
            (version, topic_offset)
        ) AS last,
        max(version) AS last_version,
        minOrNullIf(at, type = 'ACKNOWLEDGED') AS first_acknowledged_at,
        count() AS transition_count
    FROM transition_log FINAL
    WHERE (incident_id, topic_epoch) IN
    (
        SELECT incident_id, max(topic_epoch) FROM transition_log GROUP BY incident_id
    )
    GROUP BY incident_id
);
