import java.nio.file.Files;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Reads a compacted topic into a KTable and prints what it holds in the end: a line for each key, with the value in
 * base64 behind a tab.
 *
 * <p>Usage: ReadTable.java brokers topic application-id
 */
public final class ReadTable {
  private static final long LIMIT_MS = 60_000;

  public static void main(String[] args) throws Exception {
    String brokers = args[0];
    String topic = args[1];
    Properties settings = new Properties();
    settings.put("bootstrap.servers", brokers);
    settings.put("application.id", args[2]);
    settings.put("commit.interval.ms", 100);
    settings.put("state.dir", Files.createTempDirectory("read-table").toString());
    settings.put("main.consumer.isolation.level", "read_committed");
    settings.put("main.consumer.auto.offset.reset", "earliest");

    StreamsBuilder builder = new StreamsBuilder();
    builder.table(
        topic,
        Consumed.with(Serdes.String(), Serdes.ByteArray()),
        Materialized.<String, byte[]>as(Stores.inMemoryKeyValueStore("table")).withCachingDisabled());
    try (KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      streams.start();
      awaitEnd(admin, topic, args[2]);
      ReadOnlyKeyValueStore<String, byte[]> table =
          streams.store(
              StoreQueryParameters.fromNameAndType("table", QueryableStoreTypes.keyValueStore()));
      try (var entries = table.all()) {
        entries.forEachRemaining(
            entry ->
                System.out.println(
                    entry.key + "\t" + Base64.getEncoder().encodeToString(entry.value)));
      }
    }
  }

  /** Waits until the table has taken in every committed record of the topic. */
  private static void awaitEnd(Admin admin, String topic, String group) throws Exception {
    Map<TopicPartition, Long> ends = endsOf(admin, topic);
    long until = System.currentTimeMillis() + LIMIT_MS;
    while (true) {
      Map<TopicPartition, Long> reached = new HashMap<>();
      admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get()
          .forEach((partition, offset) -> reached.put(partition, offset == null ? 0 : offset.offset()));
      boolean complete =
          ends.entrySet().stream()
              .allMatch(end -> reached.getOrDefault(end.getKey(), 0L) >= end.getValue());
      if (complete) return;
      if (System.currentTimeMillis() > until) {
        throw new IllegalStateException("the table is at " + reached + " of " + ends);
      }
      Thread.sleep(100);
    }
  }

  private static Map<TopicPartition, Long> endsOf(Admin admin, String topic) throws Exception {
    var partitions =
        admin.describeTopics(java.util.List.of(topic)).allTopicNames().get().get(topic).partitions();
    var latest =
        partitions.stream()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(topic, partition.partition()),
                    partition -> OffsetSpec.latest()));
    var options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    return admin.listOffsets(latest, options).all().get().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
  }
}
