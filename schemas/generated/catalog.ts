// Made by `npm run schemas` from schemas/*.avsc. Change those files, not this one.
import type { AvroSchema } from '../avro-schema.ts';
import type { EventVerdict } from './EventVerdict.ts';
import type { IncidentEvent } from './IncidentEvent.ts';
import type { IncidentState } from './IncidentState.ts';
import type { IncidentTransition } from './IncidentTransition.ts';
import type { OperatorCommand } from './OperatorCommand.ts';
import type { Tick } from './Tick.ts';
import type { WindowAggregate } from './WindowAggregate.ts';

/** The TypeScript type of the values of each schema. */
export interface SchemaTypes {
  readonly EventVerdict: EventVerdict;
  readonly IncidentEvent: IncidentEvent;
  readonly IncidentState: IncidentState;
  readonly IncidentTransition: IncidentTransition;
  readonly OperatorCommand: OperatorCommand;
  readonly Tick: Tick;
  readonly WindowAggregate: WindowAggregate;
}

export type SchemaName = keyof SchemaTypes;

/** Each schema with all that it refers to written out within. */
export const SCHEMAS: Readonly<Record<SchemaName, AvroSchema>> = {
  EventVerdict: {
    "type": "record",
    "name": "EventVerdict",
    "namespace": "incident.v1",
    "doc": "What the gate decided about one event of the inbox. Every event that can be read has exactly one.",
    "fields": [
      {
        "name": "outcome",
        "doc": "Where the event is counted in the ledger.",
        "type": {
          "type": "enum",
          "name": "Outcome",
          "namespace": "incident.v1",
          "doc": "APPLIED: it took effect. DUPLICATE: an event of that source and id was seen before. LATE: older than the longest grace. REJECTED: against the contract; it is in the dead letters as well. A reader that meets an outcome it does not know takes it for REJECTED.",
          "symbols": [
            "APPLIED",
            "DUPLICATE",
            "LATE",
            "REJECTED"
          ],
          "default": "REJECTED"
        }
      },
      {
        "name": "reason",
        "doc": "Why it did not take effect, as a sentence for people. Null where it did.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "receivedAt",
        "doc": "When the event arrived, by the clock of whoever wrote it to the inbox. Null where nobody noted it.",
        "type": [
          "null",
          {
            "type": "long",
            "logicalType": "timestamp-millis"
          }
        ],
        "default": null
      },
      {
        "name": "inboxPartition",
        "doc": "Partition of the inbox that the event lies in.",
        "type": "int"
      },
      {
        "name": "inboxOffset",
        "doc": "Its offset there.",
        "type": "long"
      },
      {
        "name": "event",
        "doc": "The event.",
        "type": {
          "type": "record",
          "name": "IncidentEvent",
          "namespace": "incident.v1",
          "doc": "What an upstream system reports: a problem, a measurement or a recovery. Its attributes follow CloudEvents 1.0: source and id together name the event.",
          "fields": [
            {
              "name": "id",
              "doc": "Names the event within its source. The same source and id again is the same event again.",
              "type": "string"
            },
            {
              "name": "source",
              "doc": "The system that reports, as a URI reference. Ids are unique within it.",
              "type": "string"
            },
            {
              "name": "type",
              "doc": "What kind of occurrence this is in the source's own words, such as com.example.probe.failed.",
              "type": "string"
            },
            {
              "name": "time",
              "doc": "When it happened, by the source's clock (event time).",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "service",
              "doc": "The service that it concerns. Must not be empty or contain a slash: it is part of the correlation key.",
              "type": "string"
            },
            {
              "name": "component",
              "doc": "The part of the service that it concerns. Must not be empty or contain a slash: it is part of the correlation key.",
              "type": "string"
            },
            {
              "name": "fingerprint",
              "doc": "Tells problems of one component apart (the hash of a stack trace, say). Null where the component is all that is known.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "kind",
              "doc": "Whether this is a problem, a measurement or a recovery.",
              "type": {
                "type": "enum",
                "name": "EventKind",
                "namespace": "incident.v1",
                "doc": "What an event says. PROBLEM: something is wrong. RECOVERY: it is over. SAMPLE: a raw measurement, which is a problem only where a rule's threshold on its window says so. A reader that meets a kind it does not know takes it for SAMPLE, which by itself neither opens nor resolves anything.",
                "symbols": [
                  "PROBLEM",
                  "SAMPLE",
                  "RECOVERY"
                ],
                "default": "SAMPLE"
              }
            },
            {
              "name": "severity",
              "doc": "How bad it is. Of no meaning for a recovery.",
              "type": {
                "type": "enum",
                "name": "Severity",
                "namespace": "incident.v1",
                "doc": "How bad a problem is, from least to worst. A reader that meets a severity it does not know takes it for MAJOR, so that nothing bad is overlooked.",
                "symbols": [
                  "INFO",
                  "MINOR",
                  "MAJOR",
                  "CRITICAL"
                ],
                "default": "MAJOR"
              }
            },
            {
              "name": "summary",
              "doc": "One sentence for people.",
              "type": "string"
            },
            {
              "name": "value",
              "doc": "The measured value, in the source's unit. A sample must carry one. Null where nothing was measured.",
              "type": [
                "null",
                "double"
              ],
              "default": null
            },
            {
              "name": "attributes",
              "doc": "Whatever else the source tells. Carried along, never interpreted.",
              "type": {
                "type": "map",
                "values": "string"
              },
              "default": {}
            }
          ]
        }
      }
    ]
  },
  IncidentEvent: {
    "type": "record",
    "name": "IncidentEvent",
    "namespace": "incident.v1",
    "doc": "What an upstream system reports: a problem, a measurement or a recovery. Its attributes follow CloudEvents 1.0: source and id together name the event.",
    "fields": [
      {
        "name": "id",
        "doc": "Names the event within its source. The same source and id again is the same event again.",
        "type": "string"
      },
      {
        "name": "source",
        "doc": "The system that reports, as a URI reference. Ids are unique within it.",
        "type": "string"
      },
      {
        "name": "type",
        "doc": "What kind of occurrence this is in the source's own words, such as com.example.probe.failed.",
        "type": "string"
      },
      {
        "name": "time",
        "doc": "When it happened, by the source's clock (event time).",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "service",
        "doc": "The service that it concerns. Must not be empty or contain a slash: it is part of the correlation key.",
        "type": "string"
      },
      {
        "name": "component",
        "doc": "The part of the service that it concerns. Must not be empty or contain a slash: it is part of the correlation key.",
        "type": "string"
      },
      {
        "name": "fingerprint",
        "doc": "Tells problems of one component apart (the hash of a stack trace, say). Null where the component is all that is known.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "kind",
        "doc": "Whether this is a problem, a measurement or a recovery.",
        "type": {
          "type": "enum",
          "name": "EventKind",
          "namespace": "incident.v1",
          "doc": "What an event says. PROBLEM: something is wrong. RECOVERY: it is over. SAMPLE: a raw measurement, which is a problem only where a rule's threshold on its window says so. A reader that meets a kind it does not know takes it for SAMPLE, which by itself neither opens nor resolves anything.",
          "symbols": [
            "PROBLEM",
            "SAMPLE",
            "RECOVERY"
          ],
          "default": "SAMPLE"
        }
      },
      {
        "name": "severity",
        "doc": "How bad it is. Of no meaning for a recovery.",
        "type": {
          "type": "enum",
          "name": "Severity",
          "namespace": "incident.v1",
          "doc": "How bad a problem is, from least to worst. A reader that meets a severity it does not know takes it for MAJOR, so that nothing bad is overlooked.",
          "symbols": [
            "INFO",
            "MINOR",
            "MAJOR",
            "CRITICAL"
          ],
          "default": "MAJOR"
        }
      },
      {
        "name": "summary",
        "doc": "One sentence for people.",
        "type": "string"
      },
      {
        "name": "value",
        "doc": "The measured value, in the source's unit. A sample must carry one. Null where nothing was measured.",
        "type": [
          "null",
          "double"
        ],
        "default": null
      },
      {
        "name": "attributes",
        "doc": "Whatever else the source tells. Carried along, never interpreted.",
        "type": {
          "type": "map",
          "values": "string"
        },
        "default": {}
      }
    ]
  },
  IncidentState: {
    "type": "record",
    "name": "IncidentState",
    "namespace": "incident.v1",
    "doc": "How an incident stands now. In the state topic under its correlation key; a tombstone there once the incident has been closed.",
    "fields": [
      {
        "name": "incidentId",
        "doc": "Names the incident: a hash of its correlation key and of the source and id of the event that it began with, so that a replay finds the same id.",
        "type": "string"
      },
      {
        "name": "correlationKey",
        "doc": "What belongs together: service/component, or service/component/fingerprint. Everything about one key is kept in one partition, in order.",
        "type": "string"
      },
      {
        "name": "service",
        "doc": "The service that it concerns.",
        "type": "string"
      },
      {
        "name": "component",
        "doc": "The component that it concerns.",
        "type": "string"
      },
      {
        "name": "fingerprint",
        "doc": "The events' fingerprint, where they carry one.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "status",
        "doc": "Where it stands.",
        "type": {
          "type": "enum",
          "name": "IncidentStatus",
          "namespace": "incident.v1",
          "doc": "Where an incident stands. PENDING: noticed, below the threshold that makes it an incident. OPEN: wrong, and nobody has taken it. ACKNOWLEDGED: wrong, and somebody has. RESOLVED: over, may come back. CLOSED: over for good. A reader that meets a status it does not know takes it for OPEN, so that nothing is overlooked.",
          "symbols": [
            "PENDING",
            "OPEN",
            "ACKNOWLEDGED",
            "RESOLVED",
            "CLOSED"
          ],
          "default": "OPEN"
        }
      },
      {
        "name": "severity",
        "doc": "The worst severity that it has had since it began.",
        "type": {
          "type": "enum",
          "name": "Severity",
          "namespace": "incident.v1",
          "doc": "How bad a problem is, from least to worst. A reader that meets a severity it does not know takes it for MAJOR, so that nothing bad is overlooked.",
          "symbols": [
            "INFO",
            "MINOR",
            "MAJOR",
            "CRITICAL"
          ],
          "default": "MAJOR"
        }
      },
      {
        "name": "summary",
        "doc": "One sentence for people, from the event that made it as bad as it is.",
        "type": "string"
      },
      {
        "name": "version",
        "doc": "1 for the first transition, one more for every further one.",
        "type": "int"
      },
      {
        "name": "firstProblemAt",
        "doc": "Event time of the earliest problem that belongs to it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "lastProblemAt",
        "doc": "Event time of the latest problem, or of the latest event of a breaching window, that belongs to it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "openedAt",
        "doc": "When it was first opened. Null while it is pending.",
        "type": [
          "null",
          {
            "type": "long",
            "logicalType": "timestamp-millis"
          }
        ],
        "default": null
      },
      {
        "name": "acknowledgedAt",
        "doc": "Since when it is acknowledged. Null where it is not.",
        "type": [
          "null",
          {
            "type": "long",
            "logicalType": "timestamp-millis"
          }
        ],
        "default": null
      },
      {
        "name": "acknowledgedBy",
        "doc": "Who acknowledged it. Null where it is not acknowledged.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "recoveredAt",
        "doc": "Since when it has been recovered, while it waits whether that holds. Null while it is not recovered.",
        "type": [
          "null",
          {
            "type": "long",
            "logicalType": "timestamp-millis"
          }
        ],
        "default": null
      },
      {
        "name": "resolvedAt",
        "doc": "When it was resolved. Null until then and after it was reopened.",
        "type": [
          "null",
          {
            "type": "long",
            "logicalType": "timestamp-millis"
          }
        ],
        "default": null
      },
      {
        "name": "closedAt",
        "doc": "When it was closed. Null until then.",
        "type": [
          "null",
          {
            "type": "long",
            "logicalType": "timestamp-millis"
          }
        ],
        "default": null
      },
      {
        "name": "problemCount",
        "doc": "Problem events that belong to it.",
        "type": "long"
      },
      {
        "name": "reopenCount",
        "doc": "How often it came back after it had been resolved.",
        "type": "int",
        "default": 0
      },
      {
        "name": "ruleId",
        "doc": "The rule that last decided about it.",
        "type": "string"
      },
      {
        "name": "ruleVersion",
        "doc": "The version of that rule.",
        "type": "int"
      },
      {
        "name": "updatedAt",
        "doc": "When its latest transition took effect, in stream time.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
  IncidentTransition: {
    "type": "record",
    "name": "IncidentTransition",
    "namespace": "incident.v1",
    "doc": "One change of one incident, with the whole state after it. The incident's history is the list of them.",
    "fields": [
      {
        "name": "incidentId",
        "doc": "The incident that changed.",
        "type": "string"
      },
      {
        "name": "correlationKey",
        "doc": "What belongs together: service/component, or service/component/fingerprint. Everything about one key is kept in one partition, in order.",
        "type": "string"
      },
      {
        "name": "version",
        "doc": "1 for the first transition of the incident, one more for every further one.",
        "type": "int"
      },
      {
        "name": "type",
        "doc": "What changed.",
        "type": {
          "type": "enum",
          "name": "TransitionType",
          "namespace": "incident.v1",
          "doc": "What a transition changed. DETECTED: noticed for the first time. OPENED: became an incident. ESCALATED: became worse. ACKNOWLEDGED: somebody took it. ACK_EXPIRED: the acknowledgement was not followed by a resolution in time. COMMENTED: somebody remarked on it. UPDATED: its counts changed in a window that has closed. RECOVERED: said to be over, waiting whether that holds. RESOLVED: over. REOPENED: came back. TRANSIENT: noticed, and over before it became an incident. CLOSED: over for good. A reader that meets a type it does not know takes it for UPDATED and goes by the state.",
          "symbols": [
            "DETECTED",
            "OPENED",
            "ESCALATED",
            "ACKNOWLEDGED",
            "ACK_EXPIRED",
            "COMMENTED",
            "UPDATED",
            "RECOVERED",
            "RESOLVED",
            "REOPENED",
            "TRANSIENT",
            "CLOSED"
          ],
          "default": "UPDATED"
        }
      },
      {
        "name": "from",
        "doc": "The status before. Null where there was no incident before.",
        "type": [
          "null",
          {
            "type": "enum",
            "name": "IncidentStatus",
            "namespace": "incident.v1",
            "doc": "Where an incident stands. PENDING: noticed, below the threshold that makes it an incident. OPEN: wrong, and nobody has taken it. ACKNOWLEDGED: wrong, and somebody has. RESOLVED: over, may come back. CLOSED: over for good. A reader that meets a status it does not know takes it for OPEN, so that nothing is overlooked.",
            "symbols": [
              "PENDING",
              "OPEN",
              "ACKNOWLEDGED",
              "RESOLVED",
              "CLOSED"
            ],
            "default": "OPEN"
          }
        ],
        "default": null
      },
      {
        "name": "to",
        "doc": "The status after.",
        "type": "incident.v1.IncidentStatus"
      },
      {
        "name": "at",
        "doc": "When it took effect, in stream time: for what a timer brought about, when that was due.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "reason",
        "doc": "Why, as a sentence for people.",
        "type": "string"
      },
      {
        "name": "ruleId",
        "doc": "The rule that decided.",
        "type": "string"
      },
      {
        "name": "ruleVersion",
        "doc": "The version of that rule.",
        "type": "int"
      },
      {
        "name": "actor",
        "doc": "Who brought it about: 'system', or the operator.",
        "type": "string"
      },
      {
        "name": "comment",
        "doc": "What the operator said. Null where nobody said anything.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "cause",
        "doc": "The record that made it happen.",
        "type": {
          "type": "record",
          "name": "Cause",
          "namespace": "incident.v1",
          "doc": "The inbox record that made a transition happen: the event, command or tick in whose processing it was decided.",
          "fields": [
            {
              "name": "topic",
              "doc": "Topic of the record.",
              "type": "string"
            },
            {
              "name": "partition",
              "doc": "Partition of the record.",
              "type": "int"
            },
            {
              "name": "offset",
              "doc": "Offset of the record.",
              "type": "long"
            },
            {
              "name": "eventSource",
              "doc": "Source of the event, where the record holds one.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "eventId",
              "doc": "Id of the event or command, where the record holds one.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "state",
        "doc": "The whole state after the change.",
        "type": {
          "type": "record",
          "name": "IncidentState",
          "namespace": "incident.v1",
          "doc": "How an incident stands now. In the state topic under its correlation key; a tombstone there once the incident has been closed.",
          "fields": [
            {
              "name": "incidentId",
              "doc": "Names the incident: a hash of its correlation key and of the source and id of the event that it began with, so that a replay finds the same id.",
              "type": "string"
            },
            {
              "name": "correlationKey",
              "doc": "What belongs together: service/component, or service/component/fingerprint. Everything about one key is kept in one partition, in order.",
              "type": "string"
            },
            {
              "name": "service",
              "doc": "The service that it concerns.",
              "type": "string"
            },
            {
              "name": "component",
              "doc": "The component that it concerns.",
              "type": "string"
            },
            {
              "name": "fingerprint",
              "doc": "The events' fingerprint, where they carry one.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "status",
              "doc": "Where it stands.",
              "type": "incident.v1.IncidentStatus"
            },
            {
              "name": "severity",
              "doc": "The worst severity that it has had since it began.",
              "type": {
                "type": "enum",
                "name": "Severity",
                "namespace": "incident.v1",
                "doc": "How bad a problem is, from least to worst. A reader that meets a severity it does not know takes it for MAJOR, so that nothing bad is overlooked.",
                "symbols": [
                  "INFO",
                  "MINOR",
                  "MAJOR",
                  "CRITICAL"
                ],
                "default": "MAJOR"
              }
            },
            {
              "name": "summary",
              "doc": "One sentence for people, from the event that made it as bad as it is.",
              "type": "string"
            },
            {
              "name": "version",
              "doc": "1 for the first transition, one more for every further one.",
              "type": "int"
            },
            {
              "name": "firstProblemAt",
              "doc": "Event time of the earliest problem that belongs to it.",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "lastProblemAt",
              "doc": "Event time of the latest problem, or of the latest event of a breaching window, that belongs to it.",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            },
            {
              "name": "openedAt",
              "doc": "When it was first opened. Null while it is pending.",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "acknowledgedAt",
              "doc": "Since when it is acknowledged. Null where it is not.",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "acknowledgedBy",
              "doc": "Who acknowledged it. Null where it is not acknowledged.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "recoveredAt",
              "doc": "Since when it has been recovered, while it waits whether that holds. Null while it is not recovered.",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "resolvedAt",
              "doc": "When it was resolved. Null until then and after it was reopened.",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "closedAt",
              "doc": "When it was closed. Null until then.",
              "type": [
                "null",
                {
                  "type": "long",
                  "logicalType": "timestamp-millis"
                }
              ],
              "default": null
            },
            {
              "name": "problemCount",
              "doc": "Problem events that belong to it.",
              "type": "long"
            },
            {
              "name": "reopenCount",
              "doc": "How often it came back after it had been resolved.",
              "type": "int",
              "default": 0
            },
            {
              "name": "ruleId",
              "doc": "The rule that last decided about it.",
              "type": "string"
            },
            {
              "name": "ruleVersion",
              "doc": "The version of that rule.",
              "type": "int"
            },
            {
              "name": "updatedAt",
              "doc": "When its latest transition took effect, in stream time.",
              "type": {
                "type": "long",
                "logicalType": "timestamp-millis"
              }
            }
          ]
        }
      }
    ]
  },
  OperatorCommand: {
    "type": "record",
    "name": "OperatorCommand",
    "namespace": "incident.v1",
    "doc": "What an operator asks for. It takes effect when it is read from the inbox, in order with the events of the same correlation key.",
    "fields": [
      {
        "name": "id",
        "doc": "Names the command. The same id again is the same command again.",
        "type": "string"
      },
      {
        "name": "time",
        "doc": "When the operator gave it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "incidentId",
        "doc": "The incident that it acts on.",
        "type": "string"
      },
      {
        "name": "correlationKey",
        "doc": "What belongs together: service/component, or service/component/fingerprint. Everything about one key is kept in one partition, in order.",
        "type": "string"
      },
      {
        "name": "action",
        "doc": "What to do.",
        "type": {
          "type": "enum",
          "name": "OperatorAction",
          "namespace": "incident.v1",
          "doc": "What an operator can do to an incident. A reader that meets an action it does not know takes it for COMMENT, which changes no status.",
          "symbols": [
            "ACKNOWLEDGE",
            "RESOLVE",
            "COMMENT"
          ],
          "default": "COMMENT"
        }
      },
      {
        "name": "actor",
        "doc": "Who asks for it, as people would recognise them.",
        "type": "string"
      },
      {
        "name": "comment",
        "doc": "What the operator has to say. COMMENT needs it; the others may carry it.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      }
    ]
  },
  Tick: {
    "type": "record",
    "name": "Tick",
    "namespace": "incident.v1",
    "doc": "Moves the stream time of one inbox partition on while no events arrive. What only a wall clock can decide takes effect where its tick is read, so that a replay decides the same.",
    "fields": [
      {
        "name": "id",
        "doc": "Names the tick. The same id again is the same tick again.",
        "type": "string"
      },
      {
        "name": "time",
        "doc": "The stream time that the partition has reached at least.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "reason",
        "doc": "Why the tick was written, for people.",
        "type": "string"
      }
    ]
  },
  WindowAggregate: {
    "type": "record",
    "name": "WindowAggregate",
    "namespace": "incident.v1",
    "doc": "What one correlation key reported within one window of event time. Published once, when the window has closed.",
    "fields": [
      {
        "name": "correlationKey",
        "doc": "What belongs together: service/component, or service/component/fingerprint. Everything about one key is kept in one partition, in order.",
        "type": "string"
      },
      {
        "name": "service",
        "doc": "The service, as the events named it.",
        "type": "string"
      },
      {
        "name": "component",
        "doc": "The component, as the events named it.",
        "type": "string"
      },
      {
        "name": "windowStart",
        "doc": "Start of the window, inclusive.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "windowEnd",
        "doc": "End of the window, exclusive.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "count",
        "doc": "Events of every kind within the window.",
        "type": "long"
      },
      {
        "name": "problems",
        "doc": "Events of kind PROBLEM.",
        "type": "long"
      },
      {
        "name": "samples",
        "doc": "Events of kind SAMPLE.",
        "type": "long"
      },
      {
        "name": "recoveries",
        "doc": "Events of kind RECOVERY.",
        "type": "long"
      },
      {
        "name": "valueSum",
        "doc": "Sum of the values of the samples. Divided by their number it is their mean.",
        "type": "double",
        "default": 0
      },
      {
        "name": "valueMin",
        "doc": "Least value of the samples. Null where there was none.",
        "type": [
          "null",
          "double"
        ],
        "default": null
      },
      {
        "name": "valueMax",
        "doc": "Greatest value of the samples. Null where there was none.",
        "type": [
          "null",
          "double"
        ],
        "default": null
      },
      {
        "name": "highestSeverity",
        "doc": "The worst severity among the problems. Null where there was none.",
        "type": [
          "null",
          {
            "type": "enum",
            "name": "Severity",
            "namespace": "incident.v1",
            "doc": "How bad a problem is, from least to worst. A reader that meets a severity it does not know takes it for MAJOR, so that nothing bad is overlooked.",
            "symbols": [
              "INFO",
              "MINOR",
              "MAJOR",
              "CRITICAL"
            ],
            "default": "MAJOR"
          }
        ],
        "default": null
      },
      {
        "name": "firstEventTime",
        "doc": "Time of the earliest event within the window.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "lastEventTime",
        "doc": "Time of the latest event within the window.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
