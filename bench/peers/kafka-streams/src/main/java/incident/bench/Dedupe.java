package incident.bench;

import incident.v1.IncidentEvent;
import java.time.Duration;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Passes on the first sighting of each source and id. An id is remembered with the time it was seen; once per
 * {@code within} of stream time the store is swept, so that each entry is visited about once in its life.
 */
final class Dedupe implements FixedKeyProcessor<String, IncidentEvent, IncidentEvent> {
  static final String STORE = "seen";

  private final long withinMs;
  private final Runnable onRecord;
  private FixedKeyProcessorContext<String, IncidentEvent> context;
  private KeyValueStore<String, Long> seen;

  Dedupe(Duration within, Runnable onRecord) {
    this.withinMs = within.toMillis();
    this.onRecord = onRecord;
  }

  @Override
  public void init(FixedKeyProcessorContext<String, IncidentEvent> context) {
    this.context = context;
    this.seen = context.getStateStore(STORE);
    context.schedule(Duration.ofMillis(withinMs), PunctuationType.STREAM_TIME, this::sweep);
  }

  @Override
  public void process(FixedKeyRecord<String, IncidentEvent> record) {
    onRecord.run();
    IncidentEvent event = record.value();
    String id = event.getSource() + " " + event.getId();
    Long seenAtMs = seen.get(id);
    if (seenAtMs != null && Math.abs(record.timestamp() - seenAtMs) <= withinMs) return;
    seen.put(id, record.timestamp());
    context.forward(record);
  }

  private void sweep(long streamTimeMs) {
    try (KeyValueIterator<String, Long> entries = seen.all()) {
      while (entries.hasNext()) {
        KeyValue<String, Long> entry = entries.next();
        if (entry.value < streamTimeMs - withinMs) seen.delete(entry.key);
      }
    }
  }
}
