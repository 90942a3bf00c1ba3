-- Views for the questions that are asked again and again. docs/analytics.md shows each of them at work.

-- How fast each service is dealt with. An incident counts in the month in which it was first opened, and lasts until it
-- was resolved for the last time.
CREATE OR REPLACE VIEW response_times AS
SELECT
    service,
    severity,
    toStartOfMonth(assumeNotNull(opened_at)) AS month,
    count() AS incidents,
    countIf(time_to_acknowledge_ms IS NOT NULL) AS acknowledged,
    countIf(time_to_resolve_ms IS NOT NULL) AS resolved,
    avgOrNull(time_to_detect_ms) / 60000 AS mean_minutes_to_detect,
    avgOrNull(time_to_acknowledge_ms) / 60000 AS mean_minutes_to_acknowledge,
    avgOrNull(time_to_resolve_ms) / 60000 AS mean_minutes_to_resolve,
    quantileExactOrNull(0.5)(time_to_resolve_ms) / 60000 AS median_minutes_to_resolve,
    quantileExactOrNull(0.9)(time_to_resolve_ms) / 60000 AS p90_minutes_to_resolve
FROM incidents
WHERE opened_at IS NOT NULL
GROUP BY service, severity, month;

-- How much each service says, and how much of it mattered.
CREATE OR REPLACE VIEW service_noise AS
SELECT
    service,
    sum(events) AS events,
    sum(duplicates) AS duplicates,
    sum(late) AS late,
    sum(rejected) AS rejected,
    sum(applied) AS applied,
    sum(incidents) AS incidents,
    sum(transients) AS transients,
    sum(reopenings) AS reopenings,
    applied / nullIf(incidents, 0) AS events_per_incident
FROM
(
    SELECT
        service,
        count() AS events,
        countIf(outcome = 'duplicate') AS duplicates,
        countIf(outcome = 'late') AS late,
        countIf(outcome = 'rejected') AS rejected,
        countIf(outcome = 'applied') AS applied,
        0 AS incidents, 0 AS transients, 0 AS reopenings
    FROM events
    GROUP BY service
    UNION ALL
    SELECT
        service,
        0, 0, 0, 0, 0,
        countIf(type = 'OPENED'), countIf(type = 'TRANSIENT'), countIf(type = 'REOPENED')
    FROM transitions
    GROUP BY service
)
GROUP BY service;

-- What comes back: each thing that had more than one incident, or one that was reopened.
CREATE OR REPLACE VIEW recurrences AS
SELECT
    correlation_key,
    any(service) AS service,
    any(component) AS component,
    count() AS incidents,
    sum(reopen_count) AS reopenings,
    min(assumeNotNull(opened_at)) AS first_opened_at,
    max(assumeNotNull(opened_at)) AS last_opened_at,
    if(incidents = 1, NULL,
        date_diff('millisecond', first_opened_at, last_opened_at) / 86400000 / (incidents - 1)) AS mean_days_between,
    sum(time_to_resolve_ms) / 3600000 AS hours_open
FROM incidents
WHERE opened_at IS NOT NULL
GROUP BY correlation_key
HAVING incidents > 1 OR reopenings > 0;

-- Incidents that come in a crowd: three or more, each opened within ten minutes of the one before.
CREATE OR REPLACE VIEW storms AS
SELECT
    min(opened_at) AS began_at,
    max(opened_at) AS last_opened_at,
    count() AS incidents,
    arraySort(groupUniqArray(service)) AS services,
    arraySort(groupUniqArray(correlation_key)) AS correlation_keys,
    countIf(severity = 'CRITICAL') AS critical
FROM
(
    SELECT *, sum(begins_storm) OVER (ORDER BY opened_at, incident_id) AS storm
    FROM
    (
        SELECT
            incident_id, correlation_key, service, severity,
            assumeNotNull(incidents.opened_at) AS opened_at,
            lagInFrame(opened_at, 1, toDateTime64(0, 3, 'UTC')) OVER
            (
                ORDER BY opened_at, incident_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS previous_at,
            date_diff('millisecond', previous_at, opened_at) > 600000 AS begins_storm
        FROM incidents
        WHERE incidents.opened_at IS NOT NULL
    )
)
GROUP BY storm
HAVING incidents >= 3;

-- When things break: openings and reopenings by weekday (1 is Monday) and hour, in UTC.
CREATE OR REPLACE VIEW hourly_heat AS
SELECT
    toDayOfWeek(at) AS weekday,
    toHour(at) AS hour,
    count() AS openings,
    countIf(severity IN ('CRITICAL', 'MAJOR')) AS severe_openings
FROM transitions
WHERE type IN ('OPENED', 'REOPENED')
GROUP BY weekday, hour;

-- What a week was like, service by service. A week begins on Monday, in UTC.
CREATE OR REPLACE VIEW weekly_report AS
SELECT
    week,
    service,
    sum(opened) AS opened,
    sum(reopened) AS reopened,
    sum(escalated) AS escalated,
    sum(resolved) AS resolved,
    sum(problems) AS problems,
    sum(minutes_to_resolve) / nullIf(sum(resolved_of_opened), 0) AS mean_minutes_to_resolve
FROM
(
    SELECT
        toMonday(at) AS week, service,
        countIf(type = 'OPENED') AS opened,
        countIf(type = 'REOPENED') AS reopened,
        countIf(type = 'ESCALATED') AS escalated,
        countIf(type = 'RESOLVED') AS resolved,
        0 AS problems, 0. AS minutes_to_resolve, 0 AS resolved_of_opened
    FROM transitions
    GROUP BY week, service
    UNION ALL
    SELECT toMonday(time), service, 0, 0, 0, 0, count(), 0., 0
    FROM events
    WHERE outcome = 'applied' AND kind = 'PROBLEM'
    GROUP BY 1, service
    UNION ALL
    SELECT
        toMonday(assumeNotNull(opened_at)), service, 0, 0, 0, 0, 0,
        sum(assumeNotNull(time_to_resolve_ms)) / 60000, count()
    FROM incidents
    WHERE opened_at IS NOT NULL AND time_to_resolve_ms IS NOT NULL
    GROUP BY 1, service
)
GROUP BY week, service;
