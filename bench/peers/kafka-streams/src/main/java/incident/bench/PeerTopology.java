package incident.bench;

import incident.v1.IncidentEvent;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/** De-duplication within ten minutes, then count and sum in windows of one minute, by key. */
final class PeerTopology {
  private static final Duration DEDUPE_WITHIN = Duration.ofMinutes(10);
  private static final Duration WINDOW_SIZE = Duration.ofMinutes(1);
  private static final Duration WINDOW_GRACE = Duration.ofSeconds(30);

  private PeerTopology() {}

  static Topology build(PeerArguments arguments, Runnable onRecord) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(Stores.keyValueStoreBuilder(dedupeStore(arguments), Serdes.String(), Serdes.Long()));
    builder.stream(arguments.input(), Consumed.with(Serdes.String(), eventSerde()))
        .processValues(() -> new Dedupe(DEDUPE_WITHIN, onRecord), Dedupe.STORE)
        .groupByKey(Grouped.with(Serdes.String(), eventSerde()))
        .windowedBy(TimeWindows.ofSizeAndGrace(WINDOW_SIZE, WINDOW_GRACE))
        .aggregate(
            () -> CountAndSum.ZERO,
            (key, event, total) -> total.plus(event.getValue()),
            Materialized.<String, CountAndSum, WindowStore<Bytes, byte[]>>as(windowStores(arguments))
                .withKeySerde(Serdes.String())
                .withValueSerde(CountAndSum.SERDE))
        .toStream()
        .map((window, total) -> KeyValue.pair(window.key() + "@" + window.window().start(), total))
        .to(arguments.output(), Produced.with(Serdes.String(), CountAndSum.SERDE));
    return builder.build();
  }

  private static KeyValueBytesStoreSupplier dedupeStore(PeerArguments arguments) {
    return arguments.inMemory()
        ? Stores.inMemoryKeyValueStore(Dedupe.STORE)
        : Stores.persistentKeyValueStore(Dedupe.STORE);
  }

  private static DslStoreSuppliers windowStores(PeerArguments arguments) {
    return arguments.inMemory()
        ? new BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers()
        : new BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers();
  }

  private static Serde<IncidentEvent> eventSerde() {
    Serializer<IncidentEvent> never = (topic, event) -> {
      throw new UnsupportedOperationException("events are only read");
    };
    return Serdes.serdeFrom(never, new EventDeserializer());
  }
}
