package incident.bench;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * Runs the topology until standard input ends. Says on standard output, one JSON object a line, when it has joined,
 * when the first record was processed, and at the end how often it committed.
 */
public final class Peer {
  private static final String THREAD_METRICS = "stream-thread-metrics";

  private Peer() {}

  public static void main(String[] args) throws IOException {
    PeerArguments arguments = PeerArguments.parse(args);
    AtomicBoolean started = new AtomicBoolean();
    Runnable onRecord = () -> {
      if (!started.getPlain() && started.compareAndSet(false, true)) sayWhen("first-record");
    };
    KafkaStreams streams = new KafkaStreams(PeerTopology.build(arguments, onRecord), settings(arguments));
    streams.setStateListener((now, before) -> {
      if (now == KafkaStreams.State.RUNNING) sayWhen("joined");
    });
    streams.setUncaughtExceptionHandler(failure -> {
      failure.printStackTrace();
      Runtime.getRuntime().halt(1);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.start();
    while (System.in.read() >= 0) {
      // Whatever comes is ignored: the end is what counts.
    }
    sayCommits(streams.metrics());
    streams.close();
  }

  private static Properties settings(PeerArguments arguments) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments.applicationId());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments.brokers());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments.stateDirectory());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments.threads());
    return settings;
  }

  private static void sayWhen(String what) {
    System.out.println("{\"type\":\"" + what + "\",\"atMs\":" + System.currentTimeMillis() + "}");
  }

  private static void sayCommits(Map<MetricName, ? extends Metric> metrics) {
    double commits = 0;
    double latencySumMs = 0;
    for (Map.Entry<MetricName, ? extends Metric> total : metrics.entrySet()) {
      if (!isOf(total.getKey(), "commit-total")) continue;
      double count = (double) total.getValue().metricValue();
      commits += count;
      latencySumMs += count * latencyMs(metrics, total.getKey().tags());
    }
    double meanMs = commits == 0 ? 0 : latencySumMs / commits;
    System.out.printf(Locale.ROOT, "{\"type\":\"commits\",\"commits\":%.0f,\"meanCommitMs\":%.3f}%n", commits, meanMs);
  }

  private static double latencyMs(Map<MetricName, ? extends Metric> metrics, Map<String, String> tags) {
    for (Map.Entry<MetricName, ? extends Metric> entry : metrics.entrySet()) {
      if (isOf(entry.getKey(), "commit-latency-avg") && entry.getKey().tags().equals(tags))
        return (double) entry.getValue().metricValue();
    }
    return 0;
  }

  private static boolean isOf(MetricName name, String metric) {
    return name.group().equals(THREAD_METRICS) && name.name().equals(metric);
  }
}
